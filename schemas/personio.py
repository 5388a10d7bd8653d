"""What Personio's v1 API puts on the wire, as far as we read it; everything else is skipped undecoded."""

from collections.abc import Iterable
from typing import Any, TypeAlias

import msgspec
from msgspec import UNSET, Struct, UnsetType


class Told(Struct, gc=False):
    """One attribute: `{"label", "value", "type", "universal_id"}`; bodies before 2021 know no `type`.

    `label` is not read on purpose: it is a text of the user interface, translated and renamed at will.
    """

    value: Any = UNSET
    type: Any = None


Loose: TypeAlias = Told | str | int | float | bool | list[Any] | UnsetType | None
"""An attribute as it should be, or whatever came instead; one broken attribute must not spoil the page."""


class Refusal(Struct, gc=False):
    """The `error` of an answer. Personio: `message` may be German, `code` may be 0 or the HTTP status."""

    code: Any = None
    message: Any = None


class Envelope(Struct, gc=False):
    """What every answer begins with, good or bad. `success: false` may come with HTTP 200."""

    success: Any = None
    error: Refusal | str | None = None


class Grant(Struct, gc=False):
    """What a login returns. Only `token` is certain."""

    token: str
    expires_in: Any = None


class Login(Struct, gc=False):
    """Answer of `POST /v1/auth`."""

    data: Grant


class Granted(Struct, gc=False):
    """One row of `/employees/attributes`."""

    key: Any = None
    label: Any = None
    type: Any = None
    universal_id: Any = None
    options: Any = None


class AttributeList(Struct, gc=False):
    """Answer of `/employees/attributes`."""

    data: list[Granted]
    success: Any = None


ID_KEY = "id"


class Shapes:
    """Hold the shapes of a page and of one record that name only the attributes that are wanted.

    They are made once per source: what is not declared is skipped by the decoder, which halves the cost of
    a page. `keys` names the fields in the order in which a decoded row holds them.
    """

    __slots__ = ("keys", "one", "page")

    def __init__(self, wanted: Iterable[str]) -> None:
        self.keys: tuple[str, ...] = (ID_KEY, *sorted(set(wanted) - {ID_KEY}))
        names = [f"field_{position}" for position in range(len(self.keys))]
        row = msgspec.defstruct(
            "Row",
            [(name, Loose, UNSET) for name in names],
            rename=dict(zip(names, self.keys, strict=True)),
            gc=False,
        )
        record = msgspec.defstruct("Record", [("attributes", row)], gc=False)
        self.page: type[Struct] = msgspec.defstruct(
            "EmployeePage",
            [("data", list[record]), ("success", Any, None), ("metadata", Any, None), ("offset", Any, None)],  # type: ignore[valid-type]
            gc=False,
        )
        self.one: type[Struct] = msgspec.defstruct(
            "EmployeeAnswer", [("data", record), ("success", Any, None)], gc=False
        )
