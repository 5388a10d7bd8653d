"""What a simulator tells about itself, for those who ask from Python."""

import msgspec


class Issued(msgspec.Struct, frozen=True):
    """A credential that now works."""

    client_id: str
    client_secret: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One person of `/__truth`, as far as a comparison usually needs; the JSON itself has every attribute."""

    id: int
    first_name: str
    last_name: str
    email: str | None = None
    status: str
    employment_type: str
    position: str | None = None
    supervisor_id: int | None = None
    department: str | None = None
    team: str | None = None
    office: str | None = None
    subcompany: str | None = None
    hire_date: str | None = None
    termination_date: str | None = None
    last_working_day: str | None = None
    iban: str | None = None


class Truth(msgspec.Struct, frozen=True):
    """The whole company."""

    today: str
    custom_attributes: dict[str, str]
    people: list[Told]

    def person(self, person_id: int) -> Told:
        """Find one person by id, or say that nobody had it when the truth was asked for."""
        for person in self.people:
            if person.id == person_id:
                return person
        raise LookupError(f"nobody had the id {person_id} when this truth was told; ask for it again")


class Counted(msgspec.Struct, frozen=True):
    """The figures of `/__counters`."""

    requests: dict[str, dict[str, int]]
    total: int
    pages: int
    employees_told: int
    logins: int
    tokens: int
    faults: dict[str, int]
    changes: int

    def of(self, endpoint: str, status: str | None = None) -> int:
        """Tell how often an endpoint was asked, in all or with one outcome."""
        by_status = self.requests.get(endpoint, {})
        return sum(by_status.values()) if status is None else by_status.get(status, 0)
