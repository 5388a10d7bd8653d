"""Switches: every standing habit by which an application differs from the standard."""

import msgspec
import pytest

from simulators.scim.handle import ScimSimulator
from simulators.scim.switches import Switches
from simulators.scim.wire import ENTERPRISE_USER
from tests.simulators.scim.builders import DEPARTMENT, Client, refusal, replace, user, work_email
from tests.simulators.scim.clock import SetClock


def test_a_filter_can_be_ignored_so_that_everybody_is_found(client: Client, app: ScimSimulator) -> None:
    client.create()
    client.create("bob@example.com")
    app.quirks.switch(filter="ignored")
    assert client.found('userName eq "nobody"') == ["ada@example.com", "bob@example.com"]
    assert client.found("not even a filter (") == ["ada@example.com", "bob@example.com"]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("unsupported_400", (400, "invalidFilter")), ("unsupported_501", (501, None))],
)
def test_filters_can_be_unsupported(
    client: Client, app: ScimSimulator, mode: str, expected: tuple[int, str | None]
) -> None:
    app.quirks.switch(filter=mode)
    assert refusal(client.get("/Users", filter="userName pr")) == expected
    assert client.get("/Users").status_code == 200
    assert client.get("/ServiceProviderConfig").json()["filter"]["supported"] is False


def test_patch_can_be_unsupported_and_is_then_not_advertised(client: Client, app: ScimSimulator) -> None:
    ada = client.create()
    app.quirks.switch(patch="unsupported")
    assert refusal(client.patch(ada["id"], replace("title", "x"))) == (501, None)
    assert client.get("/ServiceProviderConfig").json()["patch"]["supported"] is False
    assert client.send("PUT", f"/Users/{ada['id']}", user(title="x")).json()["title"] == "x"


def test_a_new_account_is_found_by_id_at_once_and_otherwise_later(
    client: Client, app: ScimSimulator, clock: SetClock
) -> None:
    app.quirks.switch(visibility_lag_seconds=5)
    ada = client.create(externalId="7")
    assert client.read(ada["id"]) == ada
    assert client.found('externalId eq "7"') == []
    assert client.get("/Users").json()["totalResults"] == 0
    clock.advance(5)
    assert client.found('externalId eq "7"') == ["ada@example.com"]
    assert client.get("/Users").json()["totalResults"] == 1


def test_a_name_is_taken_before_it_is_visible(client: Client, app: ScimSimulator) -> None:
    app.quirks.switch(visibility_lag_seconds=5)
    client.create()
    assert refusal(client.send("POST", "/Users", user())) == (409, "uniqueness")


def test_addresses_can_be_stored_in_lower_case(client: Client, app: ScimSimulator) -> None:
    app.quirks.switch(lower_case_emails=True, lower_case_user_name=True)
    ada = client.create("Ada@Example.com", emails=[work_email("Ada@Example.com"), {"type": "home"}])
    assert ada["userName"] == "ada@example.com"
    assert ada["emails"] == [work_email("ada@example.com"), {"type": "home"}]
    changed = client.patch(ada["id"], replace('emails[type eq "work"].value', "ADA@example.com"))
    assert changed.json() == ada


def test_values_can_be_trimmed(client: Client, app: ScimSimulator) -> None:
    app.quirks.switch(trim_values=True)
    ada = client.create(" ada ", name={"givenName": " Ada "}, emails=[work_email(" a@b ")])
    assert (ada["userName"], ada["name"], ada["emails"]) == ("ada", {"givenName": "Ada"}, [work_email("a@b")])


def test_attributes_can_be_ignored_in_silence(client: Client, app: ScimSimulator) -> None:
    ada = client.create(title="Countess", name={"givenName": "Ada"})
    app.quirks.switch(
        ignored_attributes=("title", "name.familyName", "nickName.x", DEPARTMENT, ENTERPRISE_USER)
    )
    body = {"title": "Duchess", "name": {"familyName": "King"}, ENTERPRISE_USER: {"department": "R&D"}}
    answer = client.patch(ada["id"], replace(None, body))
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["title"], shown["name"]) == ("Countess", {"givenName": "Ada"})
    assert shown == ada
    assert app.counters.effective_writes(ada["id"]) == 1


def test_a_created_account_can_be_answered_with_its_location_alone(
    client: Client, app: ScimSimulator
) -> None:
    app.quirks.switch(created_answers="location_only")
    answer = client.send("POST", "/Users", user())
    assert (answer.status_code, answer.content) == (201, b"")
    assert client.http.get(answer.headers["Location"]).json()["userName"] == "ada@example.com"


def test_new_accounts_can_wait_for_an_invitation(client: Client, app: ScimSimulator) -> None:
    app.quirks.switch(invitation_required=True)
    ada = client.create(active=True)
    assert ada["active"] is False
    app.state.edit_account(ada["id"], {"active": True})
    assert client.read(ada["id"])["active"] is True


def test_new_accounts_can_be_inactive_unless_told_otherwise(client: Client, app: ScimSimulator) -> None:
    app.quirks.switch(default_active=False)
    assert client.create()["active"] is False
    assert client.create("bob@example.com", active=True)["active"] is True


def test_switches_can_be_set_from_the_start_and_come_back_after_clearing() -> None:
    with ScimSimulator.start(switches=Switches(max_page_size=2), token="known") as app:
        app.quirks.switch(max_page_size=3)
        app.quirks.clear()
        assert app.quirks.switches.max_page_size == 2
        assert app.token == "known"


@pytest.mark.parametrize(
    "wrong", [{"fliter": "ignored"}, {"filter": "sometimes"}, {"latency_ms": -1}, {"max_page_size": 0}]
)
def test_a_switch_that_does_not_exist_is_refused(app: ScimSimulator, wrong: dict[str, object]) -> None:
    before = app.quirks.switches
    with pytest.raises(msgspec.ValidationError):
        app.quirks.switch(**wrong)
    assert app.quirks.switches == before


def test_latency_delays_every_answer_and_changes_none(client: Client, app: ScimSimulator) -> None:
    app.quirks.switch(latency_ms=1, write_latency_ms=1)
    assert client.found("userName pr") == []
    client.create()
    assert client.found("userName pr") == ["ada@example.com"]
