"""What may be done to a value on its way to the account; the list is closed on purpose."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias, assert_never

from domain.account import Scalar


class Plain(StrEnum):
    """Name a step that needs nothing said besides.

    capitalize  each word begins with a capital letter
    ascii       Müller becomes Mueller, Łukasz Lukasz, é e; a text with other letters left is refused
    digits      only digits stay, and a + in front
    number      «42» and «1.5» become numbers; other texts are refused
    yes-no      yes, ja, true, 1 become true; no, nein, false, 0 become false; other texts are refused
    first       the first of several tags
    """

    LOWER = "lower"
    UPPER = "upper"
    CAPITALIZE = "capitalize"
    ASCII = "ascii"
    DIGITS = "digits"
    NUMBER = "number"
    YES_NO = "yes-no"
    FIRST = "first"


class Otherwise(StrEnum):
    """Name what a table does with a value that it does not list."""

    KEEP = "keep"
    EMPTY = "empty"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Prefix:
    """Write this text in front."""

    text: str


@dataclass(frozen=True, slots=True)
class Suffix:
    """Write this text behind."""

    text: str


@dataclass(frozen=True, slots=True)
class Replace:
    """Write another text for each occurrence of this one."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Cut:
    """Keep at most so many characters."""

    length: int


@dataclass(frozen=True, slots=True)
class DateAs:
    """Write a day in this pattern of YYYY, MM and DD, such as «DD.MM.YYYY»."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Table:
    """Look the text up, without regard to case; `otherwise` says what happens to all others."""

    rows: tuple[tuple[str, str], ...]
    otherwise: Otherwise = Otherwise.KEEP


Transform: TypeAlias = Plain | Prefix | Suffix | Replace | Cut | DateAs | Table


def spoken(step: Transform) -> str:
    """Say one step in a few words, as lists and plans show it."""
    match step:
        case Plain():
            return step.value
        case Prefix(text):
            return f"prefix «{text}»"
        case Suffix(text):
            return f"suffix «{text}»"
        case Replace(old, new):
            return f"«{old}» → «{new}»"
        case Cut(length):
            return f"cut to {length}"
        case DateAs(pattern):
            return f"date as {pattern}"
        case Table(rows, otherwise):
            return f"table of {len(rows)}, otherwise {otherwise.value}"
        case _:
            assert_never(step)


LONGEST = 10_000
"""No field of an account holds a longer text. A few steps that replace could grow one beyond all memory."""


class BadValueError(Exception):
    """Say that a step cannot be done to this value; the message holds no value."""


def apply(steps: Sequence[Transform], value: Scalar) -> Scalar:
    """Take the steps in order. What is empty stays empty; raises BadValueError where a step is impossible.

    No step is given, and none hands on, a text of more than `LONGEST` characters.
    """
    _check_length(value)
    for step in steps:
        if value is None:
            return None
        value = _step(step, value)
        _check_length(value)
    return value


def _check_length(value: Scalar) -> None:
    if isinstance(value, str) and len(value) > LONGEST:
        raise BadValueError(f"a text of more than {LONGEST} characters")


def _step(step: Transform, value: str | float) -> Scalar:
    if not isinstance(value, str):
        if not isinstance(step, Prefix | Suffix | Table):
            return value
        value = str(value)
    if isinstance(step, Plain):
        return PLAIN[step](value)
    return _told(step, value)


def _told(step: Prefix | Suffix | Replace | Cut | DateAs | Table, text: str) -> Scalar:
    match step:
        case Prefix(front):
            return front + text
        case Suffix(behind):
            return text + behind
        case Replace(old, new):
            return text.replace(old, new).strip() or None
        case Cut(length):
            return text[:length].rstrip() or None
        case DateAs(pattern):
            return _date(text, pattern)
        case Table():
            return _listed(step, text)
        case _:
            assert_never(step)


def _capitalized(text: str) -> str:
    return re.sub(r"[^\W\d_]+", lambda word: word[0][:1].upper() + word[0][1:].lower(), text)


def _digits(text: str) -> str | None:
    plus = "+" if text.lstrip().startswith("+") else ""
    digits = "".join(re.findall(r"[0-9]", text))
    return plus + digits if digits else None


def _first(text: str) -> str | None:
    return text.split(",", 1)[0].strip() or None


_LETTERS = str.maketrans(
    {
        "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ẞ": "SS",
        "æ": "ae", "Æ": "Ae", "ø": "oe", "Ø": "Oe", "å": "aa", "Å": "Aa", "œ": "oe", "Œ": "Oe",
        "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i",
        "’": "'", "‘": "'", "–": "-", "—": "-", "‐": "-",
    }
)  # fmt: skip
"""Letters whose usual spelling is more than the letter without its accent (German, Danish, Polish …)."""


def _ascii(text: str) -> str:
    spelled = unicodedata.normalize("NFC", text).translate(_LETTERS)
    bare = "".join(
        letter for letter in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(letter)
    )
    if not bare.isascii():
        raise BadValueError("letters that have no plain spelling")
    return bare


def _number(text: str) -> int | float:
    if re.fullmatch(r"[+-]?\d{1,15}", text, re.ASCII):
        return int(text)
    if re.fullmatch(r"[+-]?\d{1,15}\.\d{1,15}", text, re.ASCII):
        return float(text)
    raise BadValueError("a text that is no number")


def _yes_no(text: str) -> bool:
    word = text.casefold()
    if word in {"yes", "ja", "true", "1", "y", "j"}:
        return True
    if word in {"no", "nein", "false", "0", "n"}:
        return False
    raise BadValueError("a text that is neither yes nor no")


def _date(text: str, pattern: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadValueError("a text that is no date") from None
    written = pattern.replace("YYYY", f"{day.year:04}").replace("MM", f"{day.month:02}")
    return written.replace("DD", f"{day.day:02}")


def _listed(table: Table, text: str) -> Scalar:
    for known, meant in table.rows:
        if known.casefold() == text.casefold():
            return meant or None
    match table.otherwise:
        case Otherwise.KEEP:
            return text
        case Otherwise.EMPTY:
            return None
        case Otherwise.REFUSE:
            raise BadValueError("a value that the table does not list")
        case _:
            assert_never(table.otherwise)


PLAIN: Mapping[Plain, Callable[[str], Scalar]] = {
    Plain.LOWER: str.lower,
    Plain.UPPER: str.upper,
    Plain.CAPITALIZE: _capitalized,
    Plain.ASCII: _ascii,
    Plain.DIGITS: _digits,
    Plain.NUMBER: _number,
    Plain.YES_NO: _yes_no,
    Plain.FIRST: _first,
}
"""What each plain step does to a text."""
