"""What should change for one person: compared with what was applied, never with what was seen."""

from datetime import date

import pytest

from domain.changes import Action, Aspect
from domain.codes import Code
from domain.compare import canonical, closing, looks_settled, observe, wishes
from domain.config import Policy, Removal, Scope
from domain.employee import Employee, Reference
from domain.link import Link, LinkMark
from domain.scope_tree import AllOf, AnyOf, Clause, Not, Operator
from tests.builders import ADA, USUAL, configuration, employee, link

TODAY = date(2026, 11, 23)
CONFIG = configuration()


def asked(person: Employee, known: Link | None, policy: Policy = USUAL) -> list[Action]:
    config = configuration(policy=policy)
    return [wish.action for wish in wishes(observe(person, config, {}, TODAY), known, config)]


def test_a_joiner_gets_an_account_and_a_manager() -> None:
    assert asked(employee(), None) == [Action.CREATE, Action.SET_MANAGER]


def test_an_unchanged_person_asks_for_nothing() -> None:
    assert asked(employee(), link()) == []


def test_a_marriage_is_an_update_that_takes_the_new_name_and_frees_the_old_one() -> None:
    person = employee(last_name="Lovelace", email="ADA.lovelace@example.com")
    (wish,) = wishes(observe(person, CONFIG, {}, TODAY), link(), CONFIG)
    assert wish.action is Action.UPDATE
    assert (wish.takes_key, wish.frees_key) == ("ada.lovelace@example.com", "ada@example.com")
    assert wish.before == ADA
    assert wish.after == {**ADA, "name.familyName": "Lovelace", "userName": "ADA.lovelace@example.com"}


def test_an_attribute_that_is_not_told_any_more_changes_nothing() -> None:
    assert asked(employee(without=("position",)), link()) == []


def test_a_cleared_attribute_is_an_update() -> None:
    assert asked(employee(position=""), link()) == [Action.UPDATE]


def test_a_leaver_is_deactivated_with_the_evidence_on_the_row() -> None:
    person = employee(status="inactive", last_working_day=date(2026, 10, 31))
    (wish,) = wishes(observe(person, CONFIG, {}, TODAY), link(), CONFIG)
    assert (wish.action, wish.cause) == (Action.DEACTIVATE, Code.PERSON_LEFT)
    assert wish.evidence == {
        "status": "inactive",
        "employment_type": "internal",
        "last_working_day": "2026-10-31",
    }


def test_internal_to_external_deactivates_with_its_own_cause() -> None:
    (wish,) = wishes(observe(employee(employment_type="external"), CONFIG, {}, TODAY), link(), CONFIG)
    assert (wish.action, wish.cause) == (Action.DEACTIVATE, Code.PERSON_LEFT_FILTER)
    assert (wish.evidence or {})["outside by"] == "employment_type"


def test_whoever_left_the_filter_carries_the_names_of_what_said_no_and_none_of_their_values() -> None:
    sales = Clause("department", Operator.IN, ("Sales",))
    late = Clause("hire_date", Operator.BEFORE, (date(2020, 1, 1),))
    boss = Not(Clause("position", Operator.STARTS_WITH, ("Head",)))
    config = configuration(scope=Scope(where=AllOf((sales, AnyOf((late, sales)), boss))))
    person = employee(department="Legal", hire_date=date(2024, 1, 1), position="Clerk")
    (wish,) = wishes(observe(person, config, {}, TODAY), link(), config)
    assert (wish.evidence or {})["outside by"] == "department, hire_date"
    assert "Legal" not in str(wish.evidence)


def test_external_to_internal_creates() -> None:
    assert Action.CREATE in asked(employee(employment_type="internal"), None)


@pytest.mark.parametrize("known", [None, link(active=False)], ids=["no account", "closed account"])
def test_a_leaver_without_an_open_account_needs_nothing(known: Link | None) -> None:
    assert asked(employee(status="inactive"), known) == []


def test_a_policy_can_leave_leavers_alone() -> None:
    keep = Policy(left=Removal.NOTHING, left_filter=Removal.NOTHING)
    assert asked(employee(status="inactive"), link(), keep) == []
    assert asked(employee(employment_type="external"), link(), keep) == []


