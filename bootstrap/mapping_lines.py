"""Turn the mapping of a tenant file into lines, and find what no single field of it can tell."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bootstrap.tenant_mistakes import Mistake, Whereabouts
from domain.config import Fallback, Line, Mode
from domain.transform_words import read_step
from domain.transforms import Transform
from schemas.mapping_part import MAPPING_CURES, MappingPart


def line_of(part: MappingPart) -> Line:
    """Read one line that the schema has accepted."""
    return Line(
        source=part.source or "",
        path=part.path,
        required=part.required,
        transforms=_steps(part.transform),
        mode=Mode(part.mode),
        empty=Fallback(part.empty),
        absent=Fallback(part.absent),
        default=part.default,
        template=part.template or "",
    )


def contradictions(lines: Sequence[Mapping[str, Any]], at: Whereabouts) -> Iterable[Mistake]:
    """Find lines that ask for two things at once. Works on lines whose fields are wrong as well."""
    for number, line in enumerate(lines):
        yield from _of_line(("mapping", number), line, at)


def _of_line(place: tuple[str | int, ...], line: Mapping[str, Any], at: Whereabouts) -> Iterable[Mistake]:
    if ("source" in line) == ("template" in line):
        what = "says both source and template" if "source" in line else "says neither source nor template"
        yield at.mistake(place, what, f"name one attribute: {MAPPING_CURES['mapping.source']}")
    asked = [policy for policy in ("empty", "absent") if line.get(policy) == "default"]
    if asked and line.get("default") in {None, ""}:
        cure = 'write what to fill in, such as default = "unknown"'
        yield at.mistake((*place, asked[0]), "wants a default, and there is none", cure)
    if not asked and "default" in line:
        cure = 'say when it is used: empty = "default", absent = "default", or both'
        yield at.mistake((*place, "default"), "is never used", cure)
    if line.get("required") is True and line.get("empty") == "keep":
        cure = "drop one of the two: a required attribute that is empty keeps the person out"
        yield at.mistake((*place, "empty"), "contradicts required = true", cure)


def _steps(told: object) -> tuple[Transform, ...]:
    steps = told if isinstance(told, list) else [told]
    return tuple(read_step(step) for step in steps if step != "none")
