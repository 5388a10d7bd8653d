"""Decisions: what somebody said no to is recognised, listed, overtaken by other facts, and ended."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.database.store import SqlStore
from domain.changes import Aspect, ChangeState
from domain.codes import Code
from domain.compare import Judged, Wish
from domain.config import Scope
from domain.decisions import Decision, DecisionKind
from domain.ids import ChangeId, ConfigVersion, PersonId, TenantId
from tests.contracts.store.builders import ACME, OTHER, HandClock, add_tenant, configuration, link, values
from tests.contracts.store.plans import V1, Plans, deactivate, manage, reactivate, refused, update

ADA = PersonId("1")
WHOLLY = {(ADA, Aspect.ACCOUNT): Judged.WHOLLY, (ADA, Aspect.MANAGER): Judged.WHOLLY}
IN_PART = {(ADA, Aspect.ACCOUNT): Judged.IN_PART}


@pytest.fixture
def plans(store: SqlStore, clock: HandClock) -> Plans:
    made = Plans(store, clock)
    made.linked(link("1"), link("2", "bob"))
    return made


def said_no(plans: Plans, *wishes: Wish, run: str = "run-1") -> list[ChangeId]:
    """Let a human reject held rows."""
    ids = plans.plan(run, *wishes)
    plans.hold(*ids)
    plans.release(run)
    with plans.store.write() as tx:
        assert tx.changes.reject(ACME, ids, "operator:ina") == len(ids)
    plans.clock.advance()
    return ids


def match(
    plans: Plans, *wishes: Wish, version: ConfigVersion = V1, tenant_id: TenantId = ACME
) -> list[DecisionKind | None]:
    """Tell of each wish whether it was decided against, and how."""
    named = [(ChangeId(f"new-{number}"), wish) for number, wish in enumerate(wishes)]
    with plans.store.read() as tx:
        found = tx.decisions.matching(tenant_id, named, version)
    kinds = [found.get(change_id) for change_id, _ in named]
    return [each.kind if each else None for each in kinds]


def standing(plans: Plans, tenant_id: TenantId = ACME, person_id: PersonId | None = None) -> list[Decision]:
    with plans.store.read() as tx:
        return list(tx.decisions.standing(tenant_id, person_id))


def overtake(plans: Plans, judged: Mapping[tuple[PersonId, Aspect], Judged], *wishes: Wish) -> int:
    """Let a record speak that was asked for now."""
    with plans.store.write() as tx:
        return tx.decisions.overtaken(ACME, judged, wishes, V1, plans.clock.now())


def configured(plans: Plans, **changes: object) -> ConfigVersion:
    with plans.store.write() as tx:
        return tx.tenants.configure(ACME, configuration(**changes), "test")


REJECTED = DecisionKind.REJECTED


def test_a_rejected_wish_is_known_again_and_no_other(plans: Plans) -> None:
    said_no(plans, update())
    assert match(plans, update(), update(after="ida"), update("2", "bob", "eve"), deactivate()) == [
        REJECTED,
        None,
        None,
        None,
    ]


def test_whatever_way_leads_to_the_same_account_is_the_same_wish(plans: Plans) -> None:
    said_no(plans, update())
    opened = replace(reactivate(), after=values("eve"))
    assert match(plans, opened) == [REJECTED]


def test_what_takes_a_row_back_was_asked_for_now_and_matches_nothing(plans: Plans) -> None:
    said_no(plans, update())
    assert match(plans, replace(update(), undoes=ChangeId("c0"))) == [None]


def test_closing_for_another_cause_is_another_wish(plans: Plans) -> None:
    said_no(plans, deactivate())
    gone = replace(deactivate(), cause=Code.PERSON_NOT_SEEN)
    assert match(plans, deactivate(), gone) == [REJECTED, None]


def test_a_rejection_outlives_another_schedule_but_a_fall_out_of_the_filter_not_another_filter(
    plans: Plans,
) -> None:
    fell_out = replace(deactivate("2", "bob"), cause=Code.PERSON_LEFT_FILTER)
    said_no(plans, update(), fell_out)
    same = configured(plans, sync_managers=False)
    assert match(plans, update(), fell_out, version=same) == [REJECTED, REJECTED]
    other = configured(plans, scope=Scope(employment_types=frozenset()))
    assert match(plans, update(), fell_out, version=other) == [REJECTED, None]


def test_a_refusal_binds_to_the_configuration_and_is_over_within_a_day(plans: Plans) -> None:
    [change_id] = plans.released("run-1", update())
    plans.take(change_id)
    plans.settle(refused(change_id))
    assert plans.state(change_id) is ChangeState.DEAD
    assert match(plans, update()) == [DecisionKind.REFUSED]
    assert match(plans, update(), version=configured(plans, sync_managers=False)) == [None]
    plans.clock.advance(timedelta(hours=23))
    assert match(plans, update()) == [None]


def test_what_was_undone_is_decided_by_whoever_asked_for_the_undo(plans: Plans) -> None:
    [change_id] = plans.released("run-1", update())
    plans.apply(change_id)
    back = replace(update(before="eve", after="ada", seen=2), undoes=change_id)
    plans.apply(*plans.released("run-2", back))
    [decision] = standing(plans)
    assert (decision.kind, decision.change_id, decision.by) == (DecisionKind.UNDONE, change_id, "test")
    assert match(plans, update(seen=3)) == [DecisionKind.UNDONE]


def test_after_ninety_days_a_no_is_asked_again(plans: Plans) -> None:
    said_no(plans, update())
    plans.clock.advance(timedelta(days=89))
    assert match(plans, update()) == [REJECTED]
    plans.clock.advance(timedelta(days=1))
    assert match(plans, update()) == [None]
    assert standing(plans) == []


OVERTAKEN: Mapping[str, tuple[Wish, Mapping[tuple[PersonId, Aspect], Judged], tuple[Wish, ...], int]] = {
    "the same is asked for": (update(), WHOLLY, (update(),), 0),
    "something else is asked for": (update(), WHOLLY, (update(after="ida"),), 1),
    "nothing is asked for": (update(), WHOLLY, (), 1),
    "values are told in part": (update(), IN_PART, (), 0),
    "told in part, nobody is to be closed": (deactivate(), IN_PART, (), 1),
    "still to be closed": (deactivate(), IN_PART, (deactivate(),), 0),
    "nothing was told": (update(), {}, (), 0),
    "of the manager nothing was told": (manage(), IN_PART, (), 0),
    "another manager": (manage(), WHOLLY, (manage(boss="8"),), 1),
    "of somebody else": (update("2", "bob", "eve"), WHOLLY, (), 0),
}


@pytest.mark.parametrize(("decided", "judged", "asked", "ended"), OVERTAKEN.values(), ids=OVERTAKEN.keys())
def test_a_decision_ends_when_a_record_that_says_enough_asks_for_something_else(
    decided: Wish,
    judged: Mapping[tuple[PersonId, Aspect], Judged],
    asked: tuple[Wish, ...],
    ended: int,
    plans: Plans,
) -> None:
    said_no(plans, decided)
    assert overtake(plans, judged, *asked) == ended
    assert len(standing(plans)) == 1 - ended


def test_a_record_that_was_asked_for_before_the_decision_ends_nothing(plans: Plans) -> None:
    asked_at = plans.clock.now()
    said_no(plans, update())
    with plans.store.write() as tx:
        assert tx.decisions.overtaken(ACME, WHOLLY, [], V1, asked_at) == 0
    assert len(standing(plans)) == 1


def test_a_refusal_is_overtaken_by_no_record(plans: Plans) -> None:
    [change_id] = plans.released("run-1", update())
    plans.take(change_id)
    plans.settle(refused(change_id))
    plans.clock.advance()
    assert overtake(plans, WHOLLY) == 0


def test_standing_decisions_are_listed_newest_first_by_tenant_and_person(plans: Plans) -> None:
    add_tenant(plans.store, OTHER)
    said_no(plans, update())
    said_no(plans, deactivate("2", "bob"), run="run-2")
    assert [each.person_id for each in standing(plans)] == ["2", "1"]
    [one] = standing(plans, person_id=ADA)
    assert (one.aspect, one.kind, one.by) == (Aspect.ACCOUNT, REJECTED, "operator:ina")
    assert one.until == one.at + timedelta(days=90)
    assert standing(plans, OTHER) == []
    assert match(plans, update(), tenant_id=OTHER) == [None]


def test_a_human_ends_one_decision_or_all_over_a_person_once_and_only_of_the_own_tenant(plans: Plans) -> None:
    add_tenant(plans.store, OTHER)
    first, second, _ = said_no(plans, update(), manage(), deactivate("2", "bob"))
    with plans.store.write() as tx:
        assert tx.decisions.end(OTHER, change_id=first) == 0
        assert tx.decisions.end(OTHER, person_id=ADA) == 0
        assert tx.decisions.end(ACME) == 0
        assert tx.decisions.end(ACME, change_id=first) == 1
        assert tx.decisions.end(ACME, change_id=first) == 0
        assert tx.decisions.end(ACME, change_id=second, person_id=PersonId("2")) == 0
        assert tx.decisions.end(ACME, person_id=ADA) == 1
    assert [each.person_id for each in standing(plans)] == ["2"]
