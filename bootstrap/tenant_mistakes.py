"""Say what is wrong with a tenant file: where it stands, the shape of what was found, and the cure."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from pydantic import ValidationError

from domain.plain import one_line
from schemas.tenant_file import CURES, PARTS

Place: TypeAlias = tuple[str | int, ...]

SECRET = re.compile(r"secret|token|password|passwd|api_?key|credential|bearer", re.IGNORECASE)
"""Names under which people would write a secret down."""

NO_SECRETS = (
    "take it out of the file and replace it at its issuer if others could read it;"
    " secrets come by --client-secret-file and --target-token-file (a file, or - for standard input)"
)

_SECTION = re.compile(r"\s*(?P<open>\[{1,2})\s*(?P<name>[\w.\"'-]+)\s*\]{1,2}\s*(#.*)?\Z")
_KEY = re.compile(r"\s*(?P<name>[\w.\"'-]+)\s*=")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake, told without the value."""

    file: str
    line: int | None
    place: str
    what: str
    cure: str

    def __str__(self) -> str:
        """Write the mistake as one line."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}  {self.place}: {self.what}; {self.cure}"


class TenantFileError(Exception):
    """Hold every mistake of one file."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Know on which line of a file each key stands, as well as can be told without parsing it twice."""

    file: str
    lines: Mapping[Place, int] = field(default_factory=dict)

    @classmethod
    def of(cls, file: str, text: str) -> "Whereabouts":
        """Find sections and keys line by line."""
        lines: dict[Place, int] = {}
        section: Place = ()
        for number, line in enumerate(text.splitlines(), 1):
            if (head := _SECTION.fullmatch(line)) is not None:
                section = _entered(head, lines)
                lines[section] = number
            elif (key := _KEY.match(line)) is not None:
                lines.setdefault((*section, *_names(key["name"])), number)
        return cls(file, lines)

    def mistake(self, place: Place, what: str, cure: str) -> Mistake:
        """Write a mistake at a place, or at the nearest one around it that has a line."""
        around = (place[:length] for length in range(len(place), 0, -1))
        line = next((self.lines[each] for each in around if each in self.lines), None)
        return Mistake(self.file, line, spoken(place), what, cure)


def _entered(head: "re.Match[str]", lines: Mapping[Place, int]) -> Place:
    names = _names(head["name"])
    if head["open"] == "[":
        return names
    return (*names, sum(1 for place in lines if place[:-1] == names and isinstance(place[-1], int)))


def _names(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in dotted.split("."))


def spoken(place: Place) -> str:
    """Write a place as a reader finds it: «[scope] statuses», «[[mapping]] 3, path»."""
    if not place:
        return "the file"
    if place[:2] == ("scope", "where") and len(place) > len(("scope", "where")):
        return _spoken_condition(place[2:])
    head, rest = place[0], place[1:]
    if rest and isinstance(rest[0], int):
        names = [one_line(str(part), 60) for part in rest[1:]]
        return f"[[{head}]] {rest[0] + 1}" + (f", {'.'.join(names)}" if names else "")
    names = [one_line(str(part), 60) for part in rest if not isinstance(part, int)]
    return f"[{one_line(str(head), 60)}] {'.'.join(names)}" if names else one_line(str(head), 60)


def _spoken_condition(place: Place) -> str:
    """Write where a condition of the filter stands: «[[scope.where]] 2, any 1, is»."""
    words = [one_line(str(part), 60) if isinstance(part, str) else str(part + 1) for part in place]
    told = ""
    for before, word in zip(["", *words], words, strict=False):
        told += f" {word}" if before in {"", "any", "all"} else f", {word}"
    return f"[[scope.where]]{told}"


def shape(value: object) -> str:
    """Describe a value without showing it."""
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return f"a text of {len(value)} characters" if value else "an empty text"
        case list():
            return f"a list of {len(value)}"
        case Mapping():
            return "a section"
        case _:
            return f"a {type(value).__name__}"


def of_validation(error: ValidationError, at: Whereabouts) -> Iterable[Mistake]:
    """Turn what the schema found into mistakes."""
    for found in error.errors(include_url=False, include_context=True):
        place: Place = found["loc"]
        if found["type"] == "extra_forbidden":
            yield unknown(place, at)
            continue
        what = "is missing" if found["type"] == "missing" else f"is {shape(found['input'])}"
        known = _vocabulary(str(found.get("ctx", {}).get("expected", "")))
        hint = _did_you_mean(str(found["input"]), known) if isinstance(found["input"], str) else ""
        yield at.mistake(place, what, CURES.get(_field(place), "see docs/guides/first-hour.md") + hint)


def unknown(place: Place, at: Whereabouts) -> Mistake:
    """Say that a key is not known here, and which one was probably meant."""
    name = str(place[-1])
    if SECRET.search(name):
        return at.mistake(place, "is a secret, and files hold none", NO_SECRETS)
    section = _field(place[:-1])
    part = PARTS.get(section)
    known = tuple(part.model_fields) if part else ()
    if not section and name in {field for each in PARTS.values() for field in each.model_fields}:
        home = next(title for title, each in PARTS.items() if title and name in each.model_fields)
        return at.mistake(place, "is not known here", f"it belongs into the section [{home}]")
    hint = _did_you_mean(name, known)
    return at.mistake(place, "is not known", f"known are {', '.join(known)}{hint}")


def _field(place: Place) -> str:
    return ".".join(str(part) for part in place if not isinstance(part, int))


def _vocabulary(expected: str) -> tuple[str, ...]:
    return tuple(re.findall(r"'([^']+)'", expected))


def _did_you_mean(word: str, known: Sequence[str]) -> str:
    near = [] if word == "inactive" else difflib.get_close_matches(word, known, 1)
    return f" (did you mean {near[0]}?)" if near else ""
