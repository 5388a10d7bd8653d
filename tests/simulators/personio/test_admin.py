"""The back door over HTTP: what the Python handle can do, curl can do."""

import json
from pathlib import Path

import httpx
import pytest

from simulators.personio.handle import PersonioSimulator
from tests.simulators.personio.client import LIST, Client


def test_a_change_is_posted_to_its_own_path(client: Client) -> None:
    hired = client.http.post("/__admin/company/hire", json={"attributes": {"first_name": "Ada"}})
    assert hired.status_code == 200
    assert hired.json()["person"]["first_name"] == "Ada"
    number = hired.json()["id"]
    moved = client.http.post("/__admin/company/move", json={"person_id": number, "office": "Paris"})
    assert moved.json()["person"]["office"] == "Paris"
    assert client.value(number, "first_name") == "Ada"


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("change", {"attributes": {"position": "Admiral"}}),
        ("marry", {"last_name": "Hopper"}),
        ("terminate", {"last_working_day": "2026-11-30"}),
        ("rehire", {}),
        ("rehire-as-new", {}),
        ("erase", {}),
    ],
)
def test_every_kind_of_change_has_a_path(
    client: Client, personio: PersonioSimulator, kind: str, more: dict[str, object]
) -> None:
    somebody = personio.truth().people[5].id
    answer = client.http.post(f"/__admin/company/{kind}", json={"person_id": somebody, **more})
    assert answer.status_code == 200, answer.text


def test_a_fault_is_posted_as_a_rule_or_a_list_of_rules(client: Client) -> None:
    rule = {"match": {"path": LIST, "offset": 0}, "action": {"kind": "status", "status": 500}, "count": 2}
    assert client.http.post("/__admin/faults", json=rule).json() == {"numbers": [1]}
    html = {"action": {"kind": "html"}}
    assert client.http.post("/__admin/faults", json=[html, html]).json() == {"numbers": [2, 3]}
    pending = client.http.get("/__admin/state").json()["faults"]
    assert [(one["number"], one["left"]) for one in pending] == [(1, 2), (2, 1), (3, 1)]
    assert client.get().status_code == 500
    client.http.delete("/__admin/faults")
    assert client.get().status_code == 200


def test_a_hook_is_posted_and_can_be_taken_back(client: Client) -> None:
    hook = {"after_page": 0, "change": {"kind": "hire"}}
    assert client.http.post("/__admin/hooks", json=hook).json() == {"waiting": 1}
    client.http.delete("/__admin/hooks")
    client.page()
    assert client.page().total == 20


def test_switches_are_patched_and_told(client: Client) -> None:
    told = client.http.patch("/__admin/switches", json={"order": "id", "latency_ms": 0}).json()
    assert told["order"] == "id"
    assert client.http.get("/__admin/state").json()["switches"] == told


def test_credentials_are_issued_limited_and_rotated(client: Client) -> None:
    issued = client.http.post("/__admin/credentials", json={"readable": ["email"]}).json()
    granted = {"client_id": issued["client_id"], "attributes": ["first_name"]}
    assert client.http.post("/__admin/readable", json=granted).json()["readable"] == ["first_name"]
    rotated = client.http.post("/__admin/credentials/rotate", json={"client_id": issued["client_id"]}).json()
    assert rotated["client_id"] != issued["client_id"]
    assert rotated["readable"] == ["first_name"]
    assert client.login(issued["client_id"], issued["client_secret"]).status_code == 403
    assert client.login(rotated["client_id"], rotated["client_secret"]).status_code == 200


def test_rights_and_tokens_are_taken_away(client: Client) -> None:
    client.http.post("/__admin/rights", json={"employees": False})
    assert client.get().json()["error"]["code"] == 0
    client.http.post("/__admin/tokens/expire")
    assert client.get().json()["error"]["code"] == 403


def test_the_clock_is_put_forward(client: Client) -> None:
    client.http.post("/__admin/clock", json={"seconds": 90_000})
    assert client.get().status_code == 403


