"""The one way out of the house: every request to Personio or to a target goes through here."""

from adapters.http.addresses import AddressPolicy, Resolver, system_resolver
from adapters.http.documents import UnreadableError, decoded
from adapters.http.errors import (
    ForbiddenAddress,
    NoReply,
    NotSent,
    OutboundError,
    TooLarge,
    TooLate,
    UnfitHeaderError,
)
from adapters.http.last_look import last_look, writing_while
from adapters.http.outbound import Outbound, Reply
from adapters.http.request import Place, place_of, split_url
from adapters.http.retry_after import parse_retry_after
from adapters.http.status import asked_to_wait, is_unwell, limits, may_have_acted

__all__ = [
    "AddressPolicy",
    "ForbiddenAddress",
    "NoReply",
    "NotSent",
    "Outbound",
    "OutboundError",
    "Place",
    "Reply",
    "Resolver",
    "TooLarge",
    "TooLate",
    "last_look",
    "UnfitHeaderError",
    "UnreadableError",
    "asked_to_wait",
    "decoded",
    "is_unwell",
    "limits",
    "may_have_acted",
    "parse_retry_after",
    "place_of",
    "split_url",
    "system_resolver",
    "writing_while",
]
