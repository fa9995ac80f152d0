"""This is where If-Match is read: which version the editor saw."""

import re

from fastapi import Request

from gateway.bodies import header
from services.kit.errors import Invalid, Refused, VersionMismatch, WrongState

_TAG = re.compile(r'^"v(\d{1,18})(?:\.[0-9a-f]+)*"$')


class PreconditionRequired(WrongState):
    """Without If-Match somebody's change would be lost."""


class InvalidParameter(Invalid):
    """A header or query parameter that cannot be read."""


def if_version(request: Request, *, required: bool = False) -> int:
    """The version in If-Match; 0 without one, or for `*`. Refuses with `PreconditionRequired` when it is needed, and with
    `VersionMismatch` for a tag that was never ours."""
    tag = header(request.scope, b"if-match").strip()
    if not tag:
        if required:
            raise PreconditionRequired("send the ETag you read in If-Match")
        return 0
    if tag == "*":
        return 0
    match = _TAG.fullmatch(tag)
    if not match or match[1] == "0":
        raise _mismatch()
    return int(match[1])


def _mismatch() -> Refused:
    return VersionMismatch("the ETag in If-Match is not the current one")
