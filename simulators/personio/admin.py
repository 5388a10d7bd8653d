"""The back door: change the company, script faults, turn switches; JSON in, JSON out."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import msgspec

from simulators.personio.auth import Credential
from simulators.personio.changes import Change
from simulators.personio.company import UnknownPersonError
from simulators.personio.faults import Rule
from simulators.personio.hooks import Hook
from simulators.personio.launch import keys
from simulators.personio.reply import Ask, Reply
from simulators.personio.truth import told, truth
from simulators.personio.world import World

_OF_KIND = "/__admin/company/"


class _ForCredential(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    client_id: str | None = None
    """Without it, the first credential is meant."""


class _Readable(_ForCredential, frozen=True):
    attributes: Sequence[str] | None


class _Rights(_ForCredential, frozen=True):
    employees: bool = True
    legal_entities: Sequence[str] | None = None


class _NewCredential(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    readable: Sequence[str] | None = None
    legal_entities: Sequence[str] | None = None


class _Advance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    seconds: float


class Admin:
    """Answer the requests that are none of Personio's own."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._routes: dict[tuple[str, str], Callable[[bytes], object]] = {
            ("POST", "/__admin/company"): self._happen,
            ("POST", "/__admin/faults"): self._script,
            ("DELETE", "/__admin/faults"): self._clear_faults,
            ("POST", "/__admin/hooks"): self._hook,
            ("DELETE", "/__admin/hooks"): self._clear_hooks,
            ("PATCH", "/__admin/switches"): self._turn,
            ("POST", "/__admin/readable"): self._readable,
            ("POST", "/__admin/rights"): self._rights,
            ("POST", "/__admin/credentials"): self._issue,
            ("POST", "/__admin/credentials/rotate"): self._rotate,
            ("POST", "/__admin/tokens/expire"): self._expire,
            ("POST", "/__admin/clock"): self._advance,
            ("GET", "/__admin/state"): self._state,
            ("GET", "/__counters"): self._counters,
            ("DELETE", "/__counters"): self._reset_counters,
            ("GET", "/__truth"): self._truth,
        }

    def answer(self, ask: Ask) -> Reply:
        """Do what was asked, or answer 422 with the reason; a change may also be POSTed to its own path."""
        route = self._route(ask)
        if route is None:
            return _json(
                404, {"error": "there is no such admin path", "paths": sorted(map(" ".join, self._routes))}
            )
        try:
            return _json(200, route(ask.body))
        except UnknownPersonError as missing:
            return _json(404, {"error": str(missing)})
        except (ValueError, LookupError) as refused:
            return _json(422, {"error": str(refused)})

    def _route(self, ask: Ask) -> Callable[[bytes], object] | None:
        kind = ask.path.removeprefix(_OF_KIND)
        if ask.method == "POST" and kind != ask.path:
            return lambda body: self._happen(_with_kind(body, kind))
        return self._routes.get((ask.method, ask.path))

    def _happen(self, body: bytes) -> object:
        changed = self._world.happen(msgspec.json.decode(body, type=Change))
        person = self._world.company.people.get(changed)
        return {"id": changed, "person": told(self._world.company, person) if person else None}

    def _script(self, body: bytes) -> object:
        rules = msgspec.json.decode(body, type=Rule | list[Rule])
        listed = rules if isinstance(rules, list) else [rules]
        return {"numbers": [self._world.faults.script(rule) for rule in listed]}

    def _clear_faults(self, _body: bytes) -> object:
        self._world.faults.clear()
        return {}

    def _hook(self, body: bytes) -> object:
        self._world.hooks.waiting.append(msgspec.json.decode(body, type=Hook))
        return {"waiting": len(self._world.hooks.waiting)}

    def _clear_hooks(self, _body: bytes) -> object:
        self._world.hooks.waiting.clear()
        return {}

    def _turn(self, body: bytes) -> object:
        turned = msgspec.json.decode(body, type=dict[str, object])
        self._world.turn(self._world.switches.with_(**turned))
        return self._world.switches

    def _readable(self, body: bytes) -> object:
        asked = msgspec.json.decode(body, type=_Readable)
        names = keys(self._world.company, asked.attributes)
        old = self._world.desk.credential(asked.client_id)
        return _shown(
            self._world.desk.grant(replace(old, readable=None if names is None else frozenset(names)))
        )

    def _rights(self, body: bytes) -> object:
        asked = msgspec.json.decode(body, type=_Rights)
        entities = None if asked.legal_entities is None else frozenset(asked.legal_entities)
        old = self._world.desk.credential(asked.client_id)
        granted = replace(old, employees_right=asked.employees, legal_entities=entities)
        return _shown(self._world.desk.grant(granted))

    def _issue(self, body: bytes) -> object:
        asked = msgspec.json.decode(body or b"{}", type=_NewCredential)
        names = keys(self._world.company, asked.readable)
        return _shown(self._world.desk.issue(names, asked.legal_entities))

    def _rotate(self, body: bytes) -> object:
        asked = msgspec.json.decode(body or b"{}", type=_ForCredential)
        return _shown(self._world.desk.rotate(asked.client_id))

    def _expire(self, body: bytes) -> object:
        asked = msgspec.json.decode(body or b"{}", type=_ForCredential)
        self._world.desk.withdraw(asked.client_id)
        return {}

    def _advance(self, body: bytes) -> object:
        self._world.clock.advance(msgspec.json.decode(body, type=_Advance).seconds)
        return {"now": self._world.clock.now().isoformat()}

    def _state(self, _body: bytes) -> object:
        world = self._world
        return {
            "employees": len(world.company.people),
            "now": world.clock.now().isoformat(),
            "switches": world.switches,
            "credentials": [_shown(known) for known in world.desk.credentials.values()],
            "faults": world.faults.pending(),
            "hooks": world.hooks.waiting,
        }

    def _counters(self, _body: bytes) -> object:
        return self._world.counters.figures()

    def _reset_counters(self, _body: bytes) -> object:
        self._world.counters.reset()
        return {}

    def _truth(self, _body: bytes) -> object:
        return truth(self._world.company)


def _with_kind(body: bytes, kind: str) -> bytes:
    given = msgspec.json.decode(body or b"{}")
    return msgspec.json.encode({**given, "kind": kind} if isinstance(given, dict) else given)


def _json(status: int, told_: object) -> Reply:
    return Reply(status, msgspec.json.encode(told_))


def _shown(credential: Credential) -> dict[str, object]:
    return {
        "client_id": credential.client_id,
        "client_secret": credential.client_secret,
        "readable": None if credential.readable is None else sorted(credential.readable),
        "legal_entities": None if credential.legal_entities is None else sorted(credential.legal_entities),
        "employees_right": credential.employees_right,
    }
