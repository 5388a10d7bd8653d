"""The desk where credentials become tokens: one token per pair, the same one all day."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Credential:
    """A pair of id and secret, and what it may see."""

    client_id: str
    client_secret: str
    readable: frozenset[str] | None = None
    """Attribute keys; None means all of them."""
    legal_entities: frozenset[str] | None = None
    """Names of the only subcompanies whose people it sees; None means all of them."""
    employees_right: bool = True


@dataclass(frozen=True, slots=True)
class Token:
    """What a login hands out."""

    text: str
    client_id: str
    expires_at: datetime

    def seconds_left(self, now: datetime) -> int:
        """Tell how long it still lasts; fewer seconds each time the same token is told."""
        return int((self.expires_at - now).total_seconds())


class Desk:
    """Issue, recognise and withdraw; everything it makes up follows from the seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._serial = 0
        self.credentials: dict[str, Credential] = {}
        self._tokens: dict[str, Token] = {}

    def issue(self, readable: Iterable[str] | None, legal_entities: Iterable[str] | None) -> Credential:
        """Make a new pair of id and secret."""
        credential = Credential(
            f"papi-{UUID(bytes=self._invent('id', 16), version=4)}",
            f"papi-{self._invent('secret', 24).hex()}",
            None if readable is None else frozenset(readable),
            None if legal_entities is None else frozenset(legal_entities),
        )
        self.credentials[credential.client_id] = credential
        return credential

    def _invent(self, purpose: str, size: int) -> bytes:
        self._serial += 1
        return blake2b(f"{self._seed}:{purpose}:{self._serial}".encode(), digest_size=size).digest()

    def credential(self, client_id: str | None) -> Credential:
        """Find a pair by its id; without an id, the first one."""
        wanted = next(iter(self.credentials), "") if client_id is None else client_id
        if wanted not in self.credentials:
            raise LookupError("no credential has this client_id; GET /__admin/state lists those that exist")
        return self.credentials[wanted]

    def rotate(self, client_id: str | None) -> Credential:
        """Replace a pair by a new one with the same rights; the old pair and its token stop working."""
        old = self.credential(client_id)
        self.withdraw(old.client_id)
        made = self.issue(None, None)
        new = replace(old, client_id=made.client_id, client_secret=made.client_secret)
        others = [known for known in self.credentials.values() if known is not made]
        places = [new if known is old else known for known in others]
        self.credentials = {known.client_id: known for known in places}
        return new

    def grant(self, credential: Credential) -> Credential:
        """Set what a pair may see, from the next request on, also with a token handed out before."""
        self.credentials[credential.client_id] = credential
        return credential

    def login(self, client_id: str, client_secret: str, now: datetime, lasts: float) -> Token | None:
        """Hand out the token of a pair, the same one until it expires; None for wrong credentials."""
        credential = self.credentials.get(client_id)
        if credential is None or credential.client_secret != client_secret:
            return None
        token = self._tokens.get(client_id)
        if token is None or token.expires_at <= now:
            text = f"papi-{self._invent('token', 32).hex()}"
            token = self._tokens[client_id] = Token(text, client_id, now + timedelta(seconds=lasts))
        return token

    def bearer(self, text: str, now: datetime) -> Credential | None:
        """Tell whose token this is; None if it is nobody's, or nobody's any more."""
        for token in self._tokens.values():
            if token.text == text and token.expires_at > now:
                return self.credentials.get(token.client_id)
        return None

    def withdraw(self, client_id: str | None = None) -> None:
        """Let the token of one pair, or of all, expire at once; the next login gets a new one."""
        for known in list(self._tokens) if client_id is None else [client_id]:
            self._tokens.pop(known, None)
