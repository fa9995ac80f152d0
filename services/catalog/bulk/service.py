"""This is where the taking in of large files is put together."""

from pymongo import IndexModel
from shop.catalog.v1 import bulk_pb2_grpc

from services.catalog.core import Core
from services.catalog.store import keep
from services.kit.service import Answers, Ground, Service
from services.kit.settings import Settings

from .api import BulkImportsApi
from .files import Batch, Files, ImportFile

_GONE_WHEN_DUE = IndexModel([("expires_at", 1)], expireAfterSeconds=0)
BATCHES = [IndexModel([("import_id", 1), ("number", 1)]), _GONE_WHEN_DUE]
FILES = [IndexModel([("job_id", 1)], unique=True), _GONE_WHEN_DUE]


def build(ground: Ground[Settings], core: Core) -> Service:
    """The map."""
    batches = keep(ground, "import_batches", Batch, BATCHES, tells=False)
    files = keep(ground, "import_files", ImportFile, FILES, tells=False)
    door = BulkImportsApi(Files(batches, files, core.imports, core.jobs, core.clock))
    return Service(
        answers=[
            Answers("shop.catalog.v1.BulkImportsService", bulk_pb2_grpc.add_BulkImportsServiceServicer_to_server, door)
        ]
    )
