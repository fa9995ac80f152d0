// Forms the replica set and makes a user for each service; doing it again changes nothing but passwords.
const read = (name) => require("fs").readFileSync(`/run/secrets/mongodb/${name}`, "utf8").trim();
const members = JSON.parse(process.env.MEMBERS).map((host, _id) => ({ _id, host }));

db.getSiblingDB("admin").auth("root", read("root_password"));
try {
  rs.initiate({ _id: "shop", members });
} catch (error) {
  if (error.codeName !== "AlreadyInitialized") throw error;
}
while (!db.hello().isWritablePrimary) {
  if (db.hello().primary && db.hello().primary !== db.hello().me) {
    db = connect(`mongodb://${db.hello().primary}/admin`);
    db.auth("root", read("root_password"));
  }
  sleep(500);
}
for (const service of ["catalog", "orders", "logistics", "crm", "marketing", "metrics"]) {
  const home = db.getSiblingDB(`shop_${service}`);
  const user = { pwd: read(`${service}_password`), roles: ["readWrite", "dbAdmin"] };
  home.getUser(service) ? home.updateUser(service, user) : home.createUser({ user: service, ...user });
}
