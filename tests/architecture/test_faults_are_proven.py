"""Every fault that must not harm has a test which carries its id, and the page about it is true."""

import re

import pytest

from tests.architecture.faults import (
    LATER,
    NOT_PROVEN,
    OF_K,
    PAGE,
    REAL,
    REGENERATE,
    Fault,
    catalogue,
    proofs,
    row,
    shown_in,
)

NAMED = re.compile(r"`(tests/[\w/]+\.py::\w+)`")
FAULTS = [fault for faults in catalogue().values() for fault in faults]
FOUND = proofs()
ROWS = {line.split(" | ")[0].removeprefix("| "): line for line in PAGE.read_text("utf-8").splitlines()}


def must_be_proven(fault: Fault) -> bool:
    """Say whether a row may not stand there without a test: parts whole, and of K what exists already."""
    begun = fault.name[0] in "ABCDEFGHJL" or fault.name in OF_K
    return fault.must and begun and fault.name not in LATER


MUST = [fault for fault in FAULTS if must_be_proven(fault)]


@pytest.mark.parametrize("fault", MUST, ids=lambda fault: f"row {fault.name}")
def test_what_must_hold_has_a_test_that_carries_its_id(fault: Fault) -> None:
    assert FOUND.get(fault.name), f"no test carries {fault.name} in its name or in a parameter's id"


@pytest.mark.parametrize(
    "fault", [fault for fault in MUST if fault.name[0] in "DEG"], ids=lambda fault: f"row {fault.name}"
)
def test_what_must_not_harm_is_shown_through_the_real_flow(fault: Fault) -> None:
    """Parts D, E and G: nobody loses or gets an account wrongly."""
    shown = [test for test in FOUND.get(fault.name, ()) if test.startswith(REAL)]
    assert shown, f"no test below {', '.join(REAL)} carries {fault.name} in its name or in a parameter's id"


def test_the_page_tells_of_each_fault_whether_and_where_it_is_shown() -> None:
    """A page that names fewer tests than there are is true; one that names others is not."""
    wrong = [fault.name for fault in FAULTS if not is_true(fault, ROWS.get(fault.name, ""))]
    assert wrong == [], f"docs/reliability.md is out of date; run: {REGENERATE}"


def is_true(fault: Fault, told: str) -> bool:
    tests, named = FOUND.get(fault.name, ()), NAMED.findall(told)
    same_words = told.split(" | ")[:3] == row(fault, tests).split(" | ")[:3]
    unproven = NOT_PROVEN in told
    return same_words and set(named) <= set(tests) and bool(named) is bool(tests) is not unproven


def test_no_test_carries_an_id_that_the_catalogue_does_not_know() -> None:
    parts = {fault.name[0] for fault in FAULTS}
    assert {name for name in FOUND if name[0] in parts} <= {fault.name for fault in FAULTS}


def test_ids_are_found_in_names_and_in_parameters() -> None:
    source = """
TABLE = [pytest.param(1, id="D6 a web page"), pytest.param(2, id="D20 D21 elsewhere")]
OTHER = pytest.mark.parametrize("fault", [1, 2], ids=["d7 cut", "no id of a fault"])

@pytest.mark.parametrize("fault", TABLE)
def test_a_table(fault): ...

@OTHER
def test_a2_f12_both(fault): ...

def test_a_plain_one(): ...
"""
    assert sorted(shown_in(source)) == [
        ("test_a2_f12_both", "A2"),
        ("test_a2_f12_both", "D7"),
        ("test_a2_f12_both", "F12"),
        ("test_a_table", "D20"),
        ("test_a_table", "D21"),
        ("test_a_table", "D6"),
    ]
