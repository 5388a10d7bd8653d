"""A feed that moved while it was read gets one second look; absence is judged only where that adds up."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from domain.employee import Attribute, Employee, Page
from domain.ids import PersonId
from domain.run import Outcome
from simulators.personio.actions import Action, EmptyList, Html, Status
from simulators.personio.changes import Erase, Hire
from simulators.personio.handle import PersonioSimulator
from simulators.personio.switches import Switches
from tests.flow.misfortunes import MortalSource, survive, until_calm, with_ends
from tests.flow.relay import ACME, Relay
from tests.flow.test_main_job import live, somebody
from tests.flow.truth import accounts, differences, people

__all__ = ["live"]

LIST = "/v1/company/employees"
PAGES, FULL = 3, 100


@pytest.fixture
def personio() -> Iterator[PersonioSimulator]:
    with PersonioSimulator.start(employees=230, seed=7, switches=Switches(rate_limits=False)) as running:
        yield running


def hire_between_all_pages(relay: Relay, name: str) -> None:
    for page in range(PAGES):
        told = {"first_name": "Mid", "last_name": f"Way {name} {page}", "email": f"{name}{page}@example.com"}
        relay.personio.after_page(page, Hire(attributes={**told}))


def test_d11_a_company_that_hires_during_every_paging_gets_joiners_leavers_and_absences_each_run(
    live: Relay,
) -> None:
    for turn in range(2):
        left, erased = somebody(live, at=20 + turn), somebody(live, at=40 + turn)
        live.personio.company.terminate(int(left))
        live.personio.company.erase(int(erased))
        hire_between_all_pages(live, f"t{turn}")
        run = live.sync()
        assert run.certificate.startswith("certified"), run.certificate
        assert "read again" in run.certificate
        assert [accounts(live)[gone]["active"] for gone in (left, erased)] == [False, False]
        assert differences(live) == []


def test_d11_a_person_found_only_on_the_second_look_is_noticed_like_any_other(live: Relay) -> None:
    joiner = Hire(attributes={"first_name": "Late", "last_name": "Comer", "email": "late@example.com"})
    live.personio.after_page(1, joiner)
    run = live.sync()
    late = next(person for person in people(live) if person.email == "late@example.com")
    assert accounts(live)[str(late.id)]["active"] is True
    assert live.figures(run).people == len(people(live))
    assert live.figures(run).unchanged <= len(people(live))


def test_d11_somebody_erased_while_reading_hides_nobody_and_waits_for_the_next_feed(live: Relay) -> None:
    newest = max(people(live), key=lambda person: person.id)
    live.personio.after_page(0, Erase(person_id=newest.id))
    run = live.sync()
    assert run.certificate.startswith("drifted")
    assert live.app.counters.writes == 0
    assert live.sync().certificate.startswith("certified")


class Wandering:
    """Be a company in which somebody is hired after every full page that is read."""

    def __init__(self, live: Relay) -> None:
        self._live = live
        self._inner = live.desk.accounts.source(ACME)
        self.asked = 0

    def attributes(self) -> tuple[Attribute, ...]:
        """Ask the real one."""
        return self._inner.attributes()

    def page(self, cursor: str | None) -> Page:
        """Read a page, and hire."""
        self.asked += 1
        page = self._inner.page(cursor)
        if len(page.employees) == FULL:
            self._live.personio.company.hire(first_name="And", last_name="Another")
        return page

    def person(self, person_id: PersonId) -> Employee | None:
        """Ask the real one."""
        return self._inner.person(person_id)


def test_d11_a_list_that_still_moves_on_the_second_look_has_drifted_and_is_not_read_a_third_time(
    live: Relay,
) -> None:
    erased = somebody(live)
    live.personio.company.erase(int(erased))
    source = Wandering(live)
    with with_ends(live, source=source):
        run = live.sync()
    assert run.certificate.startswith("drifted: the total moved again")
    assert source.asked <= 2 * (PAGES + 1) + 1
    assert accounts(live)[erased]["active"] is True


class Elsewhere(Wandering):
    """Be that company, and another one, with a person for each of its own, from the second look on."""

    def page(self, cursor: str | None) -> Page:
        """Read a page of either."""
        page = super().page(cursor)
        if self.asked <= PAGES + 1:
            return page
        strangers = tuple(replace(each, person_id=PersonId(f"9{each.person_id}")) for each in page.employees)
        return replace(page, employees=strangers)


def test_d11_a_second_look_at_another_company_brings_nobody_in(live: Relay) -> None:
    title = "Duchess"
    live.personio.company.change(int(somebody(live)), position=title)
    with with_ends(live, source=Elsewhere(live)):
        run = live.sync()
        for _ in range(4):
            live.later(minutes=2)
    assert live.run(run.run_id).certificate.endswith("could not be read a second time: feed.broken")
    assert live.app.counters.requests(method="POST") == 0
    assert accounts(live)[somebody(live)]["title"] == title


@pytest.mark.parametrize("dies_at", range(5, 9))
def test_d11_a_worker_that_dies_in_the_second_look_goes_on_where_it_was(live: Relay, dies_at: int) -> None:
    erased = somebody(live)
    live.personio.company.erase(int(erased))
    hire_between_all_pages(live, "x")
    source = MortalSource(live.desk.accounts.source(ACME), {dies_at})
    with with_ends(live, source=source):
        assert not survive(live.sync)
        until_calm(live, rounds=3)
    assert accounts(live)[erased]["active"] is False
    assert differences(live) == []
    assert source.asked <= 12, "what was read before the worker died is not read a third time"


@pytest.mark.parametrize("fault", [Status(status=502), Html()], ids=["502", "a web page"])
def test_d11_a_second_look_that_fails_for_ever_lets_the_joiners_through(live: Relay, fault: Action) -> None:
    erased = somebody(live)
    live.personio.company.erase(int(erased))
    live.personio.after_page(1, Hire(attributes={"first_name": "Mid", "last_name": "Way"}))
    joiner = live.personio.company.hire(first_name="Jo", last_name="Iner", email="jo@example.com")
    live.personio.fault(fault, path=LIST, query={"offset": "0"}, nth=2, count=None)
    run = live.sync()
    for _ in range(4):
        live.later(minutes=2)
    ended = live.run(run.run_id)
    assert ended.outcome is Outcome.OK
    assert ended.certificate.startswith("drifted: the list moved, and could not be read a second time")
    assert accounts(live)[str(joiner)]["active"] is True
    assert accounts(live)[erased]["active"] is True


def test_d10_a_list_that_ended_too_early_is_completed_by_the_second_look(live: Relay) -> None:
    before = len(people(live))
    live.personio.fault(EmptyList(), path=LIST, query={"offset": "200"})
    run = live.sync()
    assert run.certificate.startswith(f"certified: {before} people")
    assert live.app.counters.writes == 0
