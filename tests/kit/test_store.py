"""This is where it is decided which of the database's errors mean that it is away."""

import pytest
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    DuplicateKeyError,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WriteConcernError,
    WTimeoutError,
)

from services.kit.store import is_away

AWAY = [
    AutoReconnect("connection closed"),
    NetworkTimeout("timed out"),
    ServerSelectionTimeoutError("no primary"),
    NotPrimaryError("not primary", {"code": 10107}),
    OperationFailure("interrupted", 11602, {"code": 11602}),
    OperationFailure("too late", 50, {"code": 50}),
    WriteConcernError("stepped down while waiting for the majority", 189, {"code": 189}),
    WTimeoutError("waiting for the majority", 64, {"code": 64}),
    BulkWriteError({"writeErrors": [], "writeConcernErrors": [{"code": 91, "errmsg": "shutting down"}]}),
    BulkWriteError({"writeErrors": [{"code": 11600, "errmsg": "interrupted", "index": 0}], "writeConcernErrors": []}),
]
BUGS = [
    OperationFailure("unknown operator", 2, {"code": 2}),
    DuplicateKeyError("taken", 11000, {"code": 11000}),
    BulkWriteError({"writeErrors": [{"code": 11000, "errmsg": "taken", "index": 0}], "writeConcernErrors": []}),
    ValueError("not the database at all"),
]


@pytest.mark.parametrize("error", AWAY, ids=lambda error: type(error).__name__)
def test_a_database_that_stops_or_steps_down_is_away(error: PyMongoError) -> None:
    assert is_away(error)


@pytest.mark.parametrize("error", BUGS, ids=lambda error: type(error).__name__)
def test_any_other_error_of_it_is_a_bug_of_ours(error: Exception) -> None:
    assert not is_away(error)
