"""Write one value as JSON: for each shape of attribute a pen, made once and used for everybody."""

from collections.abc import Callable
from datetime import date
from typing import assert_never
from zlib import crc32

from msgspec.json import encode

from simulators.personio.attributes import STANDARD, Attribute, Shape
from simulators.personio.company import Company
from simulators.personio.dates import midnight, moment
from simulators.personio.person import Person, Unit
from simulators.personio.switches import Switches

Pen = Callable[[Person, str], bytes]
"""Takes the person and the time zone of the person's office."""

_BY_KEY = {attribute.key: attribute for attribute in STANDARD}
_BOSS = tuple(_BY_KEY[key] for key in ("id", "first_name", "last_name", "email"))


def frame(attribute: Attribute, switches: Switches) -> tuple[bytes, bytes]:
    """Give what stands before and after a value: label, type, universal id, and the currency of money."""
    label = attribute.german if switches.language == "de" else attribute.label
    after: dict[str, object] = {}
    if switches.attribute_shape == "full":
        after.update(type=attribute.type, universal_id=attribute.universal_id)
    if attribute.shape is Shape.MONEY:
        after["currency"] = "EUR"
    tail = b"," + encode(after)[1:] if after else b"}"
    return encode(attribute.key) + b':{"label":' + encode(label) + b',"value":', tail


class Pens:
    """Make pens that write under one setting of the switches."""

    def __init__(self, company: Company, switches: Switches) -> None:
        self._company = company
        self._switches = switches
        self._written_units: dict[int, tuple[Unit, bytes]] = {}

    def pen(self, attribute: Attribute) -> Pen:
        """Choose the pen for an attribute."""
        match attribute.shape:
            case Shape.TEXT | Shape.NUMBER | Shape.MONEY:
                return self._plain_pen(attribute)
            case Shape.DATE:
                return self._date_pen(attribute)
            case Shape.MOMENT:
                return self._moment_pen(attribute)
            case Shape.TAGS:
                return self._tags_pen(attribute)
            case Shape.PERSON:
                return self._supervisor_pen(attribute)
            case Shape.UNIT:
                return self._unit_pen(attribute)
            case Shape.UNITS:
                return self._units_pen(attribute)
            case _ as never:
                assert_never(never)

    def _plain_pen(self, attribute: Attribute) -> Pen:
        key, empty = attribute.key, encode(attribute.empty)
        if key == "id":
            return lambda person, _zone: encode(person.id)
        if key == "weekly_working_hours" and self._switches.hours == "number":
            return lambda person, _zone: encode(float(person.text(key) or 0))

        def write(person: Person, _zone: str) -> bytes:
            value = person.values.get(key)
            return empty if value is None or value == "" else encode(value)

        return write

    def _date_pen(self, attribute: Attribute) -> Pen:
        key, style = attribute.key, self._switches.dates

        def write(person: Person, zone: str) -> bytes:
            day = person.values.get(key)
            return midnight(day, zone, style) if isinstance(day, date) else b"null"

        return write

    def _moment_pen(self, attribute: Attribute) -> Pen:
        style = self._switches.dates
        if attribute.key == "created_at":
            return lambda person, zone: moment(person.created_at, zone, style)
        return lambda person, zone: moment(person.modified_at, zone, style)

    def _tags_pen(self, attribute: Attribute) -> Pen:
        wanted = self._switches.tags
        as_json = wanted == "json" or (wanted == "mixed" and attribute.nickname == "skills")

        def write(person: Person, _zone: str) -> bytes:
            tags = person.values.get(attribute.key)
            if not isinstance(tags, tuple) or not tags:
                return b'""'
            return encode(encode(tags).decode() if as_json else ",".join(str(tag) for tag in tags))

        return write

    def _supervisor_pen(self, attribute: Attribute) -> Pen:
        parts = [(*frame(part, self._switches), self._plain_pen(part)) for part in _BOSS]
        number = parts[0]

        def write(person: Person, zone: str) -> bytes:
            reference = person.reference(attribute.key)
            if reference is None:
                return self._empty(attribute, person)
            boss = self._company.people.get(reference)
            if boss is None or self._switches.supervisor == "id":
                inner = number[0] + encode(reference) + number[1]
            else:
                inner = b",".join([before + pen(boss, zone) + after for before, after, pen in parts])
            return b'{"type":"Employee","attributes":{' + inner + b"}}"

        return write

    def _unit_pen(self, attribute: Attribute) -> Pen:
        key, units = attribute.key, self._company.units

        def write(person: Person, _zone: str) -> bytes:
            unit = units.get(person.reference(key) or 0)
            return self._unit(unit) if unit else self._empty(attribute, person)

        return write

    def _units_pen(self, attribute: Attribute) -> Pen:
        def write(person: Person, _zone: str) -> bytes:
            ids = person.values.get(attribute.key)
            known = [self._company.units.get(int(number)) for number in ids] if isinstance(ids, tuple) else []
            units = [unit for unit in known if unit]
            if not units:
                return self._empty(attribute, person)
            if attribute.unit == "CostCenter":
                return encode([_drawn(unit, percentage=100 / len(units)) for unit in units])
            return b"[" + b",".join([self._unit(unit) for unit in units]) + b"]"

        return write

    def _unit(self, unit: Unit) -> bytes:
        """Write a unit once; a renamed one is a new object and is written anew."""
        written = self._written_units.get(unit.id)
        if written is None or written[0] is not unit:
            written = self._written_units[unit.id] = (unit, encode(_drawn(unit)))
        return written[1]

    def _empty(self, attribute: Attribute, person: Person) -> bytes:
        match self._switches.empty:
            case "usual":
                return b"[]" if attribute.key == "cost_centers" else b"null"
            case "null":
                return b"null"
            case "text":
                return b'""'
            case "list":
                return b"[]"
            case "mixed":
                return (b"null", b'""', b"[]")[crc32(f"{person.id}{attribute.key}".encode()) % 3]
            case _ as never:
                assert_never(never)


def _drawn(unit: Unit, **extra: float) -> dict[str, object]:
    return {"type": unit.kind, "attributes": {"id": unit.id, "name": unit.name, **unit.details, **extra}}
