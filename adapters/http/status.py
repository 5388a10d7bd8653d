"""What an answer says about whoever gave it, whatever was asked: one table for all who send requests.

408                 comes back later
407, 421, 429       turned away before anything was done: by a proxy that wants a login, since the connection
                    leads elsewhere, for a while
403 that limits     the same, from who says so by a time to come back, or by a number of requests left of 0
501                 nobody knows this method here: an answer about the request
503 + Retry-After   turned away on purpose, by somebody who names a time to come back
any other 5xx       may stand for a request that was carried out
everything else     an answer about the request
"""

from datetime import datetime, timedelta

from adapters.http.outbound import Reply
from adapters.http.retry_after import parse_moment, parse_retry_after

_FORBIDDEN = 403
_TURNED_AWAY = frozenset({407, 421, 429})
_LATER = frozenset({408, *_TURNED_AWAY})
_SHED = 503
_NOT_IMPLEMENTED = 501
_LONGEST_SENTENCE = 4096
_LEFT = "x-ratelimit-remaining"


def is_unwell(status: int) -> bool:
    """Say whether the server, or one before it, could not do now what it may do later."""
    return status in _LATER or (status >= 500 and status != _NOT_IMPLEMENTED)


def limits(reply: Reply) -> bool:
    """Say whether a 403 is no word about rights: GitHub turns away with it who asks too often.

    It names a time to come back, or that no request is left, or says so in words.
    """
    if reply.status != _FORBIDDEN:
        return False
    waits = reply.headers.get("retry-after", "").strip()
    none_left = reply.headers.get(_LEFT, "").strip() == "0"
    return bool(waits) or none_left or b"rate limit" in reply.body[:_LONGEST_SENTENCE].lower()


def asked_to_wait(reply: Reply, now: datetime) -> timedelta | None:
    """Tell how long another side asks us to wait, by Retry-After or by when the next requests are allowed."""
    asked = parse_retry_after(reply.headers.get("retry-after"), now)
    if asked is not None or reply.headers.get(_LEFT, "").strip() != "0":
        return asked
    return parse_moment(reply.headers.get("x-ratelimit-reset"), now)


def may_have_acted(reply: Reply) -> bool:
    """Say whether a write that was answered so may have been done all the same.

    Not only a 500 or 504: proxies answer 503 (Envoy, Azure Front Door) or 520 (Cloudflare) where the
    connection broke after the application had the request. A time to come back is named by whoever shed load.
    """
    if reply.status == _SHED and reply.headers.get("retry-after", "").strip():
        return False
    return is_unwell(reply.status) and reply.status not in _TURNED_AWAY
