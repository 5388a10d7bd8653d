"""One line of a mapping as JSON, and back; what a line leaves at its usual value is not written."""

from collections.abc import Mapping
from typing import Any, assert_never

from domain.config import Fallback, Line, Mode
from domain.transforms import (
    Cut,
    DateAs,
    Otherwise,
    Plain,
    Prefix,
    Replace,
    Suffix,
    Table,
    Transform,
)

Content = Mapping[str, Any]


def write_line(line: Line) -> dict[str, object]:
    """Write a line; equal lines are written alike."""
    told: dict[str, object] = {
        "source": line.source,
        "path": line.path,
        "required": line.required,
        "transforms": [_write_step(step) for step in line.transforms],
        "mode": line.mode.value,
        "empty": line.empty.value,
        "absent": line.absent.value,
        "default": line.default,
        "template": line.template,
    }
    usual: dict[str, object] = {
        "transforms": [],
        "mode": Mode.ALWAYS.value,
        "empty": Fallback.CLEAR.value,
        "absent": Fallback.KEEP.value,
        "default": None,
        "template": "",
    }
    return {key: value for key, value in told.items() if key not in usual or value != usual[key]}


def read_line(line: Content) -> Line:
    """Read what `write_line` wrote."""
    return Line(
        source=line["source"],
        path=line["path"],
        required=line["required"],
        transforms=tuple(_read_step(step) for step in line.get("transforms", ())),
        mode=Mode(line.get("mode", Mode.ALWAYS.value)),
        empty=Fallback(line.get("empty", Fallback.CLEAR.value)),
        absent=Fallback(line.get("absent", Fallback.KEEP.value)),
        default=line.get("default"),
        template=line.get("template", ""),
    )


def _write_step(step: Transform) -> object:
    match step:
        case Plain():
            return step.value
        case Prefix(text):
            return {"prefix": text}
        case Suffix(text):
            return {"suffix": text}
        case Replace(old, new):
            return {"replace": [old, new]}
        case Cut(length):
            return {"cut": length}
        case DateAs(pattern):
            return {"date": pattern}
        case Table(rows, otherwise):
            return {"table": [list(row) for row in rows], "otherwise": otherwise.value}
        case _:
            assert_never(step)


def _read_step(step: Any) -> Transform:  # noqa: ANN401  what JSON holds is known only by looking
    match step:
        case str():
            return Plain(step)
        case {"prefix": str(text)}:
            return Prefix(text)
        case {"suffix": str(text)}:
            return Suffix(text)
        case {"replace": [str(old), str(new)]}:
            return Replace(old, new)
        case {"cut": int(length)}:
            return Cut(length)
        case {"date": str(pattern)}:
            return DateAs(pattern)
        case {"table": list(rows), "otherwise": str(otherwise)}:
            return Table(tuple((row[0], row[1]) for row in rows), Otherwise(otherwise))
        case _:
            raise LookupError("a stored configuration holds a step that this version does not know")
