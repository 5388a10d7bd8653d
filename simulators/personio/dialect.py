"""Turn a person into the JSON that Personio sends: attribute objects in a fixed order."""

from collections.abc import Set as AbstractSet

from msgspec.json import encode

from simulators.personio.company import Company
from simulators.personio.pens import Pen, Pens, frame
from simulators.personio.person import Person
from simulators.personio.switches import Switches


class Dialect:
    """Speak Personio under one setting of the switches."""

    def __init__(self, company: Company, switches: Switches) -> None:
        self._company = company
        self._german = switches.language == "de"
        pens = Pens(company, switches)
        self._attributes: list[tuple[str, bytes, bytes, Pen]] = [
            (key, *frame(attribute, switches), pens.pen(attribute))
            for key, attribute in company.catalogue.by_key.items()
        ]

    def employee(self, person: Person, visible: AbstractSet[str]) -> bytes:
        """Write a person with the attributes that may be seen; the rest is left out without a word."""
        zone = self._company.zone_of(person)
        written = [
            before + pen(person, zone) + after
            for key, before, after, pen in self._attributes
            if key in visible
        ]
        return b'{"type":"Employee","attributes":{' + b",".join(written) + b"}}"

    def described(self, visible: AbstractSet[str]) -> bytes:
        """List the attributes that may be seen, as `/employees/attributes` does."""
        return encode(
            [
                {
                    "key": key,
                    "label": attribute.german if self._german else attribute.label,
                    "type": attribute.type,
                    "universal_id": attribute.universal_id,
                    "options": attribute.options,
                }
                for key, attribute in self._company.catalogue.by_key.items()
                if key in visible
            ]
        )
