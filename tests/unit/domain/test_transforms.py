"""Steps on the way of a value: each does one thing, and refuses what it cannot do without showing it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.account import Scalar
from domain.transforms import (
    BadValueError,
    Cut,
    DateAs,
    Otherwise,
    Plain,
    Prefix,
    Replace,
    Suffix,
    Table,
    Transform,
    apply,
    spoken,
)

OFFICES = (("Berlin", "BER"), ("München", "MUC"), ("Remote", ""))


@pytest.mark.parametrize(
    ("steps", "value", "becomes"),
    [
        pytest.param((Plain.LOWER,), "ADA@Example.COM", "ada@example.com", id="lower"),
        pytest.param((Plain.UPPER,), "straße", "STRASSE", id="upper"),
        pytest.param((Plain.CAPITALIZE,), "anna-LENA o'neill", "Anna-Lena O'Neill", id="capitalize"),
        pytest.param((Plain.ASCII,), "Jürgen Groß", "Juergen Gross", id="ascii-german"),
        pytest.param((Plain.ASCII,), "Łukasz Żółć", "Lukasz Zolc", id="ascii-polish"),
        pytest.param((Plain.ASCII,), "Zoé Ångström", "Zoe Aangstroem", id="ascii-accents"),
        pytest.param((Plain.ASCII,), "Ju\u0308rgen", "Juergen", id="ascii-decomposed"),
        pytest.param((Plain.DIGITS,), "+49 (0)30 / 12-34", "+490301234", id="digits"),
        pytest.param((Plain.DIGITS,), "none", None, id="digits-of-none"),
        pytest.param((Plain.NUMBER,), "42", 42, id="number"),
        pytest.param((Plain.NUMBER,), "-1.5", -1.5, id="fraction"),
        pytest.param((Plain.NUMBER,), 7, 7, id="number-already"),
        pytest.param((Plain.YES_NO,), "Ja", True, id="ja"),
        pytest.param((Plain.YES_NO,), "no", False, id="no"),
        pytest.param((Plain.FIRST,), "English, Español", "English", id="first"),
        pytest.param((Prefix("x-"), Suffix("-y")), 7, "x-7-y", id="around-a-number"),
        pytest.param((Replace(" GmbH", ""),), "Acme GmbH", "Acme", id="replace"),
        pytest.param((Replace("Acme", ""),), "Acme", None, id="replace-everything"),
        pytest.param((Cut(3),), "Ada Byron", "Ada", id="cut"),
        pytest.param((DateAs("DD.MM.YYYY"),), "2026-01-05", "05.01.2026", id="date"),
        pytest.param((Table(OFFICES),), "berlin", "BER", id="table"),
        pytest.param((Table(OFFICES),), "Rome", "Rome", id="table-keep"),
        pytest.param((Table(OFFICES, Otherwise.EMPTY),), "Rome", None, id="table-empty"),
        pytest.param((Table(OFFICES),), "Remote", None, id="table-to-nothing"),
        pytest.param((Plain.ASCII, Plain.LOWER, Cut(4)), "Müller", "muel", id="in-order"),
        pytest.param((Plain.LOWER, Prefix("x")), None, None, id="empty-stays-empty"),
    ],
)
def test_steps_are_taken_in_order(steps: tuple[Transform, ...], value: Scalar, becomes: Scalar) -> None:
    made = apply(steps, value)
    assert (made, type(made)) == (becomes, type(becomes))


@pytest.mark.parametrize(
    ("step", "value"),
    [
        pytest.param(Plain.ASCII, "Иван", id="ascii"),
        pytest.param(Plain.NUMBER, "forty-two", id="number"),
        pytest.param(Plain.NUMBER, "٤٢", id="number-in-other-digits"),
        pytest.param(Plain.NUMBER, "9" * 40, id="number-of-forty-digits"),
        pytest.param(Plain.YES_NO, "perhaps", id="yes-no"),
        pytest.param(DateAs("YYYY"), "soon", id="date"),
        pytest.param(Table(OFFICES, Otherwise.REFUSE), "Rome", id="table"),
    ],
)
def test_an_impossible_step_says_why_without_the_value(step: Transform, value: str) -> None:
    with pytest.raises(BadValueError) as caught:
        apply((step,), value)
    assert value not in str(caught.value)


@given(st.text(max_size=40))
def test_what_ascii_lets_through_is_ascii(text: str) -> None:
    try:
        made = apply((Plain.ASCII,), text)
    except BadValueError:
        return
    assert isinstance(made, str)
    assert made.isascii()


@pytest.mark.parametrize(
    "step",
    [*Plain, Prefix("a"), Suffix("b"), Replace("a", "b"), Cut(1), DateAs("MM"), Table(OFFICES)],
    ids=lambda step: type(step).__name__ if not isinstance(step, Plain) else step.value,
)
def test_every_step_can_be_said_in_one_short_line(step: Transform) -> None:
    assert 0 < len(spoken(step)) < 60
    assert "\n" not in spoken(step)
