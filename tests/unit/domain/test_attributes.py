"""What counts as lost, what becomes of rows that hang on it, and that no loss ever clears or removes."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.account import Scalar
from domain.attributes import Counted, Fill, Loss, Lost, Normal, count, judge, named, says_something, without
from domain.changes import Action, Change, ChangeState
from domain.codes import Code
from domain.compare import Wish, observe, wishes
from domain.config import Line
from domain.distrust import LeftOut, Untouched, Withheld, weigh
from domain.employee import Employee, Reference, Value
from domain.ids import ChangeId, ConfigVersion, PersonId, RunId
from tests.builders import ADA, LINES, configuration, employee, link

TODAY = date(2026, 11, 23)
CONFIG = configuration(lines=(*LINES, Line("department", "department"), Line("office", "office")))


def normal(key: str = "department", *, people: int = 100, present: int = 100, filled: int = 100) -> Normal:
    return Normal(key, "Abteilung", None, people, Fill(present, filled), counted=True)


def lost(before: Normal, *, people: int, present: int, filled: int, blind: bool = False) -> list[Loss]:
    counted = Counted(people, {before.key: Fill(present, filled)} if present else {})
    keys = frozenset({before.key})
    found = judge(counted, {before.key: before}, keys, keys if blind else frozenset())
    return [each.how for each in found]


@pytest.mark.parametrize(
    ("people", "present", "filled", "expected"),
    [
        pytest.param(100, 100, 100, [], id="as before"),
        pytest.param(100, 100, 50, [], id="half is not less than half"),
        pytest.param(100, 100, 49, [Loss.COLLAPSED], id="less than half"),
        pytest.param(100, 49, 49, [Loss.COLLAPSED], id="left out of half of the records"),
        pytest.param(100, 100, 0, [Loss.COLLAPSED], id="empty for everybody"),
        pytest.param(100, 0, 0, [Loss.GONE], id="on no record"),
        pytest.param(40, 40, 40, [], id="the company shrank, the attribute did not"),
        pytest.param(40, 40, 19, [Loss.COLLAPSED], id="both shrank"),
        pytest.param(200, 200, 100, [], id="newcomers lack it"),
        pytest.param(0, 0, 0, [], id="nobody was read"),
    ],
)
def test_what_is_lost_of_an_attribute_that_a_hundred_people_had(
    people: int, present: int, filled: int, expected: list[Loss]
) -> None:
    assert lost(normal(), people=people, present=present, filled=filled) == expected


@pytest.mark.parametrize(
    ("had", "filled", "expected"),
    [(4, 0, []), (5, 0, [Loss.COLLAPSED]), (9, 0, []), (10, 0, [Loss.COLLAPSED]), (20, 9, [Loss.COLLAPSED])],
)
def test_a_collapse_is_at_least_five_people_and_a_tenth_of_all(
    had: int, filled: int, expected: list[Loss]
) -> None:
    people = 5 if had < 9 else 100
    assert lost(normal(people=people, filled=had), people=people, present=people, filled=filled) == expected


def test_an_attribute_that_is_not_granted_is_blind_if_it_was_told_before_or_is_needed() -> None:
    assert lost(normal(), people=10, present=0, filled=0, blind=True) == [Loss.BLIND]
    never = Normal("department")
    assert lost(never, people=10, present=0, filled=0, blind=True) == []
    key = frozenset({"status"})
    assert [each.how for each in judge(Counted(10, {}), {}, key, key, key)] == [Loss.BLIND]


def test_an_attribute_that_was_accepted_as_gone_is_not_lost_again() -> None:
    accepted = Normal("department", "Abteilung", None, 100, Fill(0, 0), counted=True)
    assert lost(accepted, people=100, present=0, filled=0, blind=True) == []
    assert lost(accepted, people=100, present=0, filled=0) == []


@pytest.mark.parametrize(
    "value", ["x", 1, 0.5, True, False, TODAY, ("a",), Reference("1", ""), Reference("", "x")]
)
def test_a_value_that_says_something(value: Value) -> None:
    assert says_something(value)


@pytest.mark.parametrize("value", [None, "", 0, 0.0, (), Reference("", "")])
def test_a_value_that_says_nothing_zero_is_how_personio_sends_an_empty_number(value: Value) -> None:
    assert not says_something(value)


def test_records_are_counted_by_key() -> None:
    counted = count([employee("1"), employee("2", position=""), employee("3", without=("position",))])
    assert (counted.people, counted.of("position"), counted.of("unheard")) == (3, Fill(2, 1), Fill())


def test_an_attribute_is_named_as_the_company_sees_it_with_figures_where_they_say_something() -> None:
    collapsed = Lost("department", Loss.COLLAPSED, "Abtei«lung»\n", 480, 12)
    blind = Lost("dynamic_7", Loss.BLIND, "IBAN", 480, 0)
    assert named([collapsed, blind]) == "department «Abteilung» (480 → 12), dynamic_7 «IBAN»"


def row(wish: Wish) -> Change:
    """Write a wish as the planned row that the store makes of it."""
    return Change(
        ChangeId("c"),
        RunId("r"),
        wish.person_id,
        wish.action,
        ChangeState.PLANNED,
        ConfigVersion(1),
        cause=wish.cause,
        before=wish.before,
        after=wish.after,
        after_manager=wish.after_manager,
        link_version=wish.link_version,
        evidence=wish.evidence,
    )


def planned(told: Employee, *, linked: bool = True, active: bool = True) -> list[Change]:
    values = {**ADA, "department": "Sales", "office": "Berlin"}
    known = link(active=active, values=values) if linked else None
    return [row(wish) for wish in wishes(observe(told, CONFIG, {}, TODAY), known, CONFIG)]


def full(person_id: str = "1", **more: Value) -> Employee:
    """Build Ada with a department and an office."""
    told: dict[str, Value] = {"department": Reference("1", "Sales"), "office": Reference("2", "Berlin")}
    return Employee(PersonId(person_id), {**employee().attributes, **told, **more})


def test_an_update_goes_on_without_the_lost_path() -> None:
    (update,) = planned(full(department=None, last_name="Lovelace"))
    weighed = weigh(update, [Lost("department", Loss.COLLAPSED)], CONFIG, {})
    assert isinstance(weighed, LeftOut)
    assert weighed.wish.action is Action.UPDATE
    assert weighed.wish.after is not None
    assert weighed.wish.after["department"] == "Sales"
    assert weighed.wish.after["name.familyName"] == "Lovelace"


def test_an_update_of_nothing_but_the_lost_path_is_not_wanted() -> None:
    (update,) = planned(full(department=None))
    weighed = weigh(update, [Lost("department", Loss.GONE)], CONFIG, {})
    assert isinstance(weighed, LeftOut)
    assert weighed.wish.action is Action.KEEP


def test_a_user_name_that_was_lost_is_neither_taken_nor_freed() -> None:
    (update,) = planned(full(email="new@example.com", last_name="Lovelace"))
    weighed = weigh(update, [Lost("email", Loss.COLLAPSED)], CONFIG, {})
    assert isinstance(weighed, LeftOut)
    assert (weighed.wish.takes_key, weighed.wish.frees_key) == (None, None)


def test_a_manager_is_left_alone_when_supervisors_are_lost() -> None:
    (manager,) = planned(full(supervisor=None))
    weighed = weigh(manager, [Lost("supervisor", Loss.COLLAPSED)], CONFIG, {})
    assert isinstance(weighed, LeftOut)
    assert weighed.wish.action is Action.KEEP


@pytest.mark.parametrize(
    ("told", "linked", "active", "key", "withheld"),
    [
        pytest.param(employee(status="inactive"), True, True, "status", True, id="left by status"),
        pytest.param(employee(status="inactive"), True, True, "employment_type", False, id="left, type lost"),
        pytest.param(
            employee(employment_type="external"), True, True, "employment_type", True, id="filtered"
        ),
        pytest.param(employee(employment_type="external"), True, True, "status", True, id="filtered, status"),
        pytest.param(
            employee(employment_type="external"), True, True, "office", False, id="filtered, office"
        ),
        pytest.param(full(), False, True, "status", True, id="joiner, status lost"),
        pytest.param(full(), False, True, "email", True, id="joiner, required lost"),
        pytest.param(full(), True, False, "email", True, id="re-hire, required lost"),
        pytest.param(full(), False, True, "office", False, id="joiner, optional lost"),
    ],
)
def test_rows_wait_that_were_judged_by_what_was_lost(
    told: Employee, *, linked: bool, active: bool, key: str, withheld: bool
) -> None:
    account = planned(told, linked=linked, active=active)[0]
    weighed = weigh(account, [Lost(key, Loss.COLLAPSED)], CONFIG, {})
    assert isinstance(weighed, Withheld) is withheld
    if isinstance(weighed, Withheld):
        assert (weighed.code, weighed.keys) == (Code.SOURCE_ATTRIBUTE_COLLAPSED, (key,))


def test_a_row_that_has_nothing_to_do_with_it_is_untouched() -> None:
    (update,) = planned(full(last_name="Lovelace"))
    assert weigh(update, [Lost("fix_salary", Loss.GONE)], CONFIG, {}) == Untouched()


KEYS = ("status", "employment_type", "email", "first_name", "last_name", "position", "department", "office")
STRIPPED = st.sets(st.sampled_from([*KEYS, "supervisor"]))


@given(STRIPPED, STRIPPED, STRIPPED, st.sets(st.integers(0, 11)))
def test_whatever_is_stripped_or_emptied_nobody_employed_is_removed_and_nothing_is_cleared(
    blind: set[str], left_out: set[str], emptied: set[str], spared: set[int]
) -> None:
    before = [full(str(100 + number)) for number in range(12)]
    usual = count(before)
    settled = {
        key: Normal(key, "", None, usual.people, fill, counted=True) for key, fill in usual.fills.items()
    }
    told = [strip(each, blind | left_out) for each in before]
    told = [each if at in spared else empty(each, emptied) for at, each in enumerate(told)]
    read = CONFIG.source_keys - {"last_working_day", "termination_date"}
    found = judge(count(told), settled, read, frozenset(blind) & read)
    for each in told:
        if spared and not {lost.key for lost in found} >= (emptied & read) - blind - left_out:
            continue  # too few people lost it for a collapse: that is how single people change
        for change in planned_after(without(each, blind), found):
            assert change.action not in {Action.DEACTIVATE, Action.REACTIVATE}
            assert all(value is not None for value in (change.after or {}).values())
            assert change.action is not Action.SET_MANAGER


def planned_after(told: Employee, found: Sequence[Lost]) -> list[Change]:
    """Plan for somebody with an account, and weigh the rows; what waits or is not wanted is left out."""
    values: dict[str, Scalar] = {**ADA, "department": "Sales", "office": "Berlin"}
    known = link(told.person_id, values=values)
    rows = [row(wish) for wish in wishes(observe(told, CONFIG, {}, TODAY), known, CONFIG)]
    going: list[Change] = []
    for change in rows:
        match weigh(change, found, CONFIG, {}):
            case Untouched():
                going.append(change)
            case LeftOut(wish) if wish.action is not Action.KEEP:
                going.append(row(wish))
            case _:
                pass
    return going


def strip(told: Employee, keys: set[str]) -> Employee:
    return without(told, frozenset(keys))


def empty(told: Employee, keys: set[str]) -> Employee:
    emptied = {key: None if key in keys else value for key, value in told.attributes.items()}
    return Employee(PersonId(told.person_id), emptied)
