"""What a test or a demo may do to a running simulator; the same in this process and over HTTP."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import msgspec

from simulators.personio.actions import Action
from simulators.personio.changes import Change
from simulators.personio.events import Events
from simulators.personio.faults import Match, Rule
from simulators.personio.hooks import Hook
from simulators.personio.told import Counted, Issued, Truth


class SimulatorRefusedError(ValueError):
    """The simulator would not do it; the message says why."""


class Control(ABC):
    """Speak to the admin API of one simulator."""

    url: str
    client_id: str
    client_secret: str

    @abstractmethod
    def _send(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """Carry one admin request to the simulator and bring back status and body."""

    def _do(self, method: str, path: str, told: object = None) -> bytes:
        status, body = self._send(method, path, b"" if told is None else msgspec.json.encode(told))
        if status != 200:
            raise SimulatorRefusedError(str(msgspec.json.decode(body)["error"]))
        return body

    @property
    def admin_url(self) -> str:
        """Give the address under which the admin API stands."""
        return f"{self.url}/__admin"

    @property
    def company(self) -> Events:
        """Let things happen to people: `personio.company.hire(first_name="Ada")`."""
        return Events(self.happen)

    def happen(self, change: Change) -> int:
        """Let one change happen and give the id of the person it happened to."""
        body = self._do("POST", "/__admin/company", change)
        return msgspec.json.decode(body, type=_Happened).id

    def fault(
        self,
        action: Action,
        *,
        path: str = "/v1/",
        method: str | None = None,
        offset: int | None = None,
        query: Mapping[str, str] | None = None,
        nth: int = 1,
        count: int | None = 1,
    ) -> None:
        """Script a misfortune for the nth fitting request and so many after it; None is for ever."""
        match = Match(path=path, method=method, offset=offset, query=dict(query or {}))
        self._do("POST", "/__admin/faults", Rule(action=action, match=match, nth=nth, count=count))

    def clear_faults(self) -> None:
        """Forget every scripted fault."""
        self._do("DELETE", "/__admin/faults")

    def after_page(self, page: int, change: Change) -> None:
        """Let a change happen right after the page with this number, counted from 0, is served."""
        self._do("POST", "/__admin/hooks", Hook(after_page=page, change=change))

    def switch(self, **turned: object) -> None:
        """Turn switches by name, see `Switches`."""
        self._do("PATCH", "/__admin/switches", turned)

    def set_readable(self, attributes: Sequence[str] | None, client_id: str | None = None) -> None:
        """Say which attributes, by key or nickname, a credential may see; None is all."""
        self._do(
            "POST", "/__admin/readable", {"attributes": attributes, "client_id": client_id or self.client_id}
        )

    def set_rights(
        self,
        *,
        employees: bool = True,
        legal_entities: Sequence[str] | None = None,
        client_id: str | None = None,
    ) -> None:
        """Take the right to read employees away, or narrow it to some legal entities."""
        told = {"employees": employees, "legal_entities": legal_entities}
        self._do("POST", "/__admin/rights", {**told, "client_id": client_id or self.client_id})

    def rotate(self, client_id: str | None = None) -> Issued:
        """Replace a credential; this handle's own id and secret follow when they were meant."""
        body = self._do("POST", "/__admin/credentials/rotate", {"client_id": client_id or self.client_id})
        issued = msgspec.json.decode(body, type=Issued)
        if client_id in {None, self.client_id}:
            self.client_id, self.client_secret = issued.client_id, issued.client_secret
        return issued

    def issue(self, *, readable: Sequence[str] | None = None) -> Issued:
        """Make another credential."""
        return msgspec.json.decode(
            self._do("POST", "/__admin/credentials", {"readable": readable}), type=Issued
        )

    def expire_tokens(self) -> None:
        """Let every token handed out so far expire now."""
        self._do("POST", "/__admin/tokens/expire", {})

    def advance(self, seconds: float) -> None:
        """Put the simulator's clock forward."""
        self._do("POST", "/__admin/clock", {"seconds": seconds})

    def truth(self) -> Truth:
        """Tell the whole company as it is now."""
        return msgspec.json.decode(self._do("GET", "/__truth"), type=Truth)

    def counters(self) -> Counted:
        """Tell what has been asked and answered since the start or the last reset."""
        return msgspec.json.decode(self._do("GET", "/__counters"), type=Counted)

    def reset_counters(self) -> None:
        """Count from nought again."""
        self._do("DELETE", "/__counters")


class _Happened(msgspec.Struct):
    id: int
