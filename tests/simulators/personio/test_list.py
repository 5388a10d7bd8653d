"""The employee list: pages, filters, order, and what a credential may see."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from simulators.personio.clock import Clock
from simulators.personio.handle import PersonioSimulator
from simulators.personio.switches import Switches
from tests.simulators.personio.client import LIST, Client, speaking_to, value_of

START = datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_a_page_carries_its_place_at_the_top_and_the_totals_in_metadata(client: Client) -> None:
    body = client.page(offset=8, limit=8).body
    assert body["success"] is True
    assert (body["offset"], body["limit"]) == (8, 8)
    assert body["metadata"] == {"total_elements": 20, "current_page": 1, "total_pages": 3}


def test_without_a_limit_a_page_has_fifty() -> None:
    with PersonioSimulator.start(employees=60) as personio, speaking_to(personio) as client:
        body = client.get().json()
        assert (body["limit"], body["offset"], len(body["data"])) == (50, 0, 50)


def test_the_offset_counts_records_not_pages(client: Client) -> None:
    everybody = client.page().ids
    assert client.page(offset=3, limit=5).ids == everybody[3:8]


def test_past_the_end_a_page_is_empty(client: Client) -> None:
    page = client.page(offset=40)
    assert (page.ids, page.total) == ([], 20)


def test_a_limit_over_a_hundred_counts_as_a_hundred() -> None:
    with PersonioSimulator.start(employees=120) as personio, speaking_to(personio) as client:
        body = client.get(query={"limit": 500}).json()
        assert (body["limit"], len(body["data"])) == (100, 100)


def test_a_limit_over_a_hundred_may_be_refused(client: Client, personio: PersonioSimulator) -> None:
    personio.switch(over_limit="refuse")
    answer = client.get(query={"limit": 101})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, 422)


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": "x"}, {"offset": -1}, {"offset": "١"}, {"updated_since": "soon"}]
)
def test_a_parameter_that_makes_no_sense_is_a_422(client: Client, query: dict[str, str | int]) -> None:
    answer = client.get(query=query)
    assert answer.status_code == 422
    assert answer.json()["success"] is False


def test_the_newest_come_first(client: Client) -> None:
    entered = [datetime.fromisoformat(str(value_of(p, "created_at"))) for p in client.page().people]
    assert entered == sorted(entered, reverse=True)


def test_a_hire_shifts_every_later_offset_by_one(client: Client, personio: PersonioSimulator) -> None:
    before = client.page().ids
    hired = personio.company.hire(first_name="Ada")
    assert client.page().ids == [hired, *before]


@pytest.mark.parametrize("order", ["oldest", "id"])
def test_the_order_can_be_switched(client: Client, personio: PersonioSimulator, order: str) -> None:
    newest = client.page().ids
    personio.switch(order=order)
    assert client.page().ids == newest[::-1]


def test_an_email_finds_exactly_its_owner_and_still_gives_a_list(client: Client) -> None:
    somebody = next(person for person in client.page().people if value_of(person, "email"))
    page = client.page(query={"email": str(value_of(somebody, "email"))})
    assert (page.ids, page.total) == ([value_of(somebody, "id")], 1)


def test_an_email_of_nobody_gives_an_empty_list(client: Client) -> None:
    page = client.page(query={"email": "nobody@example.com"})
    assert (page.ids, page.total) == ([], 0)


def test_a_projection_gives_the_attributes_asked_for_and_the_id(client: Client) -> None:
    answer = client.http.get(
        f"{LIST}?attributes[]=first_name&attributes%5B%5D=email&limit=1",
        headers={"Authorization": f"Bearer {client.token}"},
    )
    assert answer.json()["data"][0]["attributes"].keys() == {"id", "first_name", "email"}


def test_what_a_credential_may_not_read_is_silently_absent(
    client: Client, personio: PersonioSimulator
) -> None:
    personio.set_readable(["first_name", "iban"])
    iban = personio.truth().custom_attributes["iban"]
    assert {frozenset(person) for person in client.page().people} == {frozenset({"id", "first_name", iban})}


def test_with_nothing_readable_only_the_id_is_left(client: Client, personio: PersonioSimulator) -> None:
    personio.set_readable([])
    assert all(person.keys() == {"id"} for person in client.page().people)


def test_a_projection_cannot_reach_beyond_what_is_readable(
    client: Client, personio: PersonioSimulator
) -> None:
    personio.set_readable(["first_name"])
    assert client.page(query={"attributes[]": "email"}).people[0].keys() == {"id"}


def test_everything_is_readable_again_when_the_limit_is_lifted(
    client: Client, personio: PersonioSimulator
) -> None:
    whole = client.page().people
    personio.set_readable(["first_name"])
    personio.set_readable(None)
    assert client.page().people == whole


def test_the_attributes_endpoint_lists_exactly_what_may_be_read(
    client: Client, personio: PersonioSimulator
) -> None:
    personio.set_readable(["status", "shirt_size"])
    shirt = personio.truth().custom_attributes["shirt_size"]
    told = client.get(f"{LIST}/attributes").json()
    assert [one["key"] for one in told["data"]] == ["id", "status", shirt]
    assert told["data"][2] == {
        "key": shirt,
        "label": "T-shirt size",
        "type": "list",
        "universal_id": None,
        "options": ["XS", "S", "M", "L", "XL", "XXL"],
    }
    assert told["data"][1]["options"] == []


def test_custom_attributes_is_another_name_for_attributes(client: Client) -> None:
    alias = client.get(f"{LIST}/custom-attributes").json()
    assert alias == client.get(f"{LIST}/attributes").json()


def test_every_attribute_of_an_employee_is_described(client: Client) -> None:
    described = {one["key"]: one for one in client.get(f"{LIST}/attributes").json()["data"]}
    employee = client.page().people[0]
    assert employee.keys() == described.keys()
    for key, attribute in employee.items():
        assert attribute["type"] == described[key]["type"]
        assert attribute["universal_id"] == described[key]["universal_id"]


def test_one_employee_is_told_as_in_the_list(client: Client) -> None:
    first = client.page().people[0]
    number = value_of(first, "id")
    assert isinstance(number, int)
    assert client.attributes_of(number) == first


@pytest.mark.parametrize("number", ["1", "0", "x", "1/absences", "٣"])
def test_nobody_by_that_id_is_a_404_in_german_with_a_trailing_space(client: Client, number: str) -> None:
    answer = client.get(f"{LIST}/{number}")
    assert answer.status_code == 404
    expected = {"code": 404, "message": "Es ist ein Problem aufgetreten "}
    assert answer.json() == {"success": False, "error": expected}


@pytest.mark.parametrize("path", ["/v1/company/time-offs", "/v2/persons", "/"])
def test_a_path_that_is_not_simulated_is_a_404(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_credential_limited_to_a_legal_entity_sees_only_its_people(
    client: Client, personio: PersonioSimulator
) -> None:
    personio.set_rights(legal_entities=["Nordlicht GmbH"])
    people = personio.truth().people
    inside = {person.id for person in people if person.subcompany == "Nordlicht GmbH"}
    assert set(client.page().ids) == inside
    outside = next(person.id for person in people if person.id not in inside)
    assert client.get(f"{LIST}/{outside}").status_code == 404


class TestUpdatedSince:
    """A clock that stands still makes «since» exact."""

    @pytest.fixture
    def personio(self) -> Iterator[PersonioSimulator]:
        still = Clock(lambda: START)
        with PersonioSimulator.start(clock=still, switches=Switches(rate_limits=False)) as running:
            yield running

    def since(self, client: Client, at: datetime, **query: str) -> list[object]:
        return client.page(query={"updated_since": at.strftime("%Y-%m-%dT%H:%M:%S"), **query}).ids

    def test_only_those_changed_since_are_told(self, client: Client, personio: PersonioSimulator) -> None:
        somebody = personio.truth().people[3].id
        personio.company.change(somebody, position="Admiral")
        assert self.since(client, START) == [somebody]
        assert self.since(client, START + timedelta(seconds=1)) == []

    def test_a_newcomer_counts_as_changed(self, client: Client, personio: PersonioSimulator) -> None:
        hired = personio.company.hire()
        assert self.since(client, START) == [hired]

    def test_a_bare_date_is_understood(self, client: Client, personio: PersonioSimulator) -> None:
        hired = personio.company.hire()
        assert client.page(query={"updated_since": "2026-11-22"}).ids == [hired]

    def test_a_change_of_something_unreadable_does_not_count(
        self, client: Client, personio: PersonioSimulator
    ) -> None:
        somebody = personio.truth().people[3].id
        personio.set_readable(["first_name"])
        personio.company.change(somebody, position="Admiral")
        assert self.since(client, START) == []

    def test_a_projection_also_selects(self, client: Client, personio: PersonioSimulator) -> None:
        somebody = personio.truth().people[3].id
        personio.company.change(somebody, position="Admiral")
        assert self.since(client, START, **{"attributes[]": "email"}) == []
        assert self.since(client, START, **{"attributes[]": "position"}) == [somebody]

    def test_an_email_beside_it_is_ignored(self, client: Client, personio: PersonioSimulator) -> None:
        hired = personio.company.hire()
        assert self.since(client, START, email="nobody@example.com") == [hired]

    def test_writing_what_is_already_so_is_no_change(
        self, client: Client, personio: PersonioSimulator
    ) -> None:
        somebody = personio.truth().people[3]
        personio.company.change(somebody.id, first_name=somebody.first_name)
        assert self.since(client, START) == []

    def test_the_zone_of_a_time_without_offset_can_be_switched(
        self, client: Client, personio: PersonioSimulator
    ) -> None:
        hired = personio.company.hire()
        personio.switch(updated_since_zone="Europe/Berlin")
        assert self.since(client, START + timedelta(minutes=59)) == [hired]

    def test_a_change_can_echo_for_a_while(self, client: Client, personio: PersonioSimulator) -> None:
        hired = personio.company.hire()
        personio.switch(updated_since_echo_minutes=45)
        assert self.since(client, START + timedelta(minutes=44)) == [hired]
        assert self.since(client, START + timedelta(minutes=46)) == []


def test_reading_page_by_page_tells_everybody_exactly_once(
    client: Client, personio: PersonioSimulator
) -> None:
    read = [number for offset in range(0, 20, 7) for number in client.page(offset, 7).ids]
    assert sorted(map(int, map(str, read))) == sorted(person.id for person in personio.truth().people)
