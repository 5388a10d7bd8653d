"""What the application does wrong when told to: rules that match a request and replace its fate."""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, TypeAlias

import msgspec

from simulators.scim.store import Clock
from simulators.scim.switches import Count, Switches
from simulators.scim.wire import Call, ScimType


class Respond(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="respond"):
    """Answer with this instead, before the request is carried out or (committed) after it."""

    status: Annotated[int, msgspec.Meta(ge=200, le=599)]
    detail: str = "the simulator was told to answer so"
    scim_type: ScimType | None = None
    headers: dict[str, str] = {}
    media_type: str | None = None
    body: str | None = None
    committed: bool = False


class Cut(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="cut"):
    """Cut the connection without an answer, before or after carrying out the request."""

    committed: bool


class Silence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="silence"):
    """Keep the connection open and never answer."""

    committed: bool


class Delay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="delay"):
    """Answer as usual, but later."""

    seconds: Annotated[float, msgspec.Meta(ge=0)]


class Halve(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="halve"):
    """Carry out the first half of the members that a PATCH of a group names, and answer with this status."""

    status: Annotated[int, msgspec.Meta(ge=200, le=599)] = 500


Effect: TypeAlias = Respond | Cut | Silence | Delay | Halve


class Match(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say which requests a rule is about; what is empty or None matches all."""

    methods: tuple[str, ...] = ()
    path: str = ""
    external_ids: tuple[str, ...] = ()
    user_names: tuple[str, ...] = ()
    filtered: bool | None = None


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Join an effect to a match: after `skip` requests, for `times` requests, within `seconds`."""

    effect: Effect
    match: Match = Match()
    skip: Annotated[int, msgspec.Meta(ge=0)] = 0
    times: Count | None = None
    seconds: Annotated[float, msgspec.Meta(ge=0)] | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """Name whom a request is about, as it says itself and as the store knows them."""

    external_ids: frozenset[str] = frozenset()
    user_names: frozenset[str] = frozenset()


NOBODY = Names()


def matches(match: Match, call: Call, names: Names) -> bool:
    """Say whether a request is one of those a rule is about."""
    if match.methods and call.method not in match.methods:
        return False
    if not call.path.startswith(match.path):
        return False
    if match.filtered is not None and match.filtered != ("filter" in call.query):
        return False
    if match.external_ids and names.external_ids.isdisjoint(match.external_ids):
        return False
    wanted = {name.lower() for name in match.user_names}
    return not wanted or not names.user_names.isdisjoint(wanted)


@dataclass(slots=True)
class _Posted:
    """Count how often a rule has matched and how often it has acted."""

    number: int
    rule: Rule
    until: datetime | None
    seen: int = field(default=0)
    taken: int = field(default=0)


class Quirks:
    """Hold the switches and rules of one simulator; safe to change while it serves."""

    def __init__(self, clock: Clock, switches: Switches | None = None) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._first = switches or Switches()
        self._switches = self._first
        self._posted: list[_Posted] = []
        self._numbers = 0

    @property
    def switches(self) -> Switches:
        """Show the switches as they stand."""
        return self._switches

    @property
    def is_quiet(self) -> bool:
        """Say whether there is no rule at all, which is the fast way."""
        return not self._posted

    def switch(self, **changes: object) -> Switches:
        """Turn some switches, checked like those that come over the wire."""
        with self._lock:
            merged = {**msgspec.structs.asdict(self._switches), **changes}
            self._switches = msgspec.convert(merged, Switches)
            return self._switches

    def add(
        self,
        effect: Effect,
        *,
        methods: tuple[str, ...] = (),
        path: str = "",
        external_ids: tuple[str, ...] = (),
        user_names: tuple[str, ...] = (),
        filtered: bool | None = None,
        skip: int = 0,
        times: int | None = 1,
        seconds: float | None = None,
    ) -> int:
        """Post a rule for the next matching request (or for `times`; None is for ever); answer its number."""
        match = Match(
            methods=methods, path=path, external_ids=external_ids, user_names=user_names, filtered=filtered
        )
        return self.post(Rule(effect=effect, match=match, skip=skip, times=times, seconds=seconds))

    def post(self, rule: Rule) -> int:
        """Post a finished rule behind those that stand; answer its number."""
        until = None if rule.seconds is None else self._clock() + timedelta(seconds=rule.seconds)
        with self._lock:
            self._numbers += 1
            self._posted.append(_Posted(self._numbers, rule, until))
            return self._numbers

    def obey(self, switches: dict[str, object], rules: tuple[Rule, ...], *, afresh: bool) -> None:
        """Take orders as they come over the wire; a switch that does not exist changes nothing at all."""
        base = self._first if afresh else self._switches
        checked = msgspec.convert({**msgspec.structs.asdict(base), **switches}, Switches)
        if afresh:
            self.clear()
        self._switches = checked
        for rule in rules:
            self.post(rule)

    def taken(self, number: int) -> int:
        """Say how often a rule has acted."""
        with self._lock:
            return sum(posted.taken for posted in self._posted if posted.number == number)

    def take(self, call: Call, names: Names) -> Effect | None:
        """Choose the effect for a request from the first rule that has one for it."""
        with self._lock:
            now = self._clock()
            for posted in self._posted:
                if _is_over(posted, now) or not matches(posted.rule.match, call, names):
                    continue
                posted.seen += 1
                if posted.seen > posted.rule.skip:
                    posted.taken += 1
                    return posted.rule.effect
        return None

    def remove(self, number: int) -> None:
        """Take one rule down."""
        with self._lock:
            self._posted = [posted for posted in self._posted if posted.number != number]

    def clear(self) -> None:
        """Go back to the switches of the start, without rules."""
        with self._lock:
            self._posted = []
            self._switches = self._first

    def report(self) -> dict[str, object]:
        """Show switches and rules, with how often each rule has acted."""
        with self._lock:
            rules = [
                {"number": posted.number, "taken": posted.taken, **msgspec.to_builtins(posted.rule)}
                for posted in self._posted
            ]
            return {"switches": msgspec.to_builtins(self._switches), "rules": rules}


def _is_over(posted: _Posted, now: datetime) -> bool:
    used_up = posted.rule.times is not None and posted.taken >= posted.rule.times
    return used_up or (posted.until is not None and now >= posted.until)
