"""Where a person stands: unknown never removes and never creates."""

from datetime import date

import pytest

from domain.config import Scope
from domain.employee import Value
from domain.scope import Standing, past_last_day, rule
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
