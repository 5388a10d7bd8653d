"""Lists: pages that count from one, and only the attributes that were asked for."""

from typing import Any

import pytest

from simulators.scim.handle import ScimSimulator
from simulators.scim.wire import ENTERPRISE_USER, LIST_RESPONSE, Json
from tests.simulators.scim.builders import DEPARTMENT, MANAGER, Client, refusal, work_email


@pytest.fixture
def crowd(app: ScimSimulator) -> list[str]:
    """Five accounts, oldest first."""
    return [app.state.add_account(f"person{number}@example.com") for number in range(5)]


def page(client: Client, **query: str | int) -> tuple[list[str], Json]:
    document: Json = client.get("/Users", **query).json()
    return [one["id"] for one in document["Resources"]], document


class TestPages:
    def test_an_empty_application_lists_nobody(self, client: Client) -> None:
        assert client.get("/Users").json() == {
            "schemas": [LIST_RESPONSE],
            "totalResults": 0,
            "startIndex": 1,
            "itemsPerPage": 0,
            "Resources": [],
        }

    def test_pages_follow_each_other_without_gap(self, client: Client, crowd: list[str]) -> None:
        pages = [page(client, startIndex=start, count=2)[0] for start in (1, 3, 5, 7)]
        assert pages == [crowd[0:2], crowd[2:4], crowd[4:], []]

    def test_a_page_tells_its_place(self, client: Client, crowd: list[str]) -> None:
        _, document = page(client, startIndex=5, count=2)
        told = (document["totalResults"], document["startIndex"], document["itemsPerPage"])
        assert told == (5, 5, 1)

    @pytest.mark.parametrize(("start", "count", "length"), [(0, 2, 2), (-3, 5, 5), (1, 0, 0), (1, -1, 0)])
    def test_numbers_that_are_too_small_are_lifted(
        self, client: Client, crowd: list[str], start: int, count: int, length: int
    ) -> None:
        assert page(client, startIndex=start, count=count)[0] == crowd[:length]

    @pytest.mark.parametrize("query", [{"startIndex": "x"}, {"count": "1.5"}, {"count": ""}])
    def test_numbers_that_are_none_are_refused(self, client: Client, query: dict[str, Any]) -> None:
        assert refusal(client.get("/Users", **query)) == (400, "invalidValue")

    def test_a_page_is_never_longer_than_the_application_allows(
        self, client: Client, app: ScimSimulator, crowd: list[str]
    ) -> None:
        app.quirks.switch(max_page_size=2)
        ids, document = page(client, count=100)
        assert ids == crowd[:2]
        assert (document["totalResults"], document["itemsPerPage"]) == (5, 2)

    def test_a_filtered_list_has_pages_too(self, client: Client, crowd: list[str]) -> None:
        ids, document = page(client, filter='userName sw "person"', startIndex=4, count=10)
        assert (ids, document["totalResults"]) == (crowd[3:], 5)

    def test_a_total_can_be_wrong(self, client: Client, app: ScimSimulator, crowd: list[str]) -> None:
        app.quirks.switch(total_results_shift=-2)
        ids, document = page(client)
        assert (len(ids), document["totalResults"]) == (5, 3)

    def test_too_many_results_can_be_refused(
        self, client: Client, app: ScimSimulator, crowd: list[str]
    ) -> None:
        app.quirks.switch(max_results=4)
        assert refusal(client.get("/Users", filter="userName pr")) == (400, "tooMany")


class TestAttributes:
    @pytest.fixture
    def ada(self, client: Client) -> str:
        boss = client.create("boss@example.com")["id"]
        created = client.create(
            title="Countess",
            name={"givenName": "Ada", "familyName": "Lovelace"},
            emails=[work_email("ada@example.com")],
            **{ENTERPRISE_USER: {"department": "R&D", "manager": {"value": boss}}},
        )
        found: str = created["id"]
        return found

    @pytest.mark.parametrize(
        ("asked", "names"),
        [
            ("userName", {"userName"}),
            ("USERNAME, title", {"userName", "title"}),
            ("meta", {"meta"}),
            ("hat", set()),
            (ENTERPRISE_USER, {ENTERPRISE_USER}),
            (f"{ENTERPRISE_USER}:costCenter", set()),
        ],
    )
    def test_only_what_is_asked_for_is_shown(
        self, client: Client, ada: str, asked: str, names: set[str]
    ) -> None:
        shown = client.get(f"/Users/{ada}", attributes=asked).json()
        assert shown.keys() == {"schemas", "id"} | names

    def test_parts_can_be_asked_for(self, client: Client, ada: str) -> None:
        asked = f"name.givenName,emails.value,emails.type,{DEPARTMENT},{MANAGER}.value"
        shown = client.get(f"/Users/{ada}", attributes=asked).json()
        assert shown["name"] == {"givenName": "Ada"}
        assert shown["emails"] == [work_email("ada@example.com")]
        assert shown[ENTERPRISE_USER].keys() == {"department", "manager"}
        assert shown[ENTERPRISE_USER]["manager"].keys() == {"value"}

    def test_what_is_excluded_is_left_out_but_never_id_and_schemas(self, client: Client, ada: str) -> None:
        excluded = f"id,schemas,meta,name.familyName,emails.type,{DEPARTMENT},hat,groups"
        shown = client.get(f"/Users/{ada}", excludedAttributes=excluded).json()
        assert {"id", "schemas", "title"} <= shown.keys()
        assert "meta" not in shown
        assert shown["name"] == {"givenName": "Ada"}
        assert shown["emails"] == [{"value": "ada@example.com"}]
        assert "department" not in shown[ENTERPRISE_USER]

    def test_a_whole_extension_can_be_excluded(self, client: Client, ada: str) -> None:
        shown = client.get(f"/Users/{ada}", excludedAttributes=ENTERPRISE_USER).json()
        assert ENTERPRISE_USER not in shown

    def test_a_list_shows_only_what_is_asked_for(self, client: Client, ada: str) -> None:
        shown = client.get("/Users", attributes="externalId").json()["Resources"]
        assert all(one.keys() == {"schemas", "id"} for one in shown)

    def test_asking_and_excluding_at_once_is_refused(self, client: Client, ada: str) -> None:
        answer = client.get(f"/Users/{ada}", attributes="title", excludedAttributes="meta")
        assert refusal(answer) == (400, "invalidValue")