def test_a_re_hire_gets_the_same_account_back() -> None:
    assert asked(employee(), link(active=False)) == [Action.REACTIVATE]


def test_a_re_hire_whose_name_was_released_takes_it_again() -> None:
    released = {**ADA, "userName": "released.1@example.com"}
    (wish,) = wishes(observe(employee(), CONFIG, {}, TODAY), link(active=False, values=released), CONFIG)
    assert (wish.action, wish.takes_key) == (Action.REACTIVATE, "ada@example.com")


def test_a_past_last_day_alone_removes_nobody() -> None:
    seen = observe(employee(last_working_day=date(2026, 1, 1)), CONFIG, {}, TODAY)
    assert seen.past_last_day
    assert wishes(seen, link(), CONFIG) == ()


@pytest.mark.parametrize("known", [None, link()], ids=["no account", "open account"])
def test_somebody_without_a_required_attribute_is_skipped_and_not_harmed(known: Link | None) -> None:
    seen = observe(employee(email=None), CONFIG, {}, TODAY)
    assert Action.CREATE not in asked(employee(email=None), known)
    assert Action.UPDATE not in asked(employee(email=None), known)
    assert seen.skip == (Code.PERSON_WITHOUT_REQUIRED, "email")


def test_a_record_without_status_asks_for_nothing_and_closes_nothing() -> None:
    seen = observe(employee(without=("status",)), CONFIG, {}, TODAY)
    assert wishes(seen, link(), CONFIG) == ()
    assert closing(seen, (), frozenset(Aspect)) == ()


def test_somebody_who_went_on_leave_keeps_their_account() -> None:
    config = configuration()
    seen = observe(employee(status="onboarding"), config, {}, TODAY)
    assert wishes(seen, link(), config) == ()


def test_a_new_supervisor_changes_the_manager_only() -> None:
    (wish,) = wishes(observe(employee(supervisor=Reference("8", "Bo")), CONFIG, {}, TODAY), link(), CONFIG)
    assert (wish.action, wish.after_manager) == (Action.SET_MANAGER, "8")


def test_a_supervisor_who_was_not_told_is_not_taken_away() -> None:
    assert asked(employee(without=("supervisor",)), link()) == []


def test_nobody_is_their_own_manager() -> None:
    assert observe(employee("1", supervisor=Reference("1", "Ada")), CONFIG, {}, TODAY).supervisor is None


def test_open_rows_that_are_not_wanted_any_more_are_closed() -> None:
    seen = observe(employee(), CONFIG, {}, TODAY)
    closed = closing(seen, (), frozenset({Aspect.ACCOUNT, Aspect.MANAGER, Aspect.NAME}))
    assert [(wish.aspect, wish.action) for wish in closed] == [
        (Aspect.ACCOUNT, Action.KEEP),
        (Aspect.MANAGER, Action.KEEP),
    ]


@pytest.mark.parametrize(
    ("person", "mark_active", "same", "settled"),
    [
        (employee(), True, True, True),
        (employee(), True, False, False),
        (employee(), False, True, False),
        (employee(status="inactive"), True, True, False),
        (employee(status="inactive"), False, True, True),
        (employee(employment_type="external"), True, True, False),
        (employee(without=("status",)), True, False, False),
        (employee(without=("status",)), True, True, True),
        (employee(without=("status",)), False, False, True),
        (employee(supervisor=None), True, True, False),
        (employee(without=("supervisor",)), True, True, True),
    ],
)
def test_fingerprints_alone_tell_who_needs_a_closer_look(
    person: Employee, *, mark_active: bool, same: bool, settled: bool
) -> None:
    known = link()
    mark = LinkMark(known.account_id, mark_active, b"digest", known.manager, known.version)
    seen = observe(person, CONFIG, {}, TODAY)
    assert looks_settled(seen, mark, b"digest" if same else b"other") is settled


def test_the_fingerprinted_form_ignores_order_and_empty_values() -> None:
    assert canonical({"b": 1, "a": "x", "c": None}) == canonical({"a": "x", "b": 1})
