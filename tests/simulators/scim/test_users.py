"""Users: created, read, replaced and deleted as RFC 7644 says, and refused with the right words."""

import pytest

from simulators.scim.handle import ScimSimulator
from simulators.scim.wire import CORE_USER, ENTERPRISE_USER, Json
from tests.simulators.scim.builders import Client, refusal, replace, user, work_email
from tests.simulators.scim.clock import SetClock


class TestCreating:
    def test_a_new_user_is_shown_whole_and_can_be_read_again(self, client: Client) -> None:
        answer = client.send("POST", "/Users", user(externalId="7", emails=[work_email("ada@example.com")]))
        created = answer.json()
        assert answer.status_code == 201
        assert answer.headers["Content-Type"] == "application/scim+json"
        assert answer.headers["Location"] == created["meta"]["location"]
        assert client.read(created["id"]) == created

    def test_meta_tells_when_where_and_which_version(self, client: Client, app: ScimSimulator) -> None:
        created = client.create()
        assert created["meta"] == {
            "resourceType": "User",
            "created": "2026-02-02T08:00:00.000Z",
            "lastModified": "2026-02-02T08:00:00.000Z",
            "location": f"{app.url}/Users/{created['id']}",
            "version": 'W/"1"',
        }

    def test_a_new_user_is_active_unless_told_otherwise(self, client: Client) -> None:
        assert client.create()["active"] is True
        assert client.create("bob@example.com", active=False)["active"] is False

    def test_id_and_meta_from_the_client_are_ignored(self, client: Client) -> None:
        created = client.create(id="mine", meta={"version": "9"}, groups=[{"value": "x"}])
        assert created["id"] != "mine"
        assert created["meta"]["version"] == 'W/"1"'
        assert "groups" not in created

    def test_attribute_names_are_read_without_case(self, client: Client) -> None:
        document = {
            "SCHEMAS": [CORE_USER.upper()],
            "username": "ada@example.com",
            "NAME": {"givenname": "Ada"},
        }
        created = client.send("POST", "/Users", document).json()
        assert (created["userName"], created["name"]) == ("ada@example.com", {"givenName": "Ada"})

    def test_a_password_is_never_shown(self, client: Client) -> None:
        assert "password" not in client.create(password="correct horse")

    def test_plain_json_is_accepted_as_well(self, client: Client) -> None:
        answer = client.send("POST", "/Users", user(), Content_Type="application/json")
        assert answer.status_code == 201

    @pytest.mark.parametrize(
        ("document", "scim_type"),
        [
            pytest.param({**user(), "userName": " "}, "invalidValue", id="empty userName"),
            pytest.param({"schemas": [CORE_USER]}, "invalidValue", id="no userName"),
            pytest.param({"userName": "ada"}, "invalidSyntax", id="no schemas"),
            pytest.param({**user(), "schemas": ["urn:x"]}, "invalidSyntax", id="core schema missing"),
            pytest.param({**user(), "schemas": [CORE_USER, "urn:x"]}, "invalidSyntax", id="strange schema"),
            pytest.param(
                {**user(), ENTERPRISE_USER: {"department": "R&D"}}, "invalidSyntax", id="unlisted extension"
            ),
            pytest.param(user(shoeSize="46"), "invalidSyntax", id="unknown attribute"),
            pytest.param(user(name={"nick": "A"}), "invalidSyntax", id="unknown sub-attribute"),
            pytest.param(
                user(**{ENTERPRISE_USER: {"floor": "2"}}), "invalidSyntax", id="unknown enterprise attribute"
            ),
            pytest.param(user(**{ENTERPRISE_USER: "R&D"}), "invalidValue", id="extension is no object"),
            pytest.param(user(active="True"), "invalidValue", id="boolean as text"),
            pytest.param(user(active=1), "invalidValue", id="boolean as number"),
            pytest.param(user(title=7), "invalidValue", id="text as number"),
            pytest.param(user(name="Ada"), "invalidValue", id="complex as text"),
            pytest.param(user(emails={"value": "a@b"}), "invalidValue", id="list as object"),
            pytest.param(user(emails=["a@b"]), "invalidValue", id="e-mail as text"),
            pytest.param(
                user(emails=[{"value": "a", "primary": True}, {"value": "b", "primary": True}]),
                "invalidValue",
                id="two primaries",
            ),
            pytest.param(
                user(**{ENTERPRISE_USER: {"manager": {"value": "nobody"}}}),
                "invalidValue",
                id="unknown manager",
            ),
            pytest.param(["not", "an", "object"], "invalidSyntax", id="a list"),
        ],
    )
    def test_a_wrong_document_is_refused_and_leaves_nothing(
        self, client: Client, app: ScimSimulator, document: object, scim_type: str
    ) -> None:
        assert refusal(client.send("POST", "/Users", document)) == (400, scim_type)
        assert app.state.accounts() == []

    def test_a_body_that_is_not_json_is_refused(self, client: Client) -> None:
        assert refusal(client.http.post("/Users", content=b"{")) == (400, "invalidSyntax")
        assert refusal(client.http.post("/Users")) == (400, "invalidSyntax")

    def test_another_media_type_is_refused(self, client: Client) -> None:
        assert refusal(client.send("POST", "/Users", user(), Content_Type="text/plain")) == (415, None)

    def test_an_error_never_repeats_what_was_sent(self, client: Client) -> None:
        answer = client.send("POST", "/Users", user(title={"secret": "canary"}, shoeSize="canary"))
        assert answer.status_code == 400
        assert "canary" not in answer.text


