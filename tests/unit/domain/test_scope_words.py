"""A filter is read from what people write, every mistake has its place and cure, and it is written back."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given

from domain.scope_tree import AllOf, AnyOf, Clause, Not, Operator, Today, Tree
from domain.scope_words import BARE, DEEPEST, SEVERAL, read_where, write_where
from tests.unit.domain.test_scope_tree import trees

BERLIN = {"attribute": "office", "is": "Berlin"}


def test_conditions_below_each_other_must_all_hold() -> None:
    told = [
        BERLIN,
        {"any": [{"attribute": "department.id", "in": ["17", "18"]}, {"not": BERLIN}]},
        {"attribute": "hire_date", "on_or_before": "today+2w"},
        {"attribute": "dynamic_7", "empty": True},
        {"attribute": "universal:shirt", "any_of": ["XL"]},
        {"attribute": "termination_date", "after": date(2026, 12, 31)},
        {"attribute": "weekly_working_hours", "greater": 20},
    ]
    assert read_where(told).tree == AllOf(
        (
            Clause("office", Operator.IS, ("Berlin",)),
            AnyOf(
                (
                    Clause("department.id", Operator.IN, ("17", "18")),
                    Not(Clause("office", Operator.IS, ("Berlin",))),
                )
            ),
            Clause("hire_date", Operator.ON_OR_BEFORE, (Today(14),)),
            Clause("dynamic_7", Operator.EMPTY),
            Clause("universal:shirt", Operator.ANY_OF, ("XL",)),
            Clause("termination_date", Operator.AFTER, (date(2026, 12, 31),)),
            Clause("weekly_working_hours", Operator.GREATER, (20,)),
        )
    )


def test_one_condition_stands_for_itself_and_none_asks_nothing() -> None:
    assert read_where([BERLIN]).tree == Clause("office", Operator.IS, ("Berlin",))
    assert read_where([]).tree is None
    assert read_where([]).wrong == []


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", Today()),
        ("TODAY + 14d", Today(14)),
        ("today-3d", Today(-3)),
        ("2026-12-31", date(2026, 12, 31)),
    ],
)
def test_days_are_told_in_the_calendar_or_from_today(text: str, day: date | Today) -> None:
    assert read_where([{"attribute": "hire_date", "after": text}]).tree == Clause(
        "hire_date", Operator.AFTER, (day,)
    )


def writable(tree: Tree) -> Tree:
    """Bring a tree to the form in which it is read: as many values as the operator takes."""
    match tree:
        case AllOf(parts) | AnyOf(parts):
            return type(tree)(tuple(writable(part) for part in parts))
        case Not(part):
            return Not(writable(part))
        case Clause(attribute, operator, operands):
            if operator in {Operator.GREATER, Operator.LESS}:
                return Clause(attribute, operator, (7,))
            if operator in {Operator.CONTAINS, Operator.STARTS_WITH}:
                return Clause(attribute, operator, ("x",))
            if operator.value in {"before", "after", "on_or_before", "on_or_after"}:
                return Clause(attribute, operator, (Today(3),))
            several = operands if operator in SEVERAL else operands[:1]
            return Clause(attribute, operator, () if operator in BARE else several)


@given(trees)
def test_what_is_written_is_read_as_the_same(tree: Tree) -> None:
    top = writable(tree)
    reading = read_where(write_where(top))
    assert not reading.wrong
    single = isinstance(top, AllOf) and len(top.parts) == 1
    assert reading.tree == (top.parts[0] if single and isinstance(top, AllOf) else top)


def nested(depth: int) -> dict[str, Any]:
    return BERLIN if depth == 0 else {"not": nested(depth - 1)}


@pytest.mark.parametrize(
    ("told", "place", "says"),
    [
        ("Berlin", (), "[[scope.where]]"),
        (["Berlin"], (0,), "attribute ="),
        ([{"is": "Berlin"}], (0,), "name a Personio attribute"),
        ([{"attribute": "e mail", "is": "x"}], (0, "attribute"), "dynamic_4711"),
        ([{"attribute": "office"}], (0,), "asks nothing"),
        ([{"attribute": "office", "is": "x", "is_not": "y"}], (0,), "2 things at once"),
        ([{"attribute": "office", "equals": "x"}], (0, "equals"), "did you mean is?"),
        ([{"attribute": "office", "start_with": "x"}], (0, "start_with"), "did you mean starts_with?"),
        ([{"attribute": "office", "is": ""}], (0, "is"), "empty = true"),
        ([{"attribute": "office", "is": ["a"]}], (0, "is"), 'in = ["Berlin"'),
        ([{"attribute": "office", "in": "a"}], (0, "in"), "a list"),
        ([{"attribute": "office", "in": []}], (0, "in"), "a list"),
        ([{"attribute": "office", "in": ["a", {}]}], (0, "in"), "a list"),
        ([{"attribute": "office", "empty": False}], (0, "empty"), "filled = true"),
        ([{"attribute": "office", "contains": 3}], (0, "contains"), "a text"),
        ([{"attribute": "hire_date", "after": "soon"}], (0, "after"), "today+14d"),
        ([{"attribute": "hire_date", "after": "2026-13-01"}], (0, "after"), "today+14d"),
        ([{"attribute": "hire_date", "after": datetime(2026, 1, 1)}], (0, "after"), "today+14d"),  # noqa: DTZ001  as TOML reads it
        ([{"attribute": "hours", "greater": "20"}], (0, "greater"), "without quotation marks"),
        ([{"attribute": "hours", "greater": float("nan")}], (0, "greater"), "a number"),
        ([{"any": []}], (0, "any"), "at least one"),
        ([{"any": BERLIN}], (0, "any"), "at least one"),
        ([{"any": [BERLIN], "not": BERLIN}], (0,), "more than one thing"),
        ([BERLIN, {"any": [BERLIN, {"not": {"attribute": "x"}}]}], (1, "any", 1, "not"), "asks nothing"),
        ([nested(DEEPEST)], (0, *["not"] * DEEPEST), "nested deeper"),
        ([BERLIN] * 201, (), "more than 200"),
        ([{"attribute": "office", "is": "x" * 201}], (0, "is"), "one value"),
    ],
)
def test_each_mistake_has_its_place_and_its_cure(told: object, place: tuple[object, ...], says: str) -> None:
    reading = read_where(told)
    (wrong,) = reading.wrong
    assert wrong.place == place
    assert says in f"{wrong.what}; {wrong.cure}"
    assert reading.tree is None


def test_a_filter_may_be_as_deep_as_people_need() -> None:
    assert not read_where([nested(DEEPEST - 1)]).wrong
