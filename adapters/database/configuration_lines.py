"""One line of a mapping as JSON, and back; what a line leaves at its usual value is not written."""

from collections.abc import Mapping
from typing import Any

from domain.config import Fallback, Line, Mode
from domain.transform_words import read_step, write_step

Content = Mapping[str, Any]


def write_line(line: Line) -> dict[str, object]:
    """Write a line; equal lines are written alike."""
    told: dict[str, object] = {
        "source": line.source,
        "path": line.path,
        "required": line.required,
        "transforms": [write_step(step) for step in line.transforms],
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
        transforms=tuple(read_step(step) for step in line.get("transforms", ())),
        mode=Mode(line.get("mode", Mode.ALWAYS.value)),
        empty=Fallback(line.get("empty", Fallback.CLEAR.value)),
        absent=Fallback(line.get("absent", Fallback.KEEP.value)),
        default=line.get("default"),
        template=line.get("template", ""),
    )
