"""Whatever a feed says, or does not say: nobody whom the company still employs loses the account."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.records import Connection
from domain.run import Run
from simulators.personio.actions import Action, Distort, EmptyList, Html, Redirect, Status, Truncate
from simulators.personio.changes import Erase, Hire
from simulators.personio.control import Control
from simulators.personio.handle import PersonioSimulator
from simulators.personio.switches import Switches
from simulators.personio.told import Told
from simulators.scim.handle import ScimSimulator
from tests.builders import configuration
from tests.flow.conftest import SCIM_LINES
from tests.flow.misfortunes import harm, unexplained
from tests.flow.relay import ACME, Inline, Relay, build_relay
from tests.flow.truth import is_wanted, people

PEOPLE = 14
LIST = "/v1/company/employees"
FEWEST_OF_A_UNIT = 3
"""Nobody can tell the last person of a unit who is hidden from one who was erased; decision 0025."""


def lie(relay: Relay, action: Action) -> None:
    """Let every page of the list come out wrong in this way; asking by id stays honest."""
    relay.personio.fault(action, path=LIST, method="GET", query={"limit": "100"}, count=None)


def cut_short(relay: Relay, dice: int) -> None:
    """End the list too early, under the true total or one that fits."""
    lie(relay, Distort(cut=dice % PEOPLE, page_rows=1 + dice % 7, honest_total=dice % 2 == 0))


def without_some(relay: Relay, dice: int) -> None:
    """Leave some people out."""
    drop = tuple(place for place in range(PEOPLE) if dice >> place & 1)
    lie(relay, Distort(drop=drop[:5], page_rows=1 + dice % 7, honest_total=dice % 2 == 0))


def told_twice(relay: Relay, dice: int) -> None:
    """Tell some people twice, and leave others out, so that the number is right."""
    number = dice % 4
    repeat, drop = tuple(range(number)), tuple(range(8, 8 + number))
    lie(relay, Distort(repeat=repeat, drop=drop, page_rows=1 + dice % 7))


def reordered(relay: Relay, dice: int) -> None:
    """Tell everybody in another order."""
    lie(relay, Distort(shuffle=dice, page_rows=1 + dice % 7))


def pages_that_disagree(relay: Relay, dice: int) -> None:
    """Order each page anew, so that some people are on two pages and some on none."""
    for offset in range(0, PEOPLE, 5):
        shuffled = Distort(shuffle=dice + offset, page_rows=5)
        relay.personio.fault(shuffled, path=LIST, method="GET", offset=offset, query={"limit": "100"})
    lie(relay, Distort(page_rows=5))


def emptied(relay: Relay, dice: int) -> None:
    """List nobody."""
    lie(relay, EmptyList(total=0 if dice % 2 else None))


def redirected(relay: Relay, dice: int) -> None:
    """Send the reader somewhere else, or answer with something else."""
    elsewhere: tuple[Action, ...] = (
        Redirect(location="https://elsewhere.example/"),
        Html(),
        Truncate(),
        Status(status=502),
    )
    lie(relay, elsewhere[dice % len(elsewhere)])


def narrowed(relay: Relay, dice: int) -> None:
    """Limit the credential to one legal entity."""
    entities = sorted({person.subcompany for person in people(relay) if person.subcompany})
    relay.personio.set_rights(legal_entities=[entities[dice % len(entities)]])


def moving(relay: Relay, dice: int) -> None:
    """Let people be hired, and one be erased, while the list is read in small pages."""
    relay.personio.after_page(0, Hire(attributes={"first_name": "Mid", "last_name": f"Way {dice}"}))
    gone = leaver(relay, dice)
    if gone is not None and dice % 3 == 0:
        relay.personio.after_page(0, Erase(person_id=gone.id))


def honest(relay: Relay, dice: int) -> None:
    """Tell the truth."""


def another_company(relay: Relay, dice: int) -> None:
    """Answer with the people of a stranger."""
    with relay.store.write() as tx:
        known = tx.connections.get(ACME)
        assert known is not None
        tx.connections.put(ACME, to(STRANGERS[dice % len(STRANGERS)], known))


DISTORTIONS: Mapping[str, Callable[[Relay, int], None]] = {
    "honest": honest,
    "cut short": cut_short,
    "without some": without_some,
    "told twice": told_twice,
    "reordered": reordered,
    "pages disagree": pages_that_disagree,
    "emptied": emptied,
    "redirected": redirected,
    "narrowed": narrowed,
    "moving": moving,
    "another company": another_company,
}
"""Ways in which one feed may be wrong, tried in every order. `honestly` undoes each; add yours to both."""

STRANGERS: list[Control] = []
"""Companies that are not ours, a smaller and a larger one; started once for all examples."""


def to(personio: Control, known: Connection) -> Connection:
    """Point a connection at a company."""
    return replace(
        known,
        source_url=personio.url,
        client_id=personio.client_id,
        client_secret=personio.client_secret,
    )


def honestly(relay: Relay) -> None:
    """Take every distortion back."""
    relay.personio.clear_faults()
    relay.personio.set_rights()
    relay.personio.set_readable(None)
    with relay.store.write() as tx:
        known = tx.connections.get(ACME)
        assert known is not None
        tx.connections.put(ACME, to(relay.personio, known))


@dataclass(frozen=True)
class Step:
    """One run: what really happens before it, in which way its feed is wrong, and who may be asked by id."""

    happens: tuple[str, ...]
    distortion: str
    dice: int


HAPPENINGS = st.lists(st.sampled_from(["hire", "leave", "erase"]), max_size=2).map(tuple)
DICE = st.integers(0, 2**PEOPLE - 1)
STEPS = st.builds(Step, HAPPENINGS, st.sampled_from(sorted(DISTORTIONS)), DICE)


@pytest.mark.parametrize("distortion", sorted(DISTORTIONS))
@settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
@given(first=HAPPENINGS, dice=DICE, others=st.lists(STEPS, max_size=2), mute=st.integers(0, 3))
def test_nobody_who_is_employed_loses_the_account_whatever_the_feed_says(
    distortion: str, first: tuple[str, ...], dice: int, others: list[Step], mute: int
) -> None:
    steps = [Step(first, distortion, dice), *others]
    with strangers(), a_company_in_sync() as relay:
        for number, step in enumerate(steps):
            for at, what in enumerate(step.happens):
                happen(relay, what, step.dice + at)
            DISTORTIONS[step.distortion](relay, step.dice)
            if mute == number:
                answer_nobody_by_id(relay)
            run = sync(relay)
            assert harm(relay) == [], f"{step.distortion}: {run.certificate}; {run.absence}"
            honestly(relay)
            relay.later(hours=2)
        sync(relay)
        relay.later(minutes=20)
        assert harm(relay) == []
        assert unexplained(relay) == []


def answer_nobody_by_id(relay: Relay) -> None:
    """Let asking by id fail, while the list is told."""
    for digit in range(1, 10):
        relay.personio.fault(Status(status=502), path=f"{LIST}/{digit}", count=None)


def sync(relay: Relay) -> Run:
    """Carry a run out to its end, however often a page has to be asked for."""
    run = relay.sync()
    for _ in range(12):
        if relay.run(run.run_id).outcome is not None:
            break
        relay.later(minutes=20)
    ended = relay.run(run.run_id)
    assert ended.outcome is not None
    return ended


def happen(relay: Relay, what: str, dice: int) -> None:
    """Let something happen to the company, but leave enough people in each legal entity."""
    if what == "hire":
        relay.personio.company.hire(first_name="New", last_name=f"Joiner {dice}")
        return
    gone = leaver(relay, dice)
    if gone is not None and what == "leave":
        relay.personio.company.terminate(gone.id)
    elif gone is not None:
        relay.personio.company.erase(gone.id)


def leaver(relay: Relay, dice: int) -> Told | None:
    """Choose somebody who may go."""
    working = [person for person in people(relay) if is_wanted(person)]
    entities = [person.subcompany for person in working]
    able = [person for person in working if entities.count(person.subcompany) > FEWEST_OF_A_UNIT]
    return able[dice % len(able)] if able else None


@contextmanager
def a_company_in_sync() -> Iterator[Relay]:
    """Build a small company whose people all have their account."""
    with (
        tempfile.TemporaryDirectory() as folder,
        PersonioSimulator.start(employees=PEOPLE, seed=7, switches=Switches(rate_limits=False)) as personio,
        ScimSimulator.start() as app,
    ):
        relay = build_relay(
            Path(folder) / "home", personio, app, configuration(lines=SCIM_LINES), hands=Inline()
        )
        relay.go_live()
        yield relay
        relay.store.close()


@contextmanager
def strangers() -> Iterator[None]:
    """Start other companies, each with people of its own."""
    if STRANGERS:
        yield
        return
    quiet = Switches(rate_limits=False)
    with (
        PersonioSimulator.start(employees=6, seed=101, switches=quiet) as small,
        PersonioSimulator.start(employees=40, seed=202, switches=quiet) as large,
    ):
        STRANGERS.extend((small, large))
        try:
            yield
        finally:
            STRANGERS.clear()
