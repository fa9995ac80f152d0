#!/bin/sh
# mongod wants a key only its owner can read, which a mounted secret cannot be.
set -eu
install -m 400 /run/secrets/mongodb/keyfile /tmp/keyfile
# Only the first member may bring a user of its own into the set; the others must join it empty.
if [ "${HOSTNAME##*-}" != 0 ]; then
  unset MONGO_INITDB_ROOT_USERNAME MONGO_INITDB_ROOT_PASSWORD_FILE
fi
exec docker-entrypoint.sh mongod --replSet shop --keyFile /tmp/keyfile --bind_ip_all --nounixsocket \
  --noscripting --networkMessageCompressors snappy,zstd --wiredTigerCacheSizeGB 1 \
  --setParameter transactionLifetimeLimitSeconds=10
