"""Who wants and who holds a unique name, and which listed accounts may be a person's."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from adapters.database.store import SqlStore
from domain.compare import Wish
from domain.ids import AccountId, ConfigVersion, PersonId, RunId
from domain.keys import Contest, Holder, Wanter
from domain.mapping import same_key
from tests.contracts.store.builders import (
    ACME,
    HandClock,
    account,
    add_tenant,
    configuration,
    link,
    put_link,
)
from tests.contracts.store.plans import (
    Plans,
    create,
    deactivate,
    keep,
    reactivate,
    update,
)


@pytest.fixture
def plans(store: SqlStore, clock: HandClock) -> Plans:
    return Plans(store, clock)


def contests(plans: Plans, run: str) -> Sequence[Contest]:
    with plans.store.read() as tx:
        return tx.changes.contests(ACME, RunId(run))


def holder_in(plans: Plans, run: str) -> Holder | None:
    [contest] = contests(plans, run)
    return contest.holder


def fingerprint(plans: Plans, name: str) -> bytes:
    with plans.store.read() as tx:
        return tx.session.digest(ACME, "key", same_key(f"{name}@acme.example"))


def test_a_name_that_nobody_else_wants_is_no_contest(plans: Plans) -> None:
    plans.linked(link("9", "eve"))
    plans.plan("r1", create("1", "ada"), create("2", "mia"), deactivate("9", "eve"))
    assert contests(plans, "r1") == []


def test_two_who_want_one_name_contest_it(plans: Plans) -> None:
    [one, two, _] = plans.plan("r1", create("1", "ada"), create("2", "ada"), create("3", "mia"))
    wanters = (Wanter(one, PersonId("1")), Wanter(two, PersonId("2")))
    assert contests(plans, "r1") == [Contest(fingerprint(plans, "ada"), wanters, None)]


def test_an_open_row_of_an_earlier_run_contests_too(plans: Plans) -> None:
    [open_row] = plans.released("r1", create("1", "ada"))
    [planned] = plans.plan("r2", create("2", "ada"))
    [contest] = contests(plans, "r2")
    assert [wanter.change_id for wanter in contest.wanters] == [open_row, planned]


def test_an_open_row_that_this_plan_replaces_contests_nothing(plans: Plans) -> None:
    plans.released("r1", create("1", "ada"))
    plans.plan("r2", create("1", "corrected"), create("2", "ada"))
    assert contests(plans, "r2") == []


def test_settled_rows_contest_nothing(plans: Plans) -> None:
    [gone] = plans.released("r1", create("1", "ada"))
    plans.released("r2", keep("1"))
    plans.plan("r3", create("2", "ada"))
    assert plans.row(gone).state.value == "dropped"
    assert contests(plans, "r3") == []


def test_an_account_that_stays_as_it_is_holds_its_name(plans: Plans) -> None:
    plans.linked(link("9", "ada"))
    plans.plan("r1", create("1", "ada"))
    assert holder_in(plans, "r1") == Holder(PersonId("9"), active=True)


def test_a_closed_account_holds_its_name_as_well(plans: Plans) -> None:
    plans.linked(link("9", "ada", active=False))
    plans.plan("r1", create("1", "ada"))
    assert holder_in(plans, "r1") == Holder(PersonId("9"), active=False)


def test_a_holder_who_leaves_in_this_plan_is_leaving(plans: Plans) -> None:
    plans.linked(link("9", "ada"))
    [_, leaving] = plans.plan("r1", create("1", "ada"), deactivate("9", "ada"))
    assert holder_in(plans, "r1") == Holder(PersonId("9"), active=True, change_id=leaving, leaving=True)


@pytest.mark.parametrize("working", [False, True])
def test_a_holder_whose_leaving_is_under_way_is_leaving(plans: Plans, working: bool) -> None:
    plans.linked(link("9", "ada"))
    [leaving] = plans.released("r1", deactivate("9", "ada"))
    if working:
        plans.claim(leaving)
    plans.plan("r2", create("1", "ada"))
    assert holder_in(plans, "r2") == Holder(PersonId("9"), active=True, change_id=leaving, leaving=True)


def test_a_holder_who_takes_another_name_gives_it_up(plans: Plans) -> None:
    plans.linked(link("9", "ada"))
    [_, renaming] = plans.plan("r1", create("1", "ada"), update("9", "ada", "eve"))
    assert holder_in(plans, "r1") == Holder(PersonId("9"), active=True, change_id=renaming, giving_up=True)


def test_the_plan_at_hand_says_more_than_an_open_row(plans: Plans) -> None:
    plans.linked(link("9", "ada"))
    plans.released("r1", deactivate("9", "ada"))
    [_, staying] = plans.plan("r2", create("1", "ada"), update("9", "ada", "ada"))
    assert holder_in(plans, "r2") == Holder(PersonId("9"), active=True, change_id=staying)


def test_a_holder_whose_leaving_this_plan_closes_stays(plans: Plans) -> None:
    plans.linked(link("9", "ada"))
    plans.released("r1", deactivate("9", "ada"))
    plans.plan("r2", create("1", "ada"), keep("9"))
    assert holder_in(plans, "r2") == Holder(PersonId("9"), active=True)


def test_a_closed_account_that_opens_again_keeps_its_name(plans: Plans) -> None:
    plans.linked(link("9", "ada", active=False))
    [_, opening] = plans.plan("r1", create("1", "ada"), reactivate("9", "ada"))
    assert holder_in(plans, "r1") == Holder(PersonId("9"), active=True, change_id=opening)


def test_two_who_swap_names_hold_what_the_other_wants(plans: Plans) -> None:
    plans.linked(link("1", "ada"), link("2", "eve"))
    [one, two] = plans.plan("r1", update("1", "ada", "eve"), update("2", "eve", "ada"))
    found = {contest.wanters[0].change_id: contest for contest in contests(plans, "r1")}
    assert found[one].holder == Holder(PersonId("2"), active=True, change_id=two, giving_up=True)
    assert found[two].holder == Holder(PersonId("1"), active=True, change_id=one, giving_up=True)
    assert found[one].wanters[0].frees == fingerprint(plans, "ada")


def test_one_who_holds_the_name_already_contests_nothing(plans: Plans) -> None:
    plans.linked(link("1", "ada"))
    plans.plan("r1", replace(update("1", "old", "ada"), frees_key=None))
    assert contests(plans, "r1") == []


def test_names_of_other_tenants_are_theirs(plans: Plans) -> None:
    other = Plans(plans.store, plans.clock, type(ACME)("other"))
    other.linked(link("9", "ada"))
    other.released("r1", create("8", "ada"))
    plans.plan("r1", create("1", "ada"))
    assert contests(plans, "r1") == []


# correlate


def listed(plans: Plans, *accounts: object, prefix: str = "", **changes: object) -> None:
    config = configuration(external_prefix=prefix, **changes)
    with plans.store.write() as tx:
        tx.target_list.put(ACME, accounts, config)  # type: ignore[arg-type]


def correlated(plans: Plans, run: str = "r1") -> dict[str, list[str]]:
    with plans.store.read() as tx:
        pairs = tx.changes.correlate(ACME, RunId(run))
    return {change.person_id: [account.account_id for account in found] for change, found in pairs}


def test_a_create_is_paired_by_external_id_and_by_value_without_case(plans: Plans) -> None:
    listed(
        plans,
        account("a-1", "somebody", external_id="1"),
        account("a-2", "EVE"),
        account("a-3", "nobody", external_id="77"),
    )
    plans.plan("r1", create("1", "ada"), create("2", "eve"), create("3", "mia"))
    assert correlated(plans) == {"1": ["a-1"], "2": ["a-2"]}


def test_all_accounts_that_look_alike_are_returned_once(plans: Plans) -> None:
    listed(plans, account("a-1", "ada", external_id="1"), account("a-2", "ada"))
    plans.plan("r1", create("1", "ada"))
    assert correlated(plans) == {"1": ["a-1", "a-2"]}


def test_a_paired_account_is_returned_as_it_was_listed(plans: Plans) -> None:
    told = account("a-1", "ada", external_id="1", active=False, manager=AccountId("a-9"))
    listed(plans, told)
    [change_id] = plans.plan("r1", create("1", "ada"))
    with plans.store.read() as tx:
        [(change, found)] = tx.changes.correlate(ACME, RunId("r1"))
    assert (change.change_id, found) == (change_id, (told,))


def test_the_prefix_of_a_shared_target_is_part_of_the_external_id(plans: Plans) -> None:
    config = configuration(external_prefix="acme:", match_path=None)
    with plans.store.write() as tx:
        version = tx.tenants.configure(ACME, config, "test")
    listed(plans, account("a-1", "ada", external_id="1"), account("a-2", "eve", external_id="acme:2"))
    planned_with(plans, version, create("1", "mia"), create("2", "mia"))
    assert correlated(plans) == {"2": ["a-2"]}


def test_without_a_match_path_nobody_is_recognised_by_value(plans: Plans) -> None:
    with plans.store.write() as tx:
        version = tx.tenants.configure(ACME, configuration(match_path=None), "test")
    listed(plans, account("a-1", "ada"))
    planned_with(plans, version, create("1", "ada"))
    assert correlated(plans) == {}


def test_only_creates_are_paired(plans: Plans) -> None:
    listed(plans, account("a-1", "ada", external_id="1"))
    plans.plan("r1", update("1", "eve", "ada"))
    assert correlated(plans) == {}


def test_a_tenants_create_is_not_paired_with_anothers_account(plans: Plans) -> None:
    add_tenant(plans.store, type(ACME)("other"))
    with plans.store.write() as tx:
        tx.target_list.put(type(ACME)("other"), [account("a-1", "ada", external_id="1")], configuration())
        put_link(tx, link("9", "mia"), type(ACME)("other"))
    plans.plan("r1", create("1", "ada"))
    assert correlated(plans) == {}


def planned_with(plans: Plans, version: ConfigVersion, *wishes: Wish) -> None:
    plans.run("r1")
    with plans.store.write() as tx:
        named = [(plans.fresh(), wish) for wish in wishes]
        tx.changes.plan(ACME, RunId("r1"), named, version, {})
