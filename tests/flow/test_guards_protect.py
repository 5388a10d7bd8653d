"""Some accounts are never closed, renamed or demoted by themselves; a first run asks before it makes any."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.config import Configuration, Line
from domain.guards import Guards
from domain.run import Outcome
from simulators.personio.handle import PersonioSimulator
from simulators.personio.switches import Switches
from simulators.scim.handle import ScimSimulator
from tests.flow.relay import ACME, Relay, build_relay
from tests.flow.test_guards_lanes import guarded, held, wanted
from tests.flow.test_main_job import live
from tests.flow.truth import accounts, compare, is_wanted, people

__all__ = ["live"]


def is_open(live: Relay, person: int) -> bool:
    return accounts(live)[str(person)]["active"] is True


@pytest.mark.parametrize("how", ["person", "account", "name"])
def test_a_protected_account_is_neither_closed_nor_renamed(
    live: Relay, config: Configuration, how: str
) -> None:
    leaver, renamed, other = (person for person in wanted(live)[:3])
    entries = {
        "person": {f"personio:{each.id}" for each in (leaver, renamed)},
        "account": {f"account:{accounts(live)[str(each.id)]['id']}" for each in (leaver, renamed)},
        "name": {str(each.email).upper() for each in (leaver, renamed)},
    }
    guarded(live, config, Guards(protect=frozenset(entries[how])))
    live.personio.company.terminate(leaver.id)
    live.personio.company.change(renamed.id, email="other@example.com")
    live.personio.company.terminate(other.id)
    assert live.sync().outcome is Outcome.OK_WITH_HOLDS
    assert {row.person_id for row in held(live, Code.GUARD_PROTECTED)} == {str(leaver.id), str(renamed.id)}
    assert is_open(live, leaver.id)
    assert accounts(live)[str(renamed.id)]["userName"] == renamed.email
    assert not is_open(live, other.id)
    live.approve()
    assert not is_open(live, leaver.id)


def test_a_protected_persons_title_is_kept_up(live: Relay, config: Configuration) -> None:
    person = wanted(live)[0]
    guarded(live, config, Guards(protect=frozenset({f"personio:{person.id}"})))
    live.personio.company.change(person.id, position="Chief")
    assert live.sync().outcome is Outcome.OK
    assert accounts(live)[str(person.id)]["title"] == "Chief"


def test_a_protect_list_is_stored_without_anybodys_address(live: Relay, config: Configuration) -> None:
    guarded(live, config, Guards(protect=frozenset({"ceo@acme.example", "personio:7"})))
    with live.store.read() as tx:
        stored = tx.tenants.configuration(ACME)
    assert stored is not None
    assert "personio:7" in stored.guards.protect
    assert not any("@" in entry for entry in stored.guards.protect)
    version = stored.version
    with live.store.write() as tx:
        assert tx.tenants.configure(ACME, stored, "again") == version


def test_whoever_runs_the_application_is_never_closed_by_a_run(live: Relay) -> None:
    admin, other = wanted(live)[:2]
    account = str(accounts(live)[str(admin.id)]["id"])
    live.app.state.edit_account(account, {"roles": [{"value": "Admin", "primary": True}]})
    for person in (admin, other):
        live.personio.company.terminate(person.id)
    plan = live.sync(plan_only=True)
    shown = [row for row in live.rows(ChangeState.PROPOSED) if row.run_id == plan.run_id]
    assert {row.why for row in shown if row.person_id == str(admin.id)} == {Code.GUARD_PROTECTED}
    live.sync()
    live.sync()
    assert [row.person_id for row in held(live, Code.GUARD_PROTECTED)] == [str(admin.id)]
    assert is_open(live, admin.id)
    assert not is_open(live, other.id)


def test_who_waits_is_not_asked_for_again_by_every_run(live: Relay) -> None:
    for person in wanted(live)[:5]:
        live.personio.company.terminate(person.id)
    live.sync()
    live.app.counters.reset()
    live.sync()
    assert live.app.counters.requests(route="/Users") == 0


def test_e8_an_admin_of_the_application_whom_nobody_synced_is_never_touched(
    relay: Relay, config: Configuration
) -> None:
    typed = Line("employment_type", "userType")
    relay.configure(replace(config, lines=(*config.lines, typed)))
    employee = wanted(relay)[0]
    stranger = relay.app.state.add_account("root@app.example", userType="admin", roles=[{"value": "admin"}])
    found = relay.app.state.add_account(str(employee.email), userType="admin", roles=[{"value": "admin"}])
    before = relay.app.state.account(id=found)
    relay.go_live()
    held_rows = held(relay, Code.GUARD_PROTECTED)
    assert [(row.person_id, row.action) for row in held_rows] == [(str(employee.id), Action.LINK)]
    assert relay.app.state.account(id=found) == before
    assert relay.app.state.account(id=stranger)["active"] is True
    relay.personio.company.terminate(employee.id)
    relay.sync()
    assert relay.app.state.account(id=found) == before
    assert relay.app.state.account(id=stranger)["attributes"]["userType"] == "admin"


@pytest.fixture
def populated(tmp_path: Path, config: Configuration) -> Iterator[Relay]:
    """An application with five hundred accounts that are nobody's, and a company of some sixty."""
    with (
        PersonioSimulator.start(employees=80, seed=7, switches=Switches(rate_limits=False)) as personio,
        ScimSimulator.start(users=500) as app,
    ):
        built = build_relay(tmp_path / "home", personio, app, replace(config, guards=Guards()))
        yield built
        built.desk.hands.shutdown()
        built.store.close()


def test_g4_a_first_run_on_five_hundred_accounts_links_and_asks_before_it_makes_any(populated: Relay) -> None:
    known = [person for person in people(populated) if is_wanted(person)][:10]
    for person in known:
        populated.app.state.add_account(str(person.email))
    run = populated.go_live()
    figures = populated.figures(run)
    assert figures.actions["link"] == 10
    waiting = held(populated, Code.GUARD_FIRST_RUN)
    assert len(waiting) == sum(is_wanted(person) for person in people(populated)) - 10
    assert {row.action for row in waiting} == {Action.CREATE}
    assert waiting[0].detail.startswith("10 of the 510 accounts in the application were recognised")
    assert len(populated.app.state.accounts()) == 510
    populated.sync()
    assert {row.change_id for row in held(populated, Code.GUARD_FIRST_RUN)} == {
        row.change_id for row in waiting
    }
    populated.approve()
    populated.sync()
    ours = {key: account for key, account in accounts(populated).items() if account["externalId"]}
    assert compare(people(populated), ours) == []


def test_a_first_run_on_an_empty_application_needs_one_yes_only(relay: Relay, config: Configuration) -> None:
    relay.configure(replace(config, guards=Guards()))
    assert relay.go_live().outcome is Outcome.OK
    assert relay.rows(ChangeState.HELD) == []
