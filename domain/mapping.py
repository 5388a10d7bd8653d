"""From a person and the tenant's lines to the account as it should be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import assert_never

from domain.account import AccountDraft, Scalar
from domain.config import PLACEHOLDER, Configuration, Fallback, Line, Mode, personio_key
from domain.employee import Employee, Reference, Value
from domain.ids import PersonId
from domain.spelling import folded
from domain.transforms import BadValueError, apply

_ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@]{1,189}")
"""What may be an e-mail address at all; whether it is one, only a mail would tell."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """Hold the draft, and what of it could not be had.

    `empty` and `missing` are required attributes that were told to be empty or not told at all; `bad` are
    lines whose value could not be used, `bad_required` those of them without which nobody gets an account.
    Values at `fills` are for empty paths only.
    """

    draft: AccountDraft
    empty: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    bad_required: tuple[str, ...] = ()
    fills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Told:
    """What a line reads says this; None is «told to be empty»."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class NotTold:
    """Personio did not send what the line reads."""


@dataclass(frozen=True, slots=True)
class Bad:
    """What was sent cannot be used; `why` holds no value."""

    why: str


Found = Told | NotTold | Bad
NOT_TOLD = NotTold()


@dataclass(slots=True)
class _Sheet:
    """Gather what the lines say, while they are gone through."""

    values: dict[str, Scalar] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    bad_required: list[str] = field(default_factory=list)
    fills: set[str] = field(default_factory=set)

    def note(self, line: Line, found: Found) -> None:
        match found:
            case Told(None):
                self._empty(line)
            case Told(value):
                self.values[line.path] = value
            case NotTold():
                self._missing(line)
            case Bad():
                self.bad.append(line.name)
                self.bad_required += [line.name] if line.required else []
            case _:
                assert_never(found)

    def _empty(self, line: Line) -> None:
        match line.empty:
            case Fallback.KEEP:
                return
            case Fallback.DEFAULT:
                self.values[line.path] = line.default
            case Fallback.CLEAR:
                self.values[line.path] = None
                self.empty += [line.name] if line.required else []
            case _:
                assert_never(line.empty)

    def _missing(self, line: Line) -> None:
        if line.absent is Fallback.DEFAULT:
            self.values[line.path] = line.default
            self.fills.add(line.path)
        elif line.required:
            self.missing.append(line.name)


def draft(employee: Employee, config: Configuration, universal: Mapping[str, str]) -> Drafted:
    """Apply every line. What Personio did not send is left out of the draft, so the old value stays.

    `universal` maps universal ids to this tenant's keys, as Personio's attribute list tells them.
    A value that cannot be used spoils its own line and nothing else.
    """
    sheet = _Sheet()
    for line in config.lines:
        sheet.note(line, read_line(employee, line, universal))
    return Drafted(
        AccountDraft(external_id(employee.person_id, config), sheet.values),
        tuple(sheet.empty),
        tuple(sheet.missing),
        tuple(sheet.bad),
        tuple(sheet.bad_required),
        frozenset(sheet.fills),
    )


def read_line(employee: Employee, line: Line, universal: Mapping[str, str]) -> Found:
    """Read what one line reads and take its steps, before modes and fallbacks have a say."""
    if not line.template:
        found = _told(employee, line.source, universal)
        return _transformed(line, found.value) if isinstance(found, Told) else found
    texts: list[Scalar] = []
    bad: Bad | None = None
    for source in line.sources:
        each = _told(employee, source, universal)
        if isinstance(each, Told):
            texts.append(each.value)
        elif isinstance(each, NotTold):
            return each
        else:
            bad = bad or each
    return bad or _transformed(line, _filled_in(line.template, texts))


def _transformed(line: Line, value: Scalar) -> Told | Bad:
    try:
        return Told(apply(line.transforms, value))
    except BadValueError as error:
        return Bad(str(error))


