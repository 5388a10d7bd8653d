"""A filter answers yes, no, or «cannot be told»; what cannot be told neither creates nor removes anybody."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.config import Scope
from domain.employee import Employee, Reference, Value
from domain.ids import PersonId
from domain.scope import Standing, explain, next_look, rule
from domain.scope_judge import Facts, holds
from domain.scope_tree import AllOf, AnyOf, Clause, Not, Operand, Operator, Today, Tree, Truth, clauses
from tests.builders import employee

TODAY = date(2026, 11, 23)
SALES = Reference("17", "Sales")
UNTOLD = object()

Is = Operator


def ask(value: Value | object, operator: Operator, *operands: Operand, attribute: str = "dynamic_1") -> Truth:
    told = {} if value is UNTOLD else {attribute.partition(".")[0]: value}
    person = Employee(PersonId("1"), told)  # type: ignore[arg-type]
    return holds(Clause(attribute, operator, operands), Facts(person, TODAY, {}))


@pytest.mark.parametrize(
    ("value", "operator", "operands", "truth"),
    [
        ("Berlin", Is.IS, ("berlin",), True),
        ("  BERLIN ", Is.IS, ("Berlin",), True),
        ("Straße", Is.IS, ("STRASSE",), True),
        ("Mu\u0308nchen", Is.IS, ("M\u00fcnchen",), True),
        ("Hamburg", Is.IS, ("Berlin",), False),
        ("", Is.IS, ("Berlin",), False),
        (None, Is.IS, ("Berlin",), False),
        ("Berlin", Is.IS_NOT, ("Berlin",), False),
        ("Hamburg", Is.IS_NOT, ("Berlin",), True),
        (None, Is.IS_NOT, ("Berlin",), True),
        (SALES, Is.IS, ("sales",), True),
        (SALES, Is.IS, ("17",), False),
        (40, Is.IS, (40,), True),
        ("40,0", Is.IS, (40,), True),
        (40.0, Is.IS, ("40",), True),
        ("forty", Is.IS, (40,), False),
        (True, Is.IS, (True,), True),
        (False, Is.IS, (True,), False),
        ("true", Is.IS, (True,), True),
        ("Ja", Is.IS, (True,), None),
        (TODAY, Is.IS, (date(2026, 11, 23),), True),
        (TODAY, Is.IS, (Today(),), True),
        ("2026-11-23", Is.IS, (date(2026, 11, 23),), True),
        ("soon", Is.IS, (date(2026, 11, 23),), False),
        ("Berlin", Is.IN, ("Hamburg", "Berlin"), True),
        ("Kiel", Is.IN, ("Hamburg", "Berlin"), False),
        ("Kiel", Is.NOT_IN, ("Hamburg", "Berlin"), True),
        (None, Is.NOT_IN, ("Hamburg", "Berlin"), True),
        ("Head of Sales", Is.CONTAINS, ("SALES",), True),
        ("Engineer", Is.CONTAINS, ("sales",), False),
        (None, Is.CONTAINS, ("sales",), False),
        ("Sales Lead", Is.STARTS_WITH, ("sales",), True),
        ("Head of Sales", Is.STARTS_WITH, ("sales",), False),
        ("", Is.EMPTY, (), True),
        ("  ", Is.EMPTY, (), True),
        (None, Is.EMPTY, (), True),
        ((), Is.EMPTY, (), True),
        (0, Is.EMPTY, (), False),
        (False, Is.EMPTY, (), False),
        (None, Is.FILLED, (), False),
        ("x", Is.FILLED, (), True),
        (Reference("9", ""), Is.FILLED, (), True),
        (date(2026, 11, 22), Is.BEFORE, (TODAY,), True),
        (TODAY, Is.BEFORE, (TODAY,), False),
        (TODAY, Is.ON_OR_BEFORE, (TODAY,), True),
        (TODAY, Is.ON_OR_AFTER, (TODAY,), True),
        (TODAY, Is.AFTER, (TODAY,), False),
        (date(2026, 11, 24), Is.AFTER, (Today(),), True),
        (date(2026, 12, 7), Is.ON_OR_BEFORE, (Today(14),), True),
        (date(2026, 12, 8), Is.ON_OR_BEFORE, (Today(14),), False),
        (date(2026, 11, 9), Is.ON_OR_AFTER, (Today(-14),), True),
        ("2026-11-01T00:00:00+01:00", Is.BEFORE, (TODAY,), True),
        ("soon", Is.BEFORE, (TODAY,), None),
        (None, Is.BEFORE, (TODAY,), False),
        (TODAY, Is.BEFORE, (Today(99_999_999),), None),
        (41, Is.GREATER, (40,), True),
        ("38,5", Is.LESS, (40,), True),
        (40, Is.GREATER, (40,), False),
        (40, Is.LESS, (40,), False),
        ("many", Is.GREATER, (40,), None),
        ("nan", Is.GREATER, (40,), None),
        (True, Is.GREATER, (0,), None),
        (None, Is.GREATER, (0,), False),
        (("Java", "Rust"), Is.ANY_OF, ("rust", "go"), True),
        (("Java", "Rust"), Is.ANY_OF, ("go",), False),
        (("Java", "Rust"), Is.ALL_OF, ("java", "RUST"), True),
        (("Java",), Is.ALL_OF, ("java", "rust"), False),
        (("Java",), Is.NONE_OF, ("rust",), True),
        (("Java", "Rust"), Is.NONE_OF, ("rust",), False),
        ((), Is.ALL_OF, ("java",), False),
        ((), Is.NONE_OF, ("java",), True),
        (("Java", "Rust"), Is.IS, ("java",), True),
        (("Java", "Rust"), Is.IS_NOT, ("java",), False),
        ((SALES, Reference("18", "Support")), Is.ANY_OF, ("support",), True),
    ],
    ids=repr,
)
def test_a_clause_compares_what_people_mean(
    value: Value, operator: Operator, operands: tuple[Operand, ...], truth: Truth
) -> None:
    assert ask(value, operator, *operands) is truth


@pytest.mark.parametrize("operator", list(Operator))
def test_what_was_not_told_answers_no_question(operator: Operator) -> None:
    assert ask(UNTOLD, operator, "x") is None


def test_a_part_of_a_reference_is_its_id() -> None:
    assert ask(SALES, Is.IS, "17", attribute="department.id") is True
    assert ask((SALES,), Is.ANY_OF, "17", attribute="department.id") is True


def test_a_universal_id_survives_another_companys_keys() -> None:
    clause = Clause("universal:shirt", Is.IS, ("XL",))
    person = employee(dynamic_7="xl")
    assert holds(clause, Facts(person, TODAY, {"shirt": "dynamic_7"})) is True
    assert holds(clause, Facts(person, TODAY, {})) is None


leaves = st.builds(
    Clause,
    st.sampled_from(["office", "team", "hire_date", "tags", "never_told"]),
    st.sampled_from(list(Operator)),
    st.lists(
        st.one_of(
            st.sampled_from(["Berlin", "berlin", "x", True, False, 3, 40.0]),
            st.dates(date(2026, 11, 1), date(2026, 12, 31)),
            st.builds(Today, st.integers(-20, 20)),
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
)
trees: st.SearchStrategy[Tree] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(AllOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=8,
)
values = st.one_of(
    st.none(),
    st.sampled_from(["Berlin", "x", "40", "true", ""]),
    st.booleans(),
    st.integers(0, 50),
    st.dates(date(2026, 11, 1), date(2026, 12, 31)),
    st.just(("Berlin", "x")),
)
records = st.dictionaries(st.sampled_from(["office", "team", "hire_date", "tags"]), values)


def somebody(told: Mapping[str, Value]) -> Employee:
    return Employee(PersonId("1"), {**employee().attributes, **told})


def facts(told: dict[str, Value]) -> Facts:
    return Facts(somebody(told), TODAY, {})


@given(trees, trees, records)
def test_de_morgan_holds_with_three_values(one: Tree, other: Tree, told: dict[str, Value]) -> None:
    here = facts(told)
    assert holds(Not(AllOf((one, other))), here) is holds(AnyOf((Not(one), Not(other))), here)
    assert holds(Not(AnyOf((one, other))), here) is holds(AllOf((Not(one), Not(other))), here)


@given(trees, trees, trees, records)
def test_and_and_or_do_not_care_about_order_grouping_or_repetition(
    one: Tree, two: Tree, three: Tree, told: dict[str, Value]
) -> None:
    here = facts(told)
    for kind in (AllOf, AnyOf):
        assert holds(kind((one, two)), here) is holds(kind((two, one)), here)
        assert holds(kind((one, kind((two, three)))), here) is holds(kind((one, two, three)), here)
        assert holds(kind((one, one)), here) is holds(one, here)
    assert holds(Not(Not(one)), here) is holds(one, here)


@given(trees, records, records)
def test_telling_more_never_overturns_a_yes_or_a_no(
    tree: Tree, told: dict[str, Value], more: dict[str, Value]
) -> None:
    before = holds(tree, facts(told))
    assert before is None or holds(tree, facts(more | told)) is before


@given(trees, records)
def test_nobody_is_wanted_or_filtered_by_what_cannot_be_told(tree: Tree, told: dict[str, Value]) -> None:
    standing = rule(somebody(told), Scope(where=tree), TODAY).standing
    expected = {True: Standing.WANTED, False: Standing.FILTERED, None: Standing.UNKNOWN}
    assert standing is expected[holds(tree, facts(told))]


@given(trees, records)
def test_whoever_is_inactive_has_left_whatever_the_filter_says(tree: Tree, told: dict[str, Value]) -> None:
    assert rule(somebody(told | {"status": "inactive"}), Scope(where=tree), TODAY).standing is Standing.LEFT


@given(trees, records)
def test_the_next_look_is_the_first_day_with_another_answer(tree: Tree, told: dict[str, Value]) -> None:
    scope, person = Scope(where=tree), somebody(told)
    now = rule(person, scope, TODAY)
    horizon = [TODAY + timedelta(days=ahead) for ahead in range(1, 90)]
    first = next((day for day in horizon if rule(person, scope, day) != now), None)
    assert next_look(person, scope, TODAY) == first


def test_simple_scope_and_filter_must_both_hold() -> None:
    scope = Scope(where=Clause("office", Is.IS, ("Berlin",)))
    cases: list[tuple[dict[str, Value], Standing]] = [
        ({"office": "Berlin"}, Standing.WANTED),
        ({"office": "Kiel"}, Standing.FILTERED),
        ({"office": "Berlin", "employment_type": "external"}, Standing.FILTERED),
        ({"office": "Berlin", "status": "onboarding"}, Standing.KEPT),
        ({"office": "Kiel", "employment_type": None}, Standing.FILTERED),
        ({"office": "Berlin", "employment_type": None}, Standing.UNKNOWN),
        ({}, Standing.UNKNOWN),
    ]
    for told, standing in cases:
        assert rule(somebody(told), scope, TODAY).standing is standing


def test_somebody_who_starts_in_two_weeks_comes_into_the_filter_on_the_day() -> None:
    scope = Scope(
        statuses=frozenset({"active", "onboarding"}),
        where=Clause("hire_date", Is.ON_OR_BEFORE, (Today(14),)),
    )
    person = employee(status="onboarding", hire_date=date(2027, 1, 1))
    assert rule(person, scope, TODAY).standing is Standing.FILTERED
    assert next_look(person, scope, TODAY) == date(2026, 12, 18)
    assert rule(person, scope, date(2026, 12, 18)).standing is Standing.WANTED


def test_every_clause_is_explained_with_what_it_saw() -> None:
    tree = AllOf((Clause("office", Is.IS, ("Berlin",)), Not(Clause("dynamic_9", Is.FILLED))))
    told = explain(employee(office=Reference("3", "Kiel")), Scope(where=tree), TODAY)
    assert [(each.clause.attribute, each.saw, each.truth) for each in told] == [
        ("status", ("active",), True),
        ("employment_type", ("internal",), True),
        ("office", ("Kiel",), False),
        ("dynamic_9", None, None),
    ]
    assert len(list(clauses(tree))) == 2
