"""Write the steps of a line as tenant files and stored configurations hold them, and read them back."""

from typing import assert_never

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


def write_step(step: Transform) -> object:
    """Write one step: a word, or a table of one key; equal steps are written alike."""
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
            return {"table": dict(rows), "otherwise": otherwise.value}
        case _:
            assert_never(step)


def read_step(told: object) -> Transform:
    """Read what `write_step` writes, or what a person wrote and the schema accepted. Raises LookupError."""
    match told:
        case str():
            return Plain(told)
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
        case {"table": {**rows}, **rest}:
            listed = tuple(sorted((str(known), str(meant)) for known, meant in rows.items()))
            return Table(listed, Otherwise(str(rest.get("otherwise", Otherwise.KEEP.value))))
        case _:
            raise LookupError("a step of the mapping is none that this version knows")
