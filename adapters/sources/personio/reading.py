"""From bytes to the shapes of `schemas.personio`, or to one clear reason why that cannot be."""

from typing import TypeVar

import msgspec
from msgspec import Struct

from adapters.http import Reply, UnreadableError, decoded
from domain.codes import Code
from domain.errors import FeedBrokenError, StaffettaError, TenantBlockedError
from schemas.personio import Envelope, Refusal

Shape = TypeVar("Shape", bound=Struct)
_ENVELOPE = msgspec.json.Decoder(Envelope)


def read(reply: Reply, decoder: msgspec.json.Decoder[Shape]) -> Shape:
    """Decode an answer with status 200, whatever it turns out to be."""
    if not is_json(reply):
        raise FeedBrokenError(Code.SOURCE_NOT_PERSONIO, f"answered {_kind(reply)} instead of JSON")
    try:
        return decoded(reply.body, decoder)
    except UnreadableError as error:
        place = error.place
    raise _unreadable(reply, place)


def refusal(reply: Reply) -> Refusal | None:
    """Find Personio's own error envelope in an answer, if that is what it is."""
    if not is_json(reply):
        return None
    try:
        envelope = decoded(reply.body, _ENVELOPE)
    except UnreadableError:
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
