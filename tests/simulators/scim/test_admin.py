"""The pages beside SCIM: orders, counters and truth over HTTP, without a token."""

from collections.abc import Iterator

import pytest

from simulators.scim.handle import ScimSimulator
from tests.simulators.scim.builders import Client

UNAVAILABLE = {"effect": {"type": "respond", "status": 503}, "match": {"methods": ["GET"]}, "times": 1}


@pytest.fixture
def visitor(app: ScimSimulator) -> Iterator[Client]:
    speaking = Client(app)
    del speaking.http.headers["Authorization"]
    yield speaking
    speaking.close()


def test_orders_are_given_and_taken_back(client: Client, visitor: Client, app: ScimSimulator) -> None:
    url = f"{app.origin}/__admin/quirks"
    told = visitor.send("POST", url, {"switches": {"patch": "unsupported"}, "rules": [UNAVAILABLE]}).json()
    assert told["switches"]["patch"] == "unsupported"
    assert [client.get("/Users").status_code for _ in range(2)] == [503, 200]
    assert visitor.get(url).json()["rules"][0]["taken"] == 1
    assert visitor.send("DELETE", url).status_code == 204
    assert visitor.get(url).json()["switches"]["patch"] == "supported"
    assert visitor.get(url).json()["rules"] == []


def test_put_replaces_all_orders_and_post_adds_to_them(visitor: Client, app: ScimSimulator) -> None:
    url = f"{app.origin}/__admin/quirks"
    visitor.send("POST", url, {"switches": {"filter": "ignored"}, "rules": [UNAVAILABLE]})
    added = visitor.send("POST", url, {"rules": [UNAVAILABLE]}).json()
    assert (added["switches"]["filter"], len(added["rules"])) == ("ignored", 2)
    afresh = visitor.send("PUT", url, {"switches": {"trim_values": True}}).json()
    assert afresh["rules"] == []
    assert (afresh["switches"]["filter"], afresh["switches"]["trim_values"]) == ("honoured", True)


@pytest.mark.parametrize(
    "orders",
    [
        pytest.param({"switches": {"fliter": "ignored"}}, id="unknown switch"),
        pytest.param({"switches": {"filter": "perhaps"}}, id="unknown setting"),
        pytest.param({"rules": [{"effect": {"type": "explode"}}]}, id="unknown effect"),
        pytest.param({"rules": [{**UNAVAILABLE, "tiems": 1}]}, id="misspelt rule"),
        pytest.param({"rule": []}, id="unknown key"),
        pytest.param([], id="a list"),
    ],
)
def test_a_wrong_order_is_refused_and_changes_nothing(
    visitor: Client, app: ScimSimulator, orders: object
) -> None:
    before = app.quirks.report()
    answer = visitor.send("POST", f"{app.origin}/__admin/quirks", orders)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert app.quirks.report() == before


def test_what_is_no_json_is_refused(visitor: Client, app: ScimSimulator) -> None:
    url = f"{app.origin}/__admin/quirks"
    assert visitor.http.post(url, content=b"{").status_code == 400
    assert visitor.send("PATCH", url, {}).status_code == 405


def test_counters_are_shown_and_reset(client: Client, visitor: Client, app: ScimSimulator) -> None:
    client.create(externalId="7")
    shown = visitor.get(f"{app.origin}/__counters").json()
    assert shown["createsByExternalId"] == {"7": 1}
    assert shown["requests"] == [{"method": "POST", "route": "/Users", "status": 201, "count": 1}]
    assert visitor.send("DELETE", f"{app.origin}/__counters").status_code == 204
    assert visitor.get(f"{app.origin}/__counters").json() == {
        "requests": [],
        "effectiveWrites": {},
        "createsByExternalId": {},
        "stateChanges": [],
        "overlappingWrites": {},
    }


def test_the_pages_are_below_the_base_url_as_well(visitor: Client) -> None:
    assert visitor.get("/__truth").json() == {"accounts": [], "groups": []}
    assert visitor.get("/__counters").status_code == 200


def test_an_unknown_page_names_the_known_ones(visitor: Client, app: ScimSimulator) -> None:
    answer = visitor.get(f"{app.origin}/__truths")
    assert answer.status_code == 404
    assert "/__truth" in answer.json()["error"]
