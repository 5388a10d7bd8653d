"""Counters and truth: what was written, how often, and what stands at the end."""

import threading

import pytest

from simulators.scim import effects
from simulators.scim.flatten import differences, flatten
from simulators.scim.handle import ScimSimulator
from simulators.scim.wire import ENTERPRISE_USER
from tests.simulators.scim.builders import (
    DEPARTMENT,
    MANAGER,
    Client,
    add,
    group,
    patch,
    remove,
    replace,
    user,
    work_email,
)


def test_requests_are_counted_by_method_route_and_status(client: Client, app: ScimSimulator) -> None:
    ada = client.create()
    client.read(ada["id"])
    client.get("/Users/nobody")
    client.get("/Users")
    client.found("userName pr")
    assert app.counters.requests("GET", "/Users/{id}", 200) == 1
    assert app.counters.requests("GET", "/Users/{id}", 404) == 1
    assert app.counters.requests("GET", "/Users") == 1
    assert app.counters.requests("GET", "/Users?filter") == 1
    assert app.counters.requests("GET") == 4
    assert (app.counters.requests(), app.counters.writes) == (5, 1)


def test_only_writes_that_changed_something_are_effective(client: Client, app: ScimSimulator) -> None:
    ada = client.create(title="Countess")["id"]
    client.patch(ada, replace("title", "Countess"))
    client.patch(ada, replace("shoeSize", "46"))
    client.patch(ada, replace("title", "Duchess"))
    assert app.counters.effective_writes(ada) == app.counters.effective_writes() == 2
    assert app.counters.writes == 4


def test_every_value_is_counted_when_it_is_written_over_another(client: Client, app: ScimSimulator) -> None:
    ada = client.create(active=True)["id"]
    for active in (False, False, True, False):
        client.patch(ada, replace("active", active))
    changes = app.counters.state_changes
    assert (changes[ada, "active", False], changes[ada, "active", True]) == (2, 2)


def test_a_change_is_named_by_its_scim_path(client: Client, app: ScimSimulator) -> None:
    boss = app.state.add_account("boss@example.com")
    ada = client.create()["id"]
    app.counters.reset()
    client.patch(
        ada,
        replace("name.givenName", "Ada"),
        add("emails", [work_email("ada@example.com")]),
        replace(DEPARTMENT, "R&D"),
        replace(MANAGER, {"value": boss}),
    )
    client.patch(ada, remove(DEPARTMENT))
    assert app.counters.state_changes == {
        (ada, "name.givenName", "Ada"): 1,
        (ada, 'emails[type eq "work"].value', "ada@example.com"): 1,
        (ada, DEPARTMENT, "R&D"): 1,
        (ada, f"{MANAGER}.value", boss): 1,
        (ada, DEPARTMENT, None): 1,
    }


def test_creates_are_counted_per_external_id(client: Client, app: ScimSimulator) -> None:
    client.create(externalId="7")
    client.send("POST", "/Users", user(externalId="7"))
    client.create("twin@example.com", externalId="7")
    client.create("bob@example.com")
    assert (app.counters.creates("7"), app.counters.creates(""), app.counters.creates("8")) == (2, 1, 0)
    assert app.counters.creates_by_external_id == {"7": 2, "": 1}


def test_memberships_are_counted_by_member(client: Client, app: ScimSimulator) -> None:
    ada = client.create()["id"]
    relay = client.send("POST", "/Groups", group()).json()["id"]
    for _ in range(2):
        client.send("PATCH", f"/Groups/{relay}", patch(add("members", [{"value": ada}])))
    assert app.counters.state_changes[relay, f'members[value eq "{ada}"].value', ada] == 1


def test_what_is_done_by_hand_is_counted_nowhere(client: Client, app: ScimSimulator) -> None:
    ada = app.state.add_account("ada@example.com", externalId="7")
    app.state.edit_account(ada, {"title": "Countess"})
    assert client.read(ada)["title"] == "Countess"
    app.state.delete_account(ada)
    assert app.state.accounts() == []
    assert app.counters.effective_writes() == 0
    assert app.counters.creates_by_external_id == {}


