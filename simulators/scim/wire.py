"""The words of SCIM on the wire: its URNs, its JSON, one request and one reply."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import msgspec

Json: TypeAlias = dict[str, Any]

CORE_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
CORE_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE_USER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
LIST_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
MEDIA_TYPE = "application/scim+json"
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})

ScimType: TypeAlias = Literal[
    "invalidFilter",
    "invalidPath",
    "invalidSyntax",
    "invalidValue",
    "mutability",
    "noTarget",
    "tooMany",
    "uniqueness",
]


class ScimError(Exception):
    """Refuse a request with a status, a scimType and a detail that repeats no value of the request."""

    def __init__(self, status: int, detail: str, scim_type: ScimType | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.scim_type = scim_type


@dataclass(frozen=True, slots=True)
class Malformed:
    """Stand for a body that is not JSON, so that rules may still match its request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Hold one request as SCIM sees it; `path` begins after the base URL."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    content_type: str = MEDIA_TYPE
    if_match: str | None = None
    if_none_match: str | None = None

    @property
    def is_write(self) -> bool:
        """Say whether the method may change something."""
        return self.method in WRITES


@dataclass(frozen=True, slots=True)
class Reply:
    """Hold one answer, ready to be sent."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = MEDIA_TYPE


def decode(raw: bytes) -> object:
    """Read a body; an empty one is nothing, a broken one is `Malformed`."""
    if not raw:
        return None
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Malformed()


def reply(status: int, document: object, headers: dict[str, str] | None = None) -> Reply:
    """Encode a document as one SCIM answer."""
    return Reply(status, msgspec.json.encode(document), headers or {})


def error_reply(error: ScimError, headers: dict[str, str] | None = None) -> Reply:
    """Encode a refusal in the error schema of RFC 7644 §3.12, where the status is a string."""
    document: Json = {"schemas": [ERROR], "status": str(error.status), "detail": error.detail}
    if error.scim_type:
        document["scimType"] = error.scim_type
    return reply(error.status, document, headers)
