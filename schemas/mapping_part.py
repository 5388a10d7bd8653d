"""One line of the mapping as an operator writes it in a tenant file or a profile."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

STEPS = ("none", "lower", "upper", "capitalize", "ascii", "digits", "number", "yes-no", "first")
"""Steps that need nothing said besides."""

OTHERWISE = ("keep", "empty", "refuse")
MOST_STEPS = 12
MOST_ROWS = 2000
LONGEST_TEXT = 200
MOST_PLACES = 10

SOURCE = re.compile(r"universal:[\w.-]+|[A-Za-z_]\w*(\.(id|name))?")


def _source(text: str) -> str:
    if SOURCE.fullmatch(text) is None:
        raise ValueError("not a Personio attribute")
    return text


def _template(text: str) -> str:
    places = re.findall(r"\{([^{}]*)\}", text)
    rest = re.sub(r"\{[^{}]*\}", "", text)
    if len(places) > MOST_PLACES or "{" in rest or "}" in rest or not all(map(SOURCE.fullmatch, places)):
        raise ValueError("not a template")
    return text


def _steps(told: object) -> object:
    """Accept one step or a list of them; a wrong word is named by what it could have been."""
    steps = told if isinstance(told, list) else [told]
    if len(steps) <= MOST_STEPS and all(_is_step(step) for step in steps):
        return told
    expected = ", ".join(f"'{word}'" for word in STEPS)
    raise PydanticCustomError("step", "not a step", {"expected": expected})


def _is_step(step: object) -> bool:
    if isinstance(step, dict) and set(step) <= {"table", "otherwise"}:
        return _is_table(step.get("table")) and step.get("otherwise", "keep") in OTHERWISE
    if isinstance(step, dict) and len(step) != 1:
        return False
    match step:
        case str():
            return step in STEPS
        case {"prefix": str(text)} | {"suffix": str(text)}:
            return 0 < len(text) <= LONGEST_TEXT
        case {"replace": [str(old), str(new)]}:
            return 0 < len(old) <= LONGEST_TEXT and len(new) <= LONGEST_TEXT
        case {"cut": int(length)}:
            return length > 0 and length is not True
        case {"date": str(pattern)}:
            return len(pattern) <= LONGEST_TEXT and any(part in pattern for part in ("YYYY", "MM", "DD"))
        case _:
            return False


def _is_table(rows: object) -> bool:
    if not isinstance(rows, dict) or not 0 < len(rows) <= MOST_ROWS:
        return False
    return all(isinstance(text, str) and len(text) <= LONGEST_TEXT for row in rows.items() for text in row)


Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]


class MappingPart(BaseModel):
    """One line: an attribute of Personio, or a template of several, and the path that it fills."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    source: Annotated[str, AfterValidator(_source)] | None = None
    template: Annotated[Text, AfterValidator(_template)] | None = None
    path: Text
    required: bool = False
    transform: Annotated[object, AfterValidator(_steps)] = "none"
    mode: Literal["always", "on-create", "if-empty", "once"] = "always"
    empty: Literal["clear", "keep", "default"] = "clear"
    absent: Literal["keep", "default"] = "keep"
    default: str | int | float | bool | None = None


MAPPING_CURES: dict[str, str] = {
    "mapping": "begin each line of the mapping with [[mapping]]",
    "mapping.source": 'name a Personio attribute, such as "email", "dynamic_4711", "department.id",'
    ' "universal:iban"',
    "mapping.template": 'write text with attributes in braces, such as "{first_name} {last_name}"',
    "mapping.path": 'name a path of the account, such as "name.givenName"',
    "mapping.required": "write true or false, without quotation marks",
    "mapping.transform": f"write one of {', '.join(STEPS)}, or a list of such steps and of"
    ' {prefix = "…"}, {suffix = "…"}, {replace = ["old", "new"]}, {cut = 20}, {date = "DD.MM.YYYY"},'
    ' {table = {Berlin = "BER"}, otherwise = "keep"}',
    "mapping.mode": "write always, on-create, if-empty or once",
    "mapping.empty": "write clear, keep or default",
    "mapping.absent": "write keep or default; what Personio does not tell never clears anything",
    "mapping.default": "write a text, a number, true or false",
}
"""What to write instead, by field."""
