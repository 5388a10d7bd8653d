"""From bytes to the shapes of `schemas.personio`, or to one clear reason why that cannot be."""

import json
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from adapters.http import Reply
from domain.codes import Code
from domain.errors import FeedBrokenError, StaffettaError, TenantBlockedError
from schemas.personio import Envelope, Refusal

Shape = TypeVar("Shape", bound=Struct)


def read(reply: Reply, decoder: msgspec.json.Decoder[Shape]) -> Shape:
    """Decode an answer with status 200, whatever it turns out to be."""
    if not is_json(reply):
        raise FeedBrokenError(Code.SOURCE_NOT_PERSONIO, f"answered {_kind(reply)} instead of JSON")
    try:
        return decoder.decode(reply.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _repaired(reply, decoder)


def refusal(reply: Reply) -> Refusal | None:
    """Find Personio's own error envelope in an answer, if that is what it is."""
    if not is_json(reply):
        return None
    try:
        envelope = msgspec.json.decode(reply.body, type=Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if envelope.success is not False or envelope.error is None:
        return None
    return envelope.error if isinstance(envelope.error, Refusal) else Refusal(message=envelope.error)


def refused_error(reply: Reply, refused: Refusal) -> StaffettaError:
    """Name what a `success: false` means; it may come with any status, also with 200."""
    if names_missing_right(refused):
        return TenantBlockedError(Code.SOURCE_RIGHT_MISSING, f"refused with HTTP {reply.status}")
    return FeedBrokenError(Code.FEED_BROKEN, f"refused with HTTP {reply.status}, code {code_of(refused)}")


def names_missing_right(refused: Refusal) -> bool:
    """Recognise a right that the credential lacks. Personio: `…forbidden.http.exception`, code 0."""
    return isinstance(refused.message, str) and "forbidden" in refused.message.lower()


def is_json(reply: Reply) -> bool:
    """Trust the content type where there is one; an answer without one is judged by its bytes."""
    kind = _kind(reply)
    return kind in {"", "application/octet-stream"} or kind.endswith(("/json", "+json"))


def _kind(reply: Reply) -> str:
    return reply.headers.get("content-type", "").partition(";")[0].strip().lower()


def _repaired(reply: Reply, decoder: msgspec.json.Decoder[Shape]) -> Shape:
    """Read once more with the patient parser of the standard library.

    msgspec refuses a whole page for one lone surrogate or one number beyond all bounds; here only the
    attribute that holds it suffers.
    """
    try:
        loose = json.loads(reply.body.decode("utf-8-sig", "replace"), strict=False, parse_constant=_no_number)
        return msgspec.convert(loose, decoder.type)
    except msgspec.ValidationError as error:
        place = str(error).rpartition("`")[0].rpartition("`")[2]
    except (ValueError, RecursionError):
        place = ""
    raise _unreadable(reply, place)


def _unreadable(reply: Reply, place: str) -> StaffettaError:
    refused = refusal(reply)
    if refused is not None:
        return refused_error(reply, refused)
    if place.startswith("$.data["):
        return FeedBrokenError(Code.FEED_ROW_UNREADABLE, f"a record is no employee, at {place}")
    return FeedBrokenError(Code.FEED_BROKEN, f"no readable JSON of {len(reply.body)} bytes {place}".strip())


def code_of(refused: Refusal) -> str:
    """Write Personio's error number, never its message, which may quote what was asked."""
    return str(refused.code) if isinstance(refused.code, int) else "none"


def _no_number(name: str) -> Any:  # noqa: ANN401  the parser's signature
    raise ValueError(name)
