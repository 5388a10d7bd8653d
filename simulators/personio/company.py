"""The simulated company itself: who is in it, in which order it is told, and what its units are called."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Literal

from simulators.personio.attributes import Catalogue
from simulators.personio.person import Kind, Person, Unit, Values

Order = Literal["newest", "oldest", "id"]


class UnknownPersonError(LookupError):
    """Nobody in the company has this id."""

    def __init__(self, person_id: int) -> None:
        super().__init__(f"nobody in the company has the id {person_id}")


class Company:
    """Hold people and units; know nothing of HTTP, of tokens or of the clock."""

    def __init__(
        self, catalogue: Catalogue, today: date, people: Iterable[Person], units: Iterable[Unit]
    ) -> None:
        self.catalogue = catalogue
        self.today = today
        self.people: dict[int, Person] = {person.id: person for person in people}
        self.units: dict[int, Unit] = {unit.id: unit for unit in units}
        self.unit_version = 0
        self._highest_id = max(self.people, default=13_000_000)
        self._orders: dict[Order, list[int]] = {}

    def person(self, person_id: int) -> Person:
        """Find a person by id, or say that there is none."""
        found = self.people.get(person_id)
        if found is None:
            raise UnknownPersonError(person_id)
        return found

    def ids(self, order: Order) -> list[int]:
        """List everybody's id in the order in which Personio would tell them."""
        known = self._orders.get(order)
        if known is None:
            known = self._orders[order] = self._sorted(order)
        return known

    def _sorted(self, order: Order) -> list[int]:
        if order == "id":
            return sorted(self.people)
        by_age = sorted(self.people.values(), key=lambda person: (person.created_at, person.id))
        ids = [person.id for person in by_age]
        return ids if order == "oldest" else ids[::-1]

    def add(self, values: Values, at: datetime, person_id: int | None = None) -> Person:
        """Take in a new person under the next free id, or under the one given."""
        if person_id in self.people:
            raise ValueError(f"the id {person_id} is taken; leave it out to get the next free one")
        number = self.next_id() if person_id is None else person_id
        self._highest_id = max(self._highest_id, number)
        person = self.people[number] = Person(number, at, at, values)
        self._orders.clear()
        return person

    def next_id(self) -> int:
        """Tell which id the next newcomer gets; the ids of the erased are not used again."""
        return self._highest_id + 1

    def write(self, person_id: int, values: Values, at: datetime) -> Person:
        """Give a person new values, dated now."""
        person = self.people[person_id] = self.person(person_id).changed(values, at)
        return person

    def remove(self, person_id: int) -> None:
        """Forget a person as Personio does: without a trace in any list."""
        self.person(person_id)
        del self.people[person_id]
        self._orders.clear()

    def reports_of(self, person_id: int) -> list[int]:
        """List who names this person as supervisor."""
        everybody = self.people.values()
        return [person.id for person in everybody if person.values.get("supervisor") == person_id]

    def unit_named(self, kind: Kind, name: str) -> int:
        """Find a unit by name, or found it: a new department appears by being named."""
        for unit in self.units.values():
            if unit.kind == kind and unit.name == name:
                return unit.id
        number = max(self.units, default=100_000) + 1
        self.units[number] = Unit(number, kind, name)
        return number

    def rename_unit(self, kind: Kind, name: str, new_name: str) -> int:
        """Give a unit another name and keep its id; nobody in it counts as changed."""
        number = self.unit_named(kind, name)
        self.units[number] = replace(self.units[number], name=new_name)
        self.unit_version += 1
        return number

    def unit_name(self, person: Person, key: str) -> str | None:
        """Tell the name of the unit that an attribute points at."""
        unit = self.units.get(person.reference(key) or 0)
        return unit.name if unit else None

    def zone_of(self, person: Person) -> str:
        """Tell the time zone of a person's office; without an office Personio's own, Berlin."""
        office = self.units.get(person.reference("office") or 0)
        return (office.zone if office else "") or "Europe/Berlin"
