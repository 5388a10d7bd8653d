"""One conversation with a SCIM server: send, read JSON, and name what went wrong by what we do next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Protocol, TypeAlias, TypeVar

import msgspec

from adapters.http import (
    Reply,
    UnfitHeaderError,
    UnreadableError,
    asked_to_wait,
    decoded,
    is_unwell,
    limits,
    may_have_acted,
)
from adapters.http.errors import ForbiddenAddress, NotSent, OutboundError, TooLarge, TooLate
from adapters.targets.scim.masked import leaves, masked
from adapters.targets.scim.rights import Rights
from adapters.targets.scim.tidy import legible
from domain.codes import Code
from domain.errors import (
    AccountGoneError,
    HeldBackError,
    KeyTakenError,
    PermanentError,
    StaffettaError,
    TemporaryError,
    TenantBlockedError,
)
from domain.ports_world import Clock
from schemas.scim import ERROR, ErrorResponse, Resource

Shape = TypeVar("Shape")
Params: TypeAlias = Sequence[tuple[str, str]]
NO_HEADERS: Mapping[str, str] = MappingProxyType({})

_ACCEPT = "application/scim+json, application/json;q=0.9"
_JSON = "application/scim+json"
_REDIRECTS = range(300, 400)
_ACCEPTED = 202
_CHANGED_MEANWHILE = 412
_HELD_UP = frozenset({_CHANGED_MEANWHILE, 423, 425, 428})
"""Answers about this very request that may be another one soon, while the server as such is well."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ANYTHING: msgspec.json.Decoder[object] = msgspec.json.Decoder(object)

USERS = "/Users"
GROUPS = "/Groups"


class BrokeError(TemporaryError):
    """Say that the server broke (500) over a write: for a while, or over this very write for ever."""


class Sender(Protocol):
    """What we need of `adapters.http.Outbound`."""

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Params = (),
        headers: Mapping[str, str] = NO_HEADERS,
        body: bytes | None = None,
        content_type: str | None = None,
        deadline: timedelta | None = None,
    ) -> Reply:
        """Return the whole answer, or raise OutboundError."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold a reply beside what we asked, so that an error can be masked.

    `about` is the account, `names_key` says that the request set what only one account may have, and
    `sent_after` how often the token had been seen to be good by then.
    """

    reply: Reply
    writes: bool
    sent: tuple[object, ...]
    about: str
    names_key: bool
    sent_after: int

    @property
    def status(self) -> int:
        """Return the HTTP status."""
        return self.reply.status

    @property
    def good(self) -> bool:
        """Say whether the server agreed."""
        return 200 <= self.reply.status < 300

    @property
    def promises(self) -> bool:
        """Say whether the server agreed to do it later, and has done nothing yet (RFC 9110, 15.3.3)."""
        return self.reply.status == _ACCEPTED

    @property
    def scim_type(self) -> str:
        """Return the server's own word for its refusal, such as `noTarget`."""
        return _error_response(self.reply.body).scim_type

    @property
    def key_taken(self) -> bool:
        """Say whether another account has the name; a request that sets none meets another conflict."""
        return self.scim_type.lower() == "uniqueness" or (self.status == 409 and self.names_key)

    @property
    def overtaken(self) -> bool:
        """Say whether somebody else changed the account meanwhile."""
        return self.status == _CHANGED_MEANWHILE or (self.status == 409 and not self.key_taken)

    @property
    def says_gone(self) -> bool:
        """Say whether this is a «no such account» of SCIM: its error, or nothing at all."""
        if self.reply.status == 410:
            return True
        body = self.reply.body
        return self.reply.status == 404 and (not body.strip() or _error_response(body).formal)


