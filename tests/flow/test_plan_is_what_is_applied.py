"""Whatever happened in a company: a plan sends nothing, and a yes to it sends exactly its writes."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from hypothesis import HealthCheck, Phase, example, given, settings

from domain.causes import FOR_A_HUMAN
from domain.changes import Action, Aspect, Change, ChangeState, on_change
from domain.codes import Code
from producers.approve import Approved
from producers.sight import Choice
from simulators.personio.handle import PersonioSimulator
from simulators.personio.switches import Switches
from simulators.scim.handle import ScimSimulator
from tests.builders import configuration
from tests.flow.conftest import SCIM_LINES
from tests.flow.relay import Inline, Relay, build_relay
from tests.flow.test_any_order import HAPPENINGS, PEOPLE, Happening, happen
from tests.flow.truth import accounts

State = dict[str, dict[str, object]]

PATHS = ("userName", "name.givenName", "name.familyName", "title")
TRIES = 3
"""How often time passes until the last row of an approval that waits for another one is sent."""


@contextmanager
def lived(happenings: list[Happening]) -> Iterator[Relay]:
    """Let a company live through what happens after it went live."""
    with (
        tempfile.TemporaryDirectory() as folder,
        PersonioSimulator.start(employees=PEOPLE, seed=7, switches=Switches(rate_limits=False)) as personio,
        ScimSimulator.start() as app,
    ):
        config = configuration(lines=SCIM_LINES)
        relay = build_relay(Path(folder) / "home", personio, app, config, hands=Inline())
        relay.go_live()
        for number, happening in enumerate(happenings):
            happen(relay, happening, number)
        yield relay


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
)
@given(happenings=HAPPENINGS)
@example(happenings=[("rename", 365), ("swap", 852)])
def test_g7_a_plan_sends_nothing_and_a_yes_to_it_exactly_its_writes(happenings: list[Happening]) -> None:
    with lived(happenings) as relay:
        relay.app.counters.reset()
        plan = relay.sync(plan_only=True)
        assert relay.app.counters.writes == 0
        rows = [row for row in relay.rows(ChangeState.PROPOSED) if row.run_id == plan.run_id]
        expected = foretold(rows, state(relay))
        writers = {row.person_id for row in sent(rows)}
        if rows:
            assert isinstance(relay.say_yes(Choice(plan=plan.run_id)), Approved)
        for _ in range(TRIES):
            relay.later(seconds=40)
        assert state(relay) == expected
        assert written(relay) <= writers
        assert relay.rows(ChangeState.STALE) == []
        relay.store.close()


def state(relay: Relay) -> State:
    """Tell what is told of each account in the application, managers by their external id."""
    found = accounts(relay)
    known_as = {str(account["id"]): person for person, account in found.items()}
    return {
        person: {
            **{path: account.get(path) for path in PATHS},
            "active": account["active"],
            "manager": known_as.get(str(account.get("manager"))),
        }
        for person, account in found.items()
    }


def written(relay: Relay) -> set[str]:
    """Tell whose accounts were written with effect."""
    counters = relay.app.counters
    return {
        person for person, account in accounts(relay).items() if counters.effective_writes(str(account["id"]))
    }


def sent(rows: Sequence[Change]) -> list[Change]:
    """Leave out what no yes lets go: doubtful names and identities, and who waits for one of those."""
    going = {None, Code.MANAGER_NOT_SYNCED, *FOR_A_HUMAN}  # who waits for a manager may get one by this plan
    kept = {on_change(row.change_id) for row in rows if row.why not in going}
    size = -1
    while size != len(kept):
        size = len(kept)
        kept |= {on_change(row.change_id) for row in rows if row.blocked_on in kept}
    return [row for row in rows if on_change(row.change_id) not in kept]


def foretold(rows: Sequence[Change], before: Mapping[str, Mapping[str, object]]) -> State:
    """Say from the plan's rows alone what the application will tell after them."""
    after = {person: dict(told) for person, told in before.items()}
    order = {Aspect.NAME: 0, Aspect.ACCOUNT: 1, Aspect.MANAGER: 2}
    for row in sorted(sent(rows), key=lambda row: order[row.aspect]):
        account = after.setdefault(row.person_id, dict.fromkeys((*PATHS, "active", "manager")))
        account |= {path: value for path, value in (row.after or {}).items() if path in PATHS}
        match row.action:
            case Action.DEACTIVATE:
                account["active"] = False
            case Action.CREATE | Action.LINK | Action.REACTIVATE:
                account["active"] = True
            case Action.SET_MANAGER:
                boss = after.get(str(row.after_manager))
                if row.after_manager is None or (boss is not None and boss["active"]):
                    account["manager"] = row.after_manager
            case _:
                pass
    return after
