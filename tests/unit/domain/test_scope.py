"""Where a person stands: unknown never removes and never creates."""

from dataclasses import replace
from datetime import date

import pytest

from domain.config import Scope
from domain.employee import Value
from domain.scope import Standing, past_last_day, rule, unknown_by
from domain.scope_tree import AllOf, AnyOf, Clause, Operator
from tests.builders import employee

TODAY = date(2026, 11, 23)
CIRCULA = Scope(statuses=frozenset({"active"}), employment_types=frozenset({"internal"}))


@pytest.mark.parametrize(
    ("status", "kind", "standing"),
    [
        ("active", "internal", Standing.WANTED),
        ("active", "external", Standing.FILTERED),
        ("onboarding", "internal", Standing.KEPT),
        ("onboarding", "external", Standing.FILTERED),
        ("leave", "internal", Standing.KEPT),
        ("leave", "external", Standing.FILTERED),
        ("inactive", "internal", Standing.LEFT),
        ("inactive", "external", Standing.LEFT),
    ],
)
def test_only_active_internals_get_an_account_where_the_product_says_so(
    status: str, kind: str, standing: Standing
) -> None:
    assert rule(employee(status=status, employment_type=kind), CIRCULA, TODAY).standing is standing


@pytest.mark.parametrize("status", [None, "", "beurlaubt", "terminated", 3], ids=repr)
def test_a_status_that_we_do_not_understand_is_unknown(status: Value) -> None:
    assert rule(employee(status=status), Scope(), TODAY).standing is Standing.UNKNOWN


def test_a_status_that_was_not_told_is_unknown_and_never_means_left() -> None:
    assert rule(employee(without=("status",)), Scope(), TODAY).standing is Standing.UNKNOWN


@pytest.mark.parametrize("kind", [None, ""], ids=repr)
def test_an_empty_employment_type_is_unknown(kind: Value) -> None:
    assert rule(employee(employment_type=kind), Scope(), TODAY).standing is Standing.UNKNOWN


def test_an_employment_type_that_was_not_told_is_unknown() -> None:
    assert rule(employee(without=("employment_type",)), Scope(), TODAY).standing is Standing.UNKNOWN


def test_spelling_of_a_status_does_not_matter() -> None:
    assert rule(employee(status=" Active "), Scope(), TODAY).standing is Standing.WANTED


@pytest.mark.parametrize(("day", "noticed"), [(22, True), (23, False), (24, False)])
def test_a_last_day_counts_as_past_from_the_day_after(day: int, *, noticed: bool) -> None:
    person = employee(last_working_day=date(2026, 11, day))
    assert past_last_day(person, date(2026, 11, 23)) is noticed


def test_a_scope_without_employment_types_takes_every_type_even_an_untold_one() -> None:
    anybody = Scope(employment_types=frozenset())
    assert rule(employee(without=("employment_type",)), anybody, TODAY).standing is Standing.WANTED
    assert rule(employee(employment_type="external"), anybody, TODAY).standing is Standing.WANTED


BERLIN = Clause("office", Operator.IS, ("Berlin",))
OF_IT = Clause("department", Operator.IS, ("IT",))


@pytest.mark.parametrize(
    ("without", "where", "named"),
    [
        pytest.param(("status", "office"), BERLIN, ("status",), id="the status decides first"),
        pytest.param(("employment_type",), None, ("employment_type",), id="a type where types are chosen"),
        pytest.param(("office",), BERLIN, ("office",), id="a filter"),
        pytest.param(("office",), AllOf((BERLIN, OF_IT)), ("office",), id="one of two that must hold"),
        pytest.param(
            ("office", "department"), AnyOf((BERLIN, OF_IT)), ("office", "department"), id="neither of two"
        ),
    ],
)
def test_what_is_not_told_is_named_where_it_decides(
    without: tuple[str, ...], where: Clause | AllOf | AnyOf | None, named: tuple[str, ...]
) -> None:
    scope = Scope(employment_types=frozenset({"internal"}), where=where)
    told = employee(without=without, **{key: key for key in ("office", "department") if key not in without})
    told = replace(
        told,
        attributes={**told.attributes, "department": "IT"}
        if "department" not in without
        else told.attributes,
    )
    assert rule(told, scope, TODAY).standing is Standing.UNKNOWN
    assert unknown_by(told, scope, TODAY) == named