class TestUniqueness:
    def test_a_user_name_is_taken_whatever_its_case(self, client: Client) -> None:
        client.create("Ada@Example.com")
        assert refusal(client.send("POST", "/Users", user("aDA@example.COM"))) == (409, "uniqueness")

    def test_deactivating_does_not_free_a_name(self, client: Client) -> None:
        ada = client.create()
        client.patch(ada["id"], replace("active", False))
        assert refusal(client.send("POST", "/Users", user())) == (409, "uniqueness")

    def test_deleting_and_renaming_free_a_name(self, client: Client) -> None:
        ada = client.create()
        client.patch(ada["id"], replace("userName", "ada.king@example.com"))
        bob = client.create()
        client.send("DELETE", f"/Users/{bob['id']}")
        client.create()

    def test_renaming_onto_somebody_else_is_refused(self, client: Client) -> None:
        client.create("bob@example.com")
        ada = client.create()
        assert refusal(client.patch(ada["id"], replace("userName", "BOB@example.com"))) == (409, "uniqueness")
        assert client.read(ada["id"]) == ada

    def test_changing_the_case_of_ones_own_name_is_allowed(self, client: Client) -> None:
        ada = client.create()
        assert client.patch(ada["id"], replace("userName", "Ada@example.com")).status_code == 200

    def test_two_accounts_may_share_an_external_id_until_the_switch_forbids_it(
        self, client: Client, app: ScimSimulator
    ) -> None:
        client.create(externalId="7")
        client.create("bob@example.com", externalId="7")
        app.quirks.switch(unique_external_id=True)
        third = user("eve@example.com", externalId="7")
        assert refusal(client.send("POST", "/Users", third)) == (409, "uniqueness")


class TestReplacing:
    def test_what_is_not_sent_is_unassigned(self, client: Client) -> None:
        ada = client.create(title="Countess", externalId="7")
        answer = client.send("PUT", f"/Users/{ada['id']}", user(externalId="7"))
        assert answer.status_code == 200
        assert "title" not in answer.json()

    def test_a_put_without_active_switches_the_account_on_again(self, client: Client) -> None:
        ada = client.create(active=False)
        assert client.send("PUT", f"/Users/{ada['id']}", user()).json()["active"] is True

    def test_a_put_of_the_same_document_changes_nothing(self, client: Client, app: ScimSimulator) -> None:
        ada = client.create(title="Countess")
        assert client.send("PUT", f"/Users/{ada['id']}", ada).json() == ada
        assert app.counters.effective_writes(ada["id"]) == 1

    def test_an_unknown_id_is_404(self, client: Client) -> None:
        assert refusal(client.send("PUT", "/Users/nobody", user())) == (404, None)


class TestDeleting:
    def test_a_deleted_user_is_gone(self, client: Client) -> None:
        ada = client.create()
        answer = client.send("DELETE", f"/Users/{ada['id']}")
        assert (answer.status_code, answer.content) == (204, b"")
        assert refusal(client.get(f"/Users/{ada['id']}")) == (404, None)
        assert refusal(client.send("DELETE", f"/Users/{ada['id']}")) == (404, None)
        assert client.found('userName eq "ada@example.com"') == []


