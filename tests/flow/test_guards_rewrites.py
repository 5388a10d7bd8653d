"""Rewritten, renamed, shuffled, made or opened in bulk: a human looks first, and the rest goes on."""

from dataclasses import replace

import pytest

from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.config import Configuration
from domain.guards import OFF, Bound, Guards
from domain.ids import PersonId
from domain.run import Outcome
from tests.flow.relay import Relay
from tests.flow.test_guards_lanes import big, guarded, held, wanted
from tests.flow.test_main_job import live
from tests.flow.truth import accounts, differences, is_wanted, people

__all__ = ["big", "live"]

STRICT = Guards(updates=Bound(10, 3, 100), reactivations=Bound(10, 1, 100), creates=Bound(10, 3, 100))
"""Bounds that a company of twenty can reach."""


def test_g3_an_attribute_rewritten_for_everybody_waits_and_a_marriage_goes_on(
    live: Relay, config: Configuration
) -> None:
    guarded(live, config, STRICT)
    everybody = wanted(live)
    for person in everybody[:8]:
        live.personio.company.change(person.id, position="Rolle")
    live.personio.company.change(everybody[9].id, last_name="Lovelace")
    run = live.sync()
    assert run.outcome is Outcome.OK_WITH_HOLDS
    assert {row.person_id for row in held(live, Code.GUARD_UPDATES)} == {str(p.id) for p in everybody[:8]}
    assert held(live, Code.GUARD_UPDATES)[0].detail.startswith("«title» changes for 8 of ")
    assert accounts(live)[str(everybody[9].id)]["name.familyName"] == "Lovelace"
    live.approve()
    assert differences(live) == []


def test_a_guard_that_is_off_holds_nothing(live: Relay, config: Configuration) -> None:
    guarded(live, config, replace(STRICT, updates=OFF))
    for person in wanted(live)[:8]:
        live.personio.company.change(person.id, position="Rolle")
    assert live.sync().outcome is Outcome.OK
    assert differences(live) == []


def test_a_change_of_the_mail_domain_waits_for_a_human(live: Relay) -> None:
    for person in [person for person in people(live) if is_wanted(person)]:
        live.personio.company.change(person.id, email=f"p{person.id}@new.example")
    live.sync()
    rows = held(live, Code.GUARD_RENAMES)
    assert len(rows) == sum(is_wanted(person) for person in people(live))
    assert "would get another unique name" in rows[0].detail
    assert live.app.counters.writes == 0
    live.approve()
    assert differences(live) == []


def exchange(live: Relay, people_: list[int], *, names_too: bool) -> None:
    told = {person.id: person for person in people(live)}
    for at, person in enumerate(people_):
        live.personio.company.change(person, email=f"parked{at}@example.com")
    for at, person in enumerate(people_):
        other = told[people_[(at + 1) % len(people_)]]
        live.personio.company.change(person, email=other.email)
        if names_too:
            live.personio.company.change(person, first_name=other.first_name, last_name=other.last_name)


@pytest.mark.parametrize("size", [2, 3])
def test_people_whose_ids_look_exchanged_wait_and_nobodys_name_is_freed(live: Relay, size: int) -> None:
    turned = [person.id for person in wanted(live)[:size]]
    before = {str(each): accounts(live)[str(each)]["userName"] for each in turned}
    exchange(live, turned, names_too=True)
    live.sync()
    waiting = [*held(live, Code.GUARD_SWAPS), *held(live, Code.PERSON_REPLACED)]
    assert {row.person_id for row in waiting if row.action is Action.UPDATE} == set(before)
    assert live.app.counters.writes == 0
    assert {each: accounts(live)[each]["userName"] for each in before} == before
    live.sync()
    assert live.app.counters.writes == 0


def test_more_people_than_a_few_who_exchange_addresses_wait(live: Relay) -> None:
    turned = [person.id for person in wanted(live)[:5]]
    exchange(live, turned, names_too=False)
    live.sync()
    assert len({row.person_id for row in held(live, Code.GUARD_SWAPS)}) == 5
    assert live.app.counters.writes == 0


def test_the_reports_of_many_managers_do_not_all_get_one_by_themselves(big: Relay) -> None:
    company = [person for person in people(big) if is_wanted(person)]
    boss = next(person.id for person in company if any(each.supervisor_id == person.id for each in company))
    below = [person for person in company if person.supervisor_id and person.id != boss]
    below = [person for person in below if person.supervisor_id != boss][:90]
    for person in below:
        big.personio.company.move(person.id, supervisor=boss)
    big.sync()
    rows = held(big, Code.GUARD_MANAGERS)
    assert {row.person_id for row in rows} == {str(person.id) for person in below}
    assert "managers would all get" in rows[0].detail
    assert big.app.counters.writes == 0


def test_many_who_come_back_at_once_wait(live: Relay, config: Configuration) -> None:
    guarded(live, config, STRICT)
    back = [person.id for person in wanted(live)[:3]]
    for person in back:
        live.personio.company.terminate(person)
    live.sync()
    live.approve()
    live.later(days=8)
    for person in back:
        live.personio.company.rehire(person)
    live.sync()
    assert len(held(live, Code.GUARD_REACTIVATIONS)) == 3
    assert not any(accounts(live)[str(person)]["active"] for person in back)


def hire(live: Relay, number: int) -> list[int]:
    return [
        live.personio.company.hire(first_name="Jo", last_name=f"Iner {n}", email=f"joiner{n}@example.com")
        for n in range(number)
    ]


def test_more_joiners_than_anybody_would_believe_wait(live: Relay, config: Configuration) -> None:
    guarded(live, config, Guards())
    joiners = hire(live, 21)
    live.sync()
    assert len(held(live, Code.GUARD_CREATES)) == 21
    assert str(joiners[0]) not in accounts(live)
    later = live.personio.company.hire(first_name="One", last_name="More", email="one.more@example.com")
    live.sync()
    assert accounts(live)[str(later)]["active"] is True
    live.approve()
    assert differences(live) == []


def test_accounts_that_mean_invitations_have_a_smaller_budget(live: Relay, config: Configuration) -> None:
    guarded(live, config, Guards(invites=True))
    hire(live, 6)
    live.sync()
    assert len(held(live, Code.GUARD_INVITATIONS)) == 6
    assert live.app.counters.writes == 0


def test_runs_of_one_use_the_same_budget(live: Relay) -> None:
    leavers = wanted(live)[:5]
    for person in leavers:
        live.personio.company.terminate(person.id)
    for person in leavers:
        live.sync_person(PersonId(str(person.id)))
    closed = [person for person in leavers if not accounts(live)[str(person.id)]["active"]]
    assert len(closed) == 2
    assert len(held(live, Code.GUARD_REMOVALS)) == 3
    assert {row.action for row in live.rows(ChangeState.HELD)} == {Action.DEACTIVATE}