class TestOverlaps:
    def begin(
        self, client: Client, app: ScimSimulator, method: str, path: str, body: object
    ) -> threading.Thread:
        """Send a slow write and come back once it is in flight."""
        app.quirks.add(effects.slow(0.3), methods=(method,))
        sending = threading.Thread(target=client.send, args=(method, path, body))
        sending.start()
        waiting = threading.Event()
        for _ in range(500):
            if app.counters.writes_in_flight:
                break
            waiting.wait(0.005)
        assert app.counters.writes_in_flight
        return sending

    def test_two_writes_on_one_account_at_once_are_noticed(self, client: Client, app: ScimSimulator) -> None:
        ada = client.create()["id"]
        first = self.begin(client, app, "PATCH", f"/Users/{ada}", patch(replace("title", "x")))
        client.patch(ada, replace("title", "y"))
        first.join()
        assert app.counters.overlapping_writes == {ada: 1}
        assert app.counters.writes_in_flight == {}

    def test_two_creates_of_one_person_at_once_are_noticed(self, client: Client, app: ScimSimulator) -> None:
        first = self.begin(client, app, "POST", "/Users", user(externalId="7"))
        client.create("twin@example.com", externalId="7")
        first.join()
        assert app.counters.overlapping_writes == {"POST 7": 1}

    def test_writes_on_two_accounts_and_reads_do_not_overlap(
        self, client: Client, app: ScimSimulator
    ) -> None:
        ada, bob = client.create()["id"], client.create("bob@example.com")["id"]
        first = self.begin(client, app, "PATCH", f"/Users/{ada}", patch(replace("title", "x")))
        client.patch(bob, replace("title", "y"))
        client.read(ada)
        first.join()
        assert app.counters.overlapping_writes == {}

    def test_one_write_after_the_other_is_no_overlap(self, client: Client, app: ScimSimulator) -> None:
        ada = client.create()["id"]
        client.patch(ada, replace("title", "x"))
        client.patch(ada, replace("title", "y"))
        assert app.counters.overlapping_writes == {}


class TestTruth:
    def test_an_account_is_told_in_plain_words(self, client: Client, app: ScimSimulator) -> None:
        boss = app.state.add_account("boss@example.com")
        ada = client.create(
            externalId="7",
            active=False,
            **{ENTERPRISE_USER: {"manager": {"value": boss}, "department": "R&D"}},
        )["id"]
        assert app.state.account(external_id="7") == {
            "id": ada,
            "externalId": "7",
            "userName": "ada@example.com",
            "active": False,
            "manager": boss,
            "attributes": {
                "userName": "ada@example.com",
                "externalId": "7",
                "active": False,
                f"{MANAGER}.value": boss,
                DEPARTMENT: "R&D",
            },
        }

    def test_a_question_that_two_accounts_answer_is_refused(self, app: ScimSimulator) -> None:
        for name in ("ada@example.com", "twin@example.com"):
            app.state.add_account(name, externalId="7")
        with pytest.raises(LookupError, match="2 accounts"):
            app.state.account(external_id="7")

    def test_groups_are_told_with_their_members(self, app: ScimSimulator) -> None:
        ada = app.state.add_account("ada@example.com")
        relay = app.state.add_group("Relay", [ada])
        told = {"id": relay, "externalId": None, "displayName": "Relay", "members": [ada]}
        assert app.state.truth()["groups"] == [told]

    def test_accounts_can_be_there_from_the_start(self) -> None:
        with ScimSimulator.start(users=3) as app:
            accounts = app.state.accounts()
            assert len({account["userName"] for account in accounts}) == 3
            assert {account["externalId"] for account in accounts} == {None}


def test_two_values_of_one_type_are_kept_apart() -> None:
    flat = flatten({"emails": [work_email("a@b"), work_email("c@d"), {"value": "e@f"}]})
    assert flat == {
        'emails[type eq "work"].value': "a@b",
        'emails[type eq "work"]#2.value': "c@d",
        'emails[value eq "e@f"].value': "e@f",
    }


def test_a_difference_is_what_was_set_changed_or_taken_away() -> None:
    assert differences({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 4, "d": 5}) == [
        ("b", 4),
        ("d", 5),
        ("c", None),
    ]
