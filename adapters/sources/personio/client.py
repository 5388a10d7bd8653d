"""Speak with Personio as one credential: log in once for everybody, log in again once when refused."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

import msgspec

from adapters.http import Outbound, OutboundError, Reply
from adapters.sources.personio.failures import of_reply, of_transport
from adapters.sources.personio.reading import is_json, names_missing_right, read, refusal
from domain.budget import Ask
from domain.codes import Code
from domain.errors import FeedBrokenError, StaffettaError, TemporaryError, TenantBlockedError
from domain.ports_world import Budget, Clock, Token, Tokens
from schemas.personio import Login

LOGIN_PATH: Final = "/v1/auth"
LOGIN_COOL_DOWN: Final = timedelta(seconds=60)
"""Personio: 60 logins a minute, then a cool-down of a minute."""
WHOLE_CALL: Final = timedelta(seconds=70)
"""One page, with login and waiting, ends before the lease of the page (75 s). Personio: slow reads happen."""
PATIENCE: Final[Mapping[Ask, timedelta]] = MappingProxyType(
    {Ask.LIST: timedelta(seconds=2), Ask.NAMED: timedelta(seconds=10), Ask.LOGIN: timedelta(seconds=10)}
)
"""So long a thread sleeps for the rate limit; a longer wait is a due time in the store, and the thread free.

Whoever is asked for by name is somebody's evidence, and worth more patience than the next page of a list.
"""
UNKNOWN_LIFETIME: Final = timedelta(hours=1)
LONGEST_LIFETIME: Final = timedelta(hours=24)
MARGIN: Final = timedelta(seconds=60)

_REFUSED: Final = frozenset({401, 403})
"""Personio v1: a bad token is 403, a missing one 401, a missing right 403."""
_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")
_LOGIN: Final = msgspec.json.Decoder(Login)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Send authorised GET requests. Credentials travel in the JSON body of the login and nowhere else."""

    outbound: Outbound
    client_id: str
    client_secret: str = field(repr=False)
    tokens: Tokens
    clock: Clock
    budget: Budget
    app_id: str
    patient: bool = False

    def get(self, path: str, params: Sequence[tuple[str, str]] = (), ask: Ask = Ask.NAMED) -> Reply:
        """Return the answer, whatever its status, unless the credential itself is refused.

        A refused token is replaced by the one that another worker minted meanwhile, or by a new login, at
        most one. A token that comes fresh from a login and is refused again ends it: no retry storm.
        """
        ends = self.clock.now() + WHOLE_CALL
        token, minted = self._current(ends)
        while True:
            reply = self._send("GET", path, ends, ask, params=params, headers=self._headers(token))
            if not _refuses(reply):
                return reply
            if minted:
                raise self._blocked(reply)
            token, minted = self._another_than(token, ends)

    def _current(self, ends: datetime) -> tuple[Token, bool]:
        stored = self._stored()
        return (stored, False) if stored is not None else (self._login(ends), True)

    def _another_than(self, refused: Token, ends: datetime) -> tuple[Token, bool]:
        """Prefer what somebody else minted since; Personio hands out the same token for 24 hours anyway."""
        stored = self._stored()
        if stored is not None and stored.text != refused.text:
            return stored, False
        return self._login(ends), True

    def _stored(self) -> Token | None:
        token = self.tokens.read()
        return token if token is not None and token.expires_at > self.clock.now() else None

    def _login(self, ends: datetime) -> Token:
        """Log in; a refusal counts only if a second login is refused as well, and there is no third."""
        body = msgspec.json.encode({"client_id": self.client_id, "client_secret": self.client_secret})
        asked_at = self.clock.now()
        reply = self._send("POST", LOGIN_PATH, ends, Ask.LOGIN, headers=self._headers(None), body=body)
        if _refuses(reply):
            reply = self._send("POST", LOGIN_PATH, ends, Ask.LOGIN, headers=self._headers(None), body=body)
        if reply.status != 200:
            raise self._login_failure(reply)
        if refusal(reply) is not None:
            raise self._refused("login answered success: false")
        token = _granted(reply, asked_at)
        self.tokens.write(token)
        return token

    def _login_failure(self, reply: Reply) -> StaffettaError:
        """Personio: wrong credentials are a 403; a client id of the wrong form may be a 400 or 422."""
        if _refuses(reply) or (reply.status in {400, 422} and refusal(reply) is not None):
            return self._refused(f"login answered HTTP {reply.status}")
        return of_reply(reply, self.clock.now(), LOGIN_COOL_DOWN)

    def _blocked(self, reply: Reply) -> TenantBlockedError:
        """Tell a missing right from a dead credential; only then the token is forgotten for everybody."""
        refused = refusal(reply)
        if refused is not None and names_missing_right(refused):
            worked = self.tokens.worked()
            code = Code.SOURCE_RIGHT_MISSING if worked else Code.SOURCE_RIGHT_NOT_GIVEN
            return TenantBlockedError(code, f"refused with HTTP {reply.status}")
        self.tokens.write(None)
        return self._refused(f"a token fresh from login was refused with HTTP {reply.status}")

    def _refused(self, detail: str) -> TenantBlockedError:
        """Tell a credential that worked, and may have been generated again, from one with a slip in it."""
        worked = self.tokens.worked()
        code = Code.SOURCE_CREDENTIALS_REFUSED if worked else Code.SOURCE_CREDENTIALS_WRONG
        return TenantBlockedError(code, detail)

    def _headers(self, token: Token | None) -> Mapping[str, str]:
        standing = {"accept": "application/json", "x-personio-app-id": self.app_id}
        return standing if token is None else standing | {"authorization": f"Bearer {token.text}"}

    def _send(
        self,
        method: str,
        path: str,
        ends: datetime,
        ask: Ask,
        *,
        headers: Mapping[str, str],
        params: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
    ) -> Reply:
        patience = WHOLE_CALL if self.patient else PATIENCE[ask]
        self.budget.wait(ask, min(patience, ends - self.clock.now()))
        left = ends - self.clock.now()
        if left <= timedelta(0):
            raise TemporaryError(Code.SOURCE_BUSY, "no time left after waiting for the rate limit")
        kind = None if body is None else "application/json"
        try:
            return self.outbound.send(
                method, path, params=params, headers=headers, body=body, content_type=kind, deadline=left
            )
        except OutboundError as error:
            failure = of_transport(error)
        raise failure


def _granted(reply: Reply, asked_at: datetime) -> Token:
    """Honour `expires_in`: the token is shared, so a fresh login may return one that is nearly over."""
    grant = read(reply, _LOGIN).data
    if not _TOKEN.fullmatch(grant.token):
        raise FeedBrokenError(Code.SOURCE_NOT_PERSONIO, "login returned a token that fits into no header")
    lifetime = _lifetime(grant.expires_in)
    return Token(grant.token, asked_at + lifetime - min(MARGIN, lifetime / 10))


def _lifetime(told: object) -> timedelta:
    if isinstance(told, str) and told.isascii() and told.isdigit() and len(told) < len("1" * 12):
        told = int(told)
    if isinstance(told, bool) or not isinstance(told, int | float) or not told > 0:
        return UNKNOWN_LIFETIME
    return timedelta(seconds=min(told, LONGEST_LIFETIME.total_seconds()))


def _refuses(reply: Reply) -> bool:
    """Tell Personio's refusal from the 403 page of a proxy or firewall, which says nothing of credentials."""
    return reply.status in _REFUSED and (is_json(reply) or not reply.body)