def fitting(
    after: Mapping[str, Scalar], there: Mapping[str, Scalar], config: Configuration
) -> dict[str, Scalar]:
    """Leave out what the modes keep from an account that exists and has these values.

    A default never writes over what a found account has.
    """
    lines = {line.path: line for line in config.lines}
    return {path: value for path, value in after.items() if _fits(lines.get(path), value, there.get(path))}


def wanted(drafted: Drafted, applied: Mapping[str, Scalar], config: Configuration) -> dict[str, Scalar]:
    """Leave out what need not be sent to an account of ours, to which these values were applied."""
    lines = {line.path: line for line in config.lines}
    found: dict[str, Scalar] = {}
    for path, value in drafted.draft.values.items():
        line, there = lines.get(path), applied.get(path)
        if path in drafted.fills and there is not None:
            continue
        if line is None or line.mode is Mode.ALWAYS or (line.mode is not Mode.ON_CREATE and there is None):
            found[path] = value
    return found


def compared(values: Mapping[str, Scalar], config: Configuration) -> Mapping[str, Scalar]:
    """Reduce values to what makes a closer look worth while, given the modes of their lines.

    Returns the very same mapping where no mode asks for less.
    """
    modes = {line.path: line.mode for line in config.lines if line.mode is not Mode.ALWAYS}
    if not modes:
        return values
    seen: dict[str, Scalar] = {}
    for path, value in values.items():
        mode = modes.get(path)
        if mode is None:
            seen[path] = value
        elif mode is not Mode.ON_CREATE:
            seen[path] = True if value is not None else None
    return seen


def external_id(person_id: PersonId, config: Configuration) -> str:
    """Name the person towards the target; the prefix keeps tenants apart that share one."""
    return f"{config.external_prefix}{person_id}"


def same_key(value: str) -> str:
    """Bring a unique name to the form in which two spellings of it are equal.

    Case, Unicode form, blanks, and a domain written in ASCII (`xn--bcher-kva`) make no difference.
    """
    key = folded(value)
    if "xn--" not in key:
        return key
    name, at, domain = key.rpartition("@")
    return name + at + ".".join(_label(label) for label in domain.split("."))


def _label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        told = label.removeprefix("xn--").encode("ascii").decode("punycode")
    except UnicodeError:
        return label
    return folded(told) or label


def _fits(line: Line | None, value: Scalar, there: Scalar) -> bool:
    if line is None or there is None:
        return line is None or line.mode is not Mode.ON_CREATE
    if line.mode in {Mode.ON_CREATE, Mode.IF_EMPTY}:
        return False
    return line.absent is not Fallback.DEFAULT or value != line.default


def _told(employee: Employee, source: str, universal: Mapping[str, str]) -> Found:
    key = personio_key(source, universal)
    if key in employee.unreadable:
        return Bad("a value that cannot be read")
    if key not in employee.attributes:
        return NOT_TOLD
    value = _scalar(employee.attributes[key], source)
    if key == "email" and value is not None and not _ADDRESS.fullmatch(str(value)):
        return Bad("it is no e-mail address")
    return Told(value)


def _filled_in(template: str, values: list[Scalar]) -> str | None:
    """Put the values into their places; what is empty takes its blanks with it. All empty: empty."""
    texts = iter("" if value is None else str(value) for value in values)
    if values and all(value is None for value in values):
        return None
    return " ".join(PLACEHOLDER.sub(lambda _: next(texts), template).split()) or None


def _scalar(value: Value, source: str) -> Scalar:
    match value:
        case str():  # the commonest comes first
            return value.strip() or None
        case None:
            return None
        case bool() | int() | float():
            return value
        case date():
            return value.isoformat()
        case Reference():
            wants_id = not source.startswith("universal:") and source.partition(".")[2] == "id"
            return (value.id if wants_id else value.name) or None
        case tuple():
            names = [item.name if isinstance(item, Reference) else item for item in value]
            return ", ".join(name for name in names if name) or None
        case _:
            assert_never(value)
