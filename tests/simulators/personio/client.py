"""A small, honest HTTP client for the tests: it sees the wire as it is and follows nothing."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx

from simulators.personio.control import Control

LIST = "/v1/company/employees"
Attributes = dict[str, dict[str, object]]
Query = Mapping[str, str | int]


@dataclass(slots=True)
class Client:
    """Speak v1 to a running simulator."""

    personio: Control
    http: httpx.Client
    token: str = ""

    def login(self, client_id: str | None = None, secret: str | None = None) -> httpx.Response:
        body = {
            "client_id": client_id or self.personio.client_id,
            "client_secret": secret or self.personio.client_secret,
        }
        answer = self.http.post("/v1/auth", json=body)
        if answer.status_code == 200:
            self.token = answer.json()["data"]["token"]
        return answer

    def get(self, path: str = LIST, query: Query | None = None) -> httpx.Response:
        pairs = urlencode(list((query or {}).items()))
        return self.http.get(f"{path}?{pairs}", headers={"Authorization": f"Bearer {self.token}"})

    def page(self, offset: int = 0, limit: int = 100, query: Query | None = None) -> "Page":
        answer = self.get(query={"offset": offset, "limit": limit, **(query or {})})
        assert answer.status_code == 200, answer.text
        return Page(answer.json())

    def attributes_of(self, person_id: int) -> Attributes:
        answer = self.get(f"{LIST}/{person_id}")
        assert answer.status_code == 200, answer.text
        return _attributes(answer.json()["data"])

    def value(self, person_id: int, key: str) -> object:
        return self.attributes_of(person_id)[key]["value"]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list, as it came."""

    body: dict[str, object]

    @property
    def people(self) -> list[Attributes]:
        rows = self.body["data"]
        assert isinstance(rows, list)
        return [_attributes(row) for row in rows]

    @property
    def ids(self) -> list[object]:
        return [value_of(person, "id") for person in self.people]

    @property
    def total(self) -> object:
        metadata = self.body["metadata"]
        assert isinstance(metadata, dict)
        return metadata["total_elements"]


def value_of(person: Attributes, key: str) -> object:
    return person[key]["value"]


def _attributes(employee: object) -> Attributes:
    assert isinstance(employee, dict)
    assert employee["type"] == "Employee"
    attributes: Attributes = employee["attributes"]
    return attributes


@contextmanager
def speaking_to(personio: Control, *, logged_in: bool = True) -> Iterator[Client]:
    """Open a client, logged in, and close it again."""
    with httpx.Client(base_url=personio.url, timeout=20, trust_env=False) as http:
        client = Client(personio, http)
        if logged_in:
            client.login()
        yield client