def test_counters_tell_requests_by_endpoint_and_status_and_can_be_reset(client: Client) -> None:
    number = client.page().ids[0]
    client.get(f"{LIST}/{number}")
    client.get(f"{LIST}/1")
    told = client.http.get("/__counters").json()
    assert told["requests"] == {
        f"GET {LIST}": {"200": 1},
        f"GET {LIST}/{{id}}": {"200": 1, "404": 1},
        "POST /v1/auth": {"200": 1},
    }
    assert (told["pages"], told["employees_told"], told["logins"], told["tokens"]) == (1, 20, 1, 1)
    client.http.delete("/__counters")
    assert client.http.get("/__counters").json()["total"] == 0


def test_the_truth_is_plain_json(client: Client) -> None:
    truth = client.http.get("/__truth").json()
    assert len(truth["people"]) == 20
    person = truth["people"][0]
    assert {"id", "email", "status", "supervisor_id", "department", "iban", "languages"} < person.keys()


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/__admin/nothing", b"", 404),
        ("POST", "/__admin/company/erase", b'{"person_id": 5}', 404),
        ("POST", "/__admin/company/explode", b"{}", 422),
        ("POST", "/__admin/company/hire", b"[1]", 422),
        ("POST", "/__admin/company/hire", b"no json", 422),
        ("POST", "/__admin/company", b'{"kind": "hire", "salary": 5}', 422),
        ("POST", "/__admin/faults", b'{"action": {"kind": "explode"}}', 422),
        ("POST", "/__admin/faults", b'{"action": {"kind": "html"}, "count": 0}', 422),
        ("PATCH", "/__admin/switches", b'{"order": "random"}', 422),
        ("PATCH", "/__admin/switches", b'{"colour": "red"}', 422),
        ("PATCH", "/__admin/switches", b'{"employees_per_second": 0}', 422),
        ("PATCH", "/__admin/switches", b'{"updated_since_zone": "Mars/Olympus"}', 422),
        ("POST", "/__admin/readable", b'{"attributes": ["shoe_size"]}', 422),
        ("POST", "/__admin/credentials/rotate", b'{"client_id": "papi-nobody"}', 422),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(
    client: Client, method: str, path: str, body: bytes, status: int
) -> None:
    answer: httpx.Response = client.http.request(method, path, content=body)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_the_back_door_is_not_counted_and_not_limited(client: Client, personio: PersonioSimulator) -> None:
    personio.switch(rate_limits=True, ip_per_minute=1)
    personio.reset_counters()
    statuses = {client.http.get("/__admin/state").status_code for _ in range(5)}
    assert statuses == {200}
    assert personio.counters().total == 0


class TestDataFile:
    def test_a_company_can_be_told_and_loaded_again(
        self, personio: PersonioSimulator, tmp_path: Path
    ) -> None:
        file = tmp_path / "company.json"
        with httpx.Client(base_url=personio.url, trust_env=False) as http:
            file.write_bytes(http.get("/__truth").content)
        with PersonioSimulator.start(data_file=file) as loaded:
            assert loaded.truth().people == personio.truth().people

    def test_a_handful_of_people_is_enough(self, tmp_path: Path) -> None:
        file = tmp_path / "company.json"
        people = [{"first_name": "Ada", "supervisor_id": 2}, {"id": 2, "department": "Navy"}]
        file.write_text(json.dumps({"people": people}), encoding="utf-8")
        with PersonioSimulator.start(data_file=file) as loaded:
            told = {person.id: person for person in loaded.truth().people}
        assert told[2].department == "Navy"
        assert {person.supervisor_id for person in told.values()} == {2, None}

    @pytest.mark.parametrize("text", ["no json", "[]", '{"people": [{"shoe_size": 43}]}'])
    def test_a_file_that_cannot_be_understood_is_refused(self, tmp_path: Path, text: str) -> None:
        file = tmp_path / "company.json"
        file.write_text(text, encoding="utf-8")
        with pytest.raises((ValueError, LookupError)):
            PersonioSimulator.start(data_file=file)
