"""What a review found about names: nobody loses one who stays, and who waits for one gets it."""

from dataclasses import replace
from pathlib import Path

import pytest

from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.config import Configuration
from domain.ids import PersonId
from domain.tenant import TenantState
from simulators.personio.handle import PersonioSimulator
from simulators.personio.told import Told
from simulators.scim.effects import refused
from simulators.scim.handle import ScimSimulator
from tests.flow.relay import ACME, Inline, Relay, build_relay
from tests.flow.test_failures import activate_now, codes, move, somebody
from tests.flow.test_review import is_open, of, told, tomorrow
from tests.flow.truth import accounts, differences, is_wanted, people
from tests.flow.unharmed import live, relay

__all__ = ["live", "relay"]


# 4 Names of leavers


def hold_leavers_while_somebody_wants_the_name_of_one(relay: Relay) -> tuple[Told, str]:
    """Let more people leave than the guard lets go, and hire somebody with the address of the first."""
    leavers = [person for person in people(relay) if is_wanted(person)][3:8]
    for person in leavers:
        relay.personio.company.terminate(person.id)
    bob = leavers[0]
    joiner = relay.personio.company.hire(first_name="Jo", last_name="In", email=bob.email)
    relay.sync()
    held = relay.rows(ChangeState.HELD)
    assert [row.action for row in held if row.why is Code.GUARD_REMOVALS] == [Action.DEACTIVATE] * 5
    return bob, str(joiner)


def assert_nobody_was_renamed(relay: Relay, bob: Told) -> None:
    assert is_open(relay, bob.id)
    assert accounts(relay)[str(bob.id)]["userName"] == bob.email
    assert not [name for name in user_names(relay) if name.startswith("released.")]


def user_names(relay: Relay) -> list[str]:
    return [str(account["userName"]) for account in accounts(relay).values()]


def test_4_a_held_leaver_who_comes_back_keeps_the_name_and_who_wants_it_is_held(live: Relay) -> None:
    bob, joiner = hold_leavers_while_somebody_wants_the_name_of_one(live)
    live.personio.company.rehire(bob.id)
    live.sync()
    live.later(seconds=20)
    assert_nobody_was_renamed(live, bob)
    assert of(live, joiner, ChangeState.HELD) == [(Action.CREATE, Code.KEY_SHARED)]
    live.sync()
    assert of(live, joiner, ChangeState.HELD) == [(Action.CREATE, Code.KEY_SHARED)]
    live.personio.company.change(int(joiner), email="jo.in@example.com")
    live.sync()
    assert_nobody_was_renamed(live, bob)
    assert is_open(live, joiner)


def test_4_an_approved_closing_that_went_stale_renames_nobody_and_the_next_run_judges_again(
    live: Relay,
) -> None:
    bob, joiner = hold_leavers_while_somebody_wants_the_name_of_one(live)
    live.personio.company.rehire(bob.id)
    live.sync(plan_only=True)
    live.approve()
    live.later(seconds=20)
    assert of(live, bob.id, ChangeState.STALE) == [(Action.DEACTIVATE, Code.PLAN_STALE)]
    assert_nobody_was_renamed(live, bob)
    assert of(live, joiner, ChangeState.HELD) == [(Action.CREATE, Code.KEY_SHARED)]
    live.personio.company.terminate(bob.id)
    live.sync()
    held = [row.change_id for row in live.rows(ChangeState.HELD) if row.action is Action.DEACTIVATE]
    if held:
        live.approve(*held)
    live.later(seconds=20)
    live.sync()
    live.later(seconds=20)
    assert not is_open(live, bob.id)
    assert accounts(live)[joiner]["userName"] == bob.email
    assert differences(live) == []


# 11 and 12 Names that become free


@pytest.mark.parametrize("end", ["erased", "without e-mail"])
def test_11_of_two_people_with_one_address_the_one_who_stays_gets_the_account(live: Relay, end: str) -> None:
    company = live.personio.company
    doubled, stays = (company.hire(first_name="A", last_name="B", email="same@example.com") for _ in "12")
    live.sync()
    assert {row.why for row in live.rows(ChangeState.HELD)} == {Code.KEY_SHARED}
    if end == "erased":
        company.erase(doubled)
    else:
        company.change(doubled, email=None)
    live.sync()
    live.sync()
    assert is_open(live, stays)
    assert str(doubled) not in accounts(live)
    assert live.rows(ChangeState.HELD) == []
    assert Code.KEY_SHARED not in codes(live)


def test_12_a_closing_that_died_once_and_succeeds_the_next_day_frees_the_name(live: Relay) -> None:
    bob = told(live, somebody(live))
    live.personio.company.terminate(bob.id)
    joiner = live.personio.company.hire(first_name="Jo", last_name="In", email=bob.email)
    live.app.quirks.add(refused(), methods=("PATCH",))
    live.sync()
    live.later(seconds=20)
    assert of(live, bob.id, ChangeState.DEAD) == [(Action.DEACTIVATE, Code.TARGET_REFUSED)]
    assert str(joiner) not in accounts(live)
    tomorrow(live)
    tomorrow(live)
    assert not is_open(live, bob.id)
    assert accounts(live)[str(joiner)]["userName"] == bob.email
    assert differences(live) == []


# 10 Recognised by something that is not unique


def build_recognising_by_title(
    tmp_path: Path, personio: PersonioSimulator, app: ScimSimulator, config: Configuration
) -> Relay:
    relay = build_relay(tmp_path / "home", personio, app, replace(config, match_path="title"), hands=Inline())
    app.state.add_account("someone@example.com", title="Twin")
    return relay


def test_10_of_two_new_people_only_one_is_given_an_account_that_was_listed(
    tmp_path: Path, personio: PersonioSimulator, app: ScimSimulator, config: Configuration
) -> None:
    relay = build_recognising_by_title(tmp_path, personio, app, config)
    for person in [person for person in people(relay) if is_wanted(person)][3:5]:
        personio.company.change(person.id, position="Twin")
    move(relay, TenantState.READY)
    relay.sync()
    planned = relay.rows(ChangeState.PROPOSED)
    linked = [row.person_id for row in planned if row.action is Action.LINK]
    shared = [row.person_id for row in planned if row.why is Code.KEY_SHARED]
    assert (len(linked), len(shared)) == (1, 1)
    activate_now(relay)
    assert len(accounts_of_title(relay, "Twin")) == 1
    assert [row.person_id for row in relay.rows(ChangeState.HELD)] == shared
    relay.store.close()


def accounts_of_title(relay: Relay, title: str) -> list[object]:
    return [each["id"] for each in relay.app.state.accounts() if each["attributes"].get("title") == title]


@pytest.fixture
def recognising(live: Relay, config: Configuration) -> Relay:
    live.configure(replace(config, match_path="title"))
    live.sync()
    live.app.state.add_account("someone@example.com", title="Twin")
    for at in "12":
        live.personio.company.hire(
            first_name="New", last_name="Twin", email=f"twin{at}@example.com", position="Twin"
        )
    return live


def linked_accounts(relay: Relay) -> list[str]:
    ids = [PersonId(str(person.id)) for person in people(relay)]
    with relay.store.read() as tx:
        return [str(link.account_id) for link in tx.links.get(ACME, ids).values()]


def test_10_of_two_joiners_only_one_is_given_an_account_that_is_found_for_both(recognising: Relay) -> None:
    recognising.sync()
    found = linked_accounts(recognising)
    assert len(found) == len(set(found))
