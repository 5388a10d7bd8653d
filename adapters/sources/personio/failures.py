"""What an answer that is no success means for the run."""

from datetime import datetime, timedelta

from adapters.http import (
    ForbiddenAddress,
    OutboundError,
    Reply,
    TooLarge,
    parse_retry_after,
)
from adapters.sources.personio.reading import refusal, refused_error
from domain.codes import Code
from domain.errors import FeedBrokenError, StaffettaError, TemporaryError, TenantBlockedError

_PASSING = frozenset({407, 408, 421, 425})
"""What gateways say of the way to Personio, and not Personio of the request."""

SHORTEST_WAIT = timedelta(seconds=1)
"""Personio: after 429 wait at least a second; it sends no Retry-After."""


def of_transport(error: OutboundError) -> StaffettaError:
    """Judge a request without an answer. It only read, so `maybe_done` never matters."""
    match error:
        case TooLarge():
            return FeedBrokenError(Code.FEED_BROKEN, str(error))
        case ForbiddenAddress():
            return TenantBlockedError(Code.SOURCE_FORBIDDEN_ADDRESS, str(error))
        case _:
            return TemporaryError(Code.SOURCE_UNREACHABLE, str(error))


def of_reply(
    reply: Reply, now: datetime, wait: timedelta = SHORTEST_WAIT, *, what: str = "a login"
) -> StaffettaError:
    """Judge an answer whose status is no success; `wait` stands in where a 429 names no time."""
    asked = parse_retry_after(reply.headers.get("retry-after"), now)
    match reply.status:
        case 429:
            busy = wait if asked is None else max(asked, SHORTEST_WAIT)
            return TemporaryError(Code.SOURCE_BUSY, "HTTP 429", retry_after=busy)
        case 503:
            return TemporaryError(Code.SOURCE_BUSY, "HTTP 503", retry_after=asked)
        case status if status >= 500 or status in _PASSING:
            return TemporaryError(Code.SOURCE_UNREACHABLE, f"HTTP {status}", retry_after=asked)
        case status if 300 <= status < 400:
            return FeedBrokenError(Code.SOURCE_NOT_PERSONIO, f"HTTP {status}: redirects are not followed")
        case _:
            return _of_refusal(reply, what)


def _of_refusal(reply: Reply, what: str) -> StaffettaError:
    refused = refusal(reply)
    if refused is None:
        return FeedBrokenError(
            Code.SOURCE_NOT_PERSONIO, f"asked for {what}: HTTP {reply.status} without Personio's envelope"
        )
    return refused_error(reply, refused)
