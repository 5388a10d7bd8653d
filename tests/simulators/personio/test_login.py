"""Logging in: one stable token per credential, and every way to be refused."""

import pytest

from simulators.personio.control import Control
from simulators.personio.handle import PersonioSimulator
from simulators.personio.switches import Switches
from tests.simulators.personio.client import LIST, Client, speaking_to

DAY = 86_400


def pair(personio: Control) -> dict[str, str]:
    return {"client_id": personio.client_id, "client_secret": personio.client_secret}


def test_a_json_body_logs_in(client: Client) -> None:
    answer = client.http.post("/v1/auth", json=pair(client.personio)).json()
    assert answer["success"] is True
    assert answer["data"]["token"].startswith("papi-")
    assert answer["data"]["expires_in"] <= DAY
    assert answer["data"]["scope"] == "employees:read absences:read"


def test_a_form_body_logs_in(client: Client, personio: PersonioSimulator) -> None:
    answer = client.http.post("/v1/auth", data=pair(personio))
    assert answer.json()["data"]["token"] == client.token


def test_the_same_token_comes_back_with_less_time_left(client: Client, personio: PersonioSimulator) -> None:
    personio.advance(3_600)
    again = client.http.post("/v1/auth", json=pair(personio)).json()["data"]
    assert again["token"] == client.token
    assert DAY - 3_700 < again["expires_in"] <= DAY - 3_600


def test_after_a_day_the_token_is_dead_and_another_one_is_given(
    client: Client, personio: PersonioSimulator
) -> None:
    personio.advance(DAY + 1)
    assert client.get().status_code == 403
    old = client.token
    client.login()
    assert client.token != old
    assert client.get().status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b'{"client_id":"papi-nobody","client_secret":"x"}',
        b'{"client_id":"papi-nobody"}',
        b"{}",
        b"not json",
        b"[1]",
        b'{"client_id":7,"client_secret":null}',
    ],
)
def test_wrong_credentials_are_a_403_with_code_0(client: Client, body: bytes) -> None:
    answer = client.http.post("/v1/auth", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 403
    assert answer.json() == {"success": False, "error": {"code": 0, "message": "Wrong credentials"}}


def test_a_wrong_secret_is_refused(client: Client) -> None:
    assert client.login(secret="papi-wrong").status_code == 403


def test_credentials_in_the_query_string_are_forbidden(client: Client, personio: PersonioSimulator) -> None:
    assert client.http.post("/v1/auth", params=pair(personio)).status_code == 403


def test_credentials_in_the_query_string_work_where_they_are_still_allowed(
    client: Client, personio: PersonioSimulator
) -> None:
    personio.switch(query_string_login="allow")
    answer = client.http.post("/v1/auth", params=pair(personio))
    assert answer.json()["data"]["token"] == client.token


def test_a_request_without_token_is_a_401(client: Client) -> None:
    answer = client.http.get(LIST)
    assert answer.status_code == 401
    expected = {"code": 401, "message": "Authorization is not provided"}
    assert answer.json() == {"success": False, "error": expected}


def test_a_request_with_a_bad_token_is_a_403(client: Client) -> None:
    client.token = "papi-bad"
    answer = client.get()
    assert answer.status_code == 403
    expected = {"code": 403, "message": "Provided authorization is not valid"}
    assert answer.json() == {"success": False, "error": expected}


def test_good_answers_echo_the_authorization(client: Client) -> None:
    assert client.get().headers["Authorization"] == f"Bearer {client.token}"


def test_the_echo_can_be_switched_off(client: Client, personio: PersonioSimulator) -> None:
    personio.switch(echo_authorization=False)
    assert "Authorization" not in client.get().headers


def test_a_rotated_credential_kills_the_old_one_and_its_token(
    client: Client, personio: PersonioSimulator
) -> None:
    old = pair(personio)
    issued = personio.rotate()
    assert (issued.client_id, issued.client_secret) == (personio.client_id, personio.client_secret)
    assert client.get().status_code == 403
    assert client.http.post("/v1/auth", json=old).status_code == 403
    assert client.login().status_code == 200


def test_a_rotated_credential_keeps_its_rights(client: Client, personio: PersonioSimulator) -> None:
    personio.set_readable(["first_name"])
    personio.rotate()
    client.login()
    assert client.page().people[0].keys() == {"id", "first_name"}


def test_two_credentials_have_two_tokens_and_their_own_rights(
    client: Client, personio: PersonioSimulator
) -> None:
    issued = personio.issue(readable=["email"])
    first = client.token
    client.login(issued.client_id, issued.client_secret)
    assert client.token != first
    assert client.page().people[0].keys() == {"id", "email"}


def test_a_credential_without_the_right_is_told_so_in_personios_words(
    client: Client, personio: PersonioSimulator
) -> None:
    personio.set_rights(employees=False)
    error = client.get().json()["error"]
    assert error == {"code": 0, "message": "personio.core.api.exceptions.api.forbidden.http.exception"}


def test_logging_in_too_often_is_refused_until_a_rest_is_over() -> None:
    switches = Switches(logins_per_minute=3, login_cool_down_seconds=60)
    with PersonioSimulator.start(switches=switches) as personio, speaking_to(personio) as client:
        assert [client.login().status_code for _ in range(3)] == [200, 200, 429]
        personio.advance(50)
        assert client.login().status_code == 429
        personio.advance(11)
        assert client.login().status_code == 200


def test_expired_tokens_are_refused_at_once(client: Client, personio: PersonioSimulator) -> None:
    personio.expire_tokens()
    assert client.get().status_code == 403
