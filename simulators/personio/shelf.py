"""Keep the bytes of people as they were last told, and notice by itself when they are no longer true."""

from simulators.personio.company import Company
from simulators.personio.dialect import Dialect
from simulators.personio.person import Person
from simulators.personio.switches import Switches

_MOST = 20_000
"""How many people's bytes are kept per view, about 6 KB each; beyond that they are written anew."""
_VIEWS = 4

_Kept = tuple[Person, Person | None, int, bytes]


class Shelf:
    """Encode each person once per set of visible attributes, until the person, the boss or a unit changes."""

    def __init__(self, company: Company, switches: Switches) -> None:
        self._company = company
        self._dialect = Dialect(company, switches)
        self._views: dict[frozenset[str], dict[int, _Kept]] = {}

    def bytes_of(self, person_id: int, visible: frozenset[str]) -> bytes:
        """Give a person as encoded JSON."""
        person = self._company.people[person_id]
        boss = self._company.people.get(person.reference("supervisor") or 0)
        view = self._view(visible)
        kept = view.get(person_id)
        version = self._company.unit_version
        if kept and kept[0] is person and kept[1] is boss and kept[2] == version:
            return kept[3]
        encoded = self._dialect.employee(person, visible)
        if kept or len(view) < _MOST:
            view[person_id] = (person, boss, version, encoded)
        return encoded

    def described(self, visible: frozenset[str]) -> bytes:
        """Give the description of the visible attributes as encoded JSON."""
        return self._dialect.described(visible)

    def _view(self, visible: frozenset[str]) -> dict[int, _Kept]:
        view = self._views.get(visible)
        if view is None:
            if len(self._views) >= _VIEWS:
                self._views.pop(next(iter(self._views)))
            view = self._views[visible] = {}
        return view