class Session:
    """Hold what every request needs: the way out, the token, the clock and the path before /Users."""

    def __init__(self, outbound: Sender, token: str, clock: Clock, base_path: str = "") -> None:
        self._outbound = outbound
        self._token = token
        self._clock = clock
        self._base = base_path.rstrip("/")
        self._rights = Rights(self._may_read)

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Params = (),
        body: Resource | None = None,
        if_match: str | None = None,
        names_key: bool = False,
    ) -> Answer:
        """Return whatever the server answers; raise only if no answer came."""
        headers = {"authorization": f"Bearer {self._token}", "accept": _ACCEPT}
        if if_match is not None:
            headers["if-match"] = if_match
        asked = [value.partition('"')[2] for _, value in params]
        encoded = None if body is None else _encoded(body)
        looks = self._rights.looks
        reply = self._send(method, path, params, headers, encoded)
        about = path if path != USERS or body is None else f"{path} {body.get('externalId')}"
        answer = Answer(reply, method != "GET", (body, asked, self._token), about, names_key, looks)
        if answer.writes and answer.good:
            self._rights.agreed()
        return answer

    def agreed(self, answer: Answer) -> Answer:
        """Return a good answer, or raise what it means."""
        if answer.good:
            return answer
        raise self.error_of(answer)

    def shape(self, answer: Answer, shape: type[Shape]) -> Shape:
        """Read a good answer, or raise that this is no SCIM."""
        try:
            return decoded(answer.reply.body, msgspec.json.Decoder(shape, strict=False), legible)
        except UnreadableError as error:
            raise self.not_scim(answer, "the body is not what SCIM asks for") from error

    def resource(self, answer: Answer) -> Resource | None:
        """Read an account from a good answer; None where it came without a body."""
        if not answer.reply.body.strip():
            return None
        resource = self.shape(answer, Resource)
        if ERROR in (resource.get("schemas") or ()):
            raise self.not_scim(answer, "an error behind a good status")
        return resource

    def not_scim(self, answer: Answer, what: str) -> TemporaryError:
        """Name a page that is no SCIM: a portal, a proxy, an outage. It may pass, so nothing is concluded."""
        return TemporaryError(
            Code.TARGET_NOT_SCIM,
            f"HTTP {answer.status}: {what}{_kind(answer.reply)}",
            maybe_done=answer.writes,
        )

    def error_of(self, answer: Answer) -> StaffettaError:
        """Translate a refusal into one of our errors."""
        status = answer.status
        if is_unwell(status) or limits(answer.reply) or status in _HELD_UP or answer.overtaken:
            return self._busy(answer)
        if status in {401, 403}:
            return self._denied(answer)
        if status in _REDIRECTS or (status == 404 and not _may_be_scim(answer.reply)):
            return self.not_scim(answer, "a redirect" if status in _REDIRECTS else "not SCIM's way to say no")
        if answer.key_taken:
            return KeyTakenError(Code.TARGET_KEY_TAKEN, self.said(answer))
        if status in {404, 410}:
            return AccountGoneError(Code.TARGET_ACCOUNT_GONE, self.said(answer))
        return PermanentError(Code.TARGET_REFUSED, self.said(answer))

    def _denied(self, answer: Answer) -> StaffettaError:
        """Tell one account that may not be touched or seen, such as an owner's, from a token that is refused.

        Raises TemporaryError where the question that tells them apart gets no answer.
        """
        if answer.status == 403 and answer.writes and self._rights.forbids_one(answer.about):
            return PermanentError(Code.TARGET_REFUSED, self.said(answer))
        if answer.status == 403 and not answer.writes and answer.about != USERS and self._may_read():
            return PermanentError(Code.TARGET_REFUSED, self.said(answer))
        stumbles = answer.status == 401 or answer.about == USERS
        if stumbles and self._rights.may_be_a_stumble(answer.sent_after, writes=answer.writes):
            return TemporaryError(Code.TARGET_BUSY, f"HTTP {answer.status} once, and not again")
        return TenantBlockedError(Code.TARGET_CREDENTIALS_REFUSED, self.said(answer))

    def _may_read(self) -> bool:
        look = self.ask("GET", USERS, params=(("startIndex", "1"), ("count", "1")))
        return look.status == 200 and _may_be_scim(look.reply)

    def _busy(self, answer: Answer) -> TemporaryError:
        wish = asked_to_wait(answer.reply, self._clock.now())
        unsure = answer.writes and may_have_acted(answer.reply)
        kind = BrokeError if answer.writes and answer.status == 500 else TemporaryError
        return kind(Code.TARGET_BUSY, self.said(answer), retry_after=wish, maybe_done=unsure)

    def said(self, answer: Answer) -> str:
        """Quote status, scimType and detail without a word of what we sent."""
        error = _error_response(answer.reply.body)
        sent = list(leaves(answer.sent))
        said = [masked(text, sent) for text in (error.scim_type, error.detail) if text]
        return ": ".join([f"HTTP {answer.status}", *filter(None, said)])

    def _send(
        self, method: str, path: str, params: Params, headers: Mapping[str, str], body: bytes | None
    ) -> Reply:
        kind = None if body is None else _JSON
        try:
            return self._outbound.send(
                method, self._base + path, params=params, headers=headers, body=body, content_type=kind
            )
        except TooLate as error:  # a change may be more than one request, an account is made by one
            failure: StaffettaError = HeldBackError(Code.INTERNAL, str(error), maybe_done=method != "POST")
        except OutboundError as error:
            failure = _no_answer(error, writes=method != "GET")
        except UnfitHeaderError as error:  # versions are looked at where they are read: it is the token
            failure = TenantBlockedError(Code.TARGET_TOKEN_UNFIT, str(error))
        except ValueError as error:
            failure = TenantBlockedError(Code.TARGET_ADDRESS_UNFIT, str(error))
        raise failure


def _encoded(body: Resource) -> bytes:
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError:
        raise PermanentError(Code.PERSON_BAD_VALUE, "a value is not valid Unicode") from None


def _no_answer(error: OutboundError, *, writes: bool) -> StaffettaError:
    match error:
        case ForbiddenAddress():
            return TenantBlockedError(Code.TARGET_FORBIDDEN_ADDRESS, str(error))
        case NotSent():
            return TemporaryError(Code.TARGET_UNREACHABLE, str(error))
        case TooLarge():
            return TemporaryError(Code.TARGET_NOT_SCIM, str(error), maybe_done=writes)
        case _:
            return TemporaryError(Code.TARGET_UNREACHABLE, str(error), maybe_done=writes)


def _error_response(body: bytes) -> ErrorResponse:
    """Read a refusal leniently: whatever cannot be read says nothing."""
    try:
        return ErrorResponse.of(decoded(body, _ANYTHING, legible))
    except UnreadableError:
        return ErrorResponse()


def _may_be_scim(reply: Reply) -> bool:
    """Tell a server's «no such account» (JSON, or nothing at all) from a web page."""
    body = reply.body.removeprefix(_BYTE_ORDER_MARK).strip()
    return not body or body.startswith(b"{")


def _kind(reply: Reply) -> str:
    media = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    known = {"text/html": " (a web page)", "text/plain": " (plain text)", "": ""}
    return known.get(media, "")
