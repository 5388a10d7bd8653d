"""The one way out of the house: every request to Personio or to a target goes through here."""

from adapters.http.addresses import AddressPolicy, Resolver, system_resolver
from adapters.http.errors import ForbiddenAddress, NoReply, NotSent, OutboundError, TooLarge, TooLate
from adapters.http.last_look import last_look, writing_while
from adapters.http.outbound import Outbound, Reply
from adapters.http.retry_after import parse_retry_after

__all__ = [
    "AddressPolicy",
    "ForbiddenAddress",
    "NoReply",
    "NotSent",
    "Outbound",
    "OutboundError",
    "Reply",
    "Resolver",
    "TooLarge",
    "TooLate",
    "last_look",
    "parse_retry_after",
    "system_resolver",
    "writing_while",
]