class TestVersions:
    def test_every_change_makes_a_new_version(self, client: Client, clock: SetClock) -> None:
        ada = client.create()
        clock.advance(60)
        answer = client.patch(ada["id"], replace("title", "Countess"))
        assert answer.headers["ETag"] == answer.json()["meta"]["version"] == 'W/"2"'
        assert answer.json()["meta"]["lastModified"] == "2026-02-02T08:01:00.000Z"
        assert answer.json()["meta"]["created"] == "2026-02-02T08:00:00.000Z"

    def test_a_change_to_the_same_value_keeps_the_version(self, client: Client) -> None:
        ada = client.create(title="Countess")
        assert client.patch(ada["id"], replace("title", "Countess")).json() == ada

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
    def test_an_old_version_in_if_match_is_refused(self, client: Client, method: str) -> None:
        ada = client.create()
        client.patch(ada["id"], replace("title", "Countess"))
        body = None if method == "DELETE" else user()
        answer = client.send(method, f"/Users/{ada['id']}", body, If_Match='W/"1"')
        assert refusal(answer) == (412, None)

    @pytest.mark.parametrize("tag", ['W/"1"', '"1"', "*", '"0", W/"1"'])
    def test_the_current_version_in_if_match_is_let_through(self, client: Client, tag: str) -> None:
        ada = client.create()
        assert client.send("DELETE", f"/Users/{ada['id']}", If_Match=tag).status_code == 204

    def test_an_unchanged_resource_is_304(self, client: Client) -> None:
        ada = client.create()
        answer = client.send("GET", f"/Users/{ada['id']}", If_None_Match=ada["meta"]["version"])
        assert (answer.status_code, answer.content) == (304, b"")


class TestManagers:
    def test_a_manager_is_shown_by_name(self, client: Client, app: ScimSimulator) -> None:
        boss = client.create("boss@example.com", displayName="The Boss")
        ada = client.create(**{ENTERPRISE_USER: {"manager": {"value": boss["id"], "displayName": "ignored"}}})
        assert ada[ENTERPRISE_USER]["manager"] == {
            "value": boss["id"],
            "$ref": boss["meta"]["location"],
            "displayName": "The Boss",
        }
        assert app.state.account(id=ada["id"])["manager"] == boss["id"]

    def test_a_manager_who_was_deleted_stays_as_an_id(self, client: Client) -> None:
        boss = client.create("boss@example.com")
        ada = client.create(**{ENTERPRISE_USER: {"manager": {"value": boss["id"]}}})
        client.send("DELETE", f"/Users/{boss['id']}")
        assert client.read(ada["id"])[ENTERPRISE_USER]["manager"] == {"value": boss["id"]}
        assert client.patch(ada["id"], replace("title", "Countess")).status_code == 200


class TestTheDoor:
    @pytest.mark.parametrize("token", [b"", b"Bearer wrong", b"Basic abc", b"Bearer \xff"])
    def test_without_the_token_nothing_is_said(self, client: Client, token: bytes) -> None:
        answer = client.http.get("/Users", headers=[(b"Authorization", token)])
        assert refusal(answer) == (401, None)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    @pytest.mark.parametrize("path", ["/", "/People", "/Users/1/2", "/Bulk", "/Schemas/a/b", "/Groups/1/2"])
    def test_unknown_paths_are_404(self, client: Client, path: str) -> None:
        assert refusal(client.get(path)) == (404, None)

    def test_scim_lives_only_below_its_base_url(self, client: Client, app: ScimSimulator) -> None:
        assert refusal(client.http.get(f"{app.origin}/Users")) == (404, None)

    @pytest.mark.parametrize(("method", "path"), [("DELETE", "/Users"), ("POST", "/Schemas")])
    def test_a_wrong_method_is_405(self, client: Client, method: str, path: str) -> None:
        assert refusal(client.send(method, path, user() if method == "POST" else None)) == (405, None)

    def test_a_wrong_method_on_one_user_is_405(self, client: Client) -> None:
        ada: Json = client.create()
        assert refusal(client.send("POST", f"/Users/{ada['id']}", user())) == (405, None)
