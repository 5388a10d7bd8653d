"""PATCH: every operation and path of RFC 7644 §3.5.2, and what it must refuse."""

import copy

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from simulators.scim.handle import ScimSimulator
from simulators.scim.intake import Intake
from simulators.scim.patch import patched
from simulators.scim.schema import USER
from simulators.scim.switches import Switches
from simulators.scim.wire import ENTERPRISE_USER, PATCH_OP, Json, ScimError
from tests.simulators.scim.builders import (
    DEPARTMENT,
    MANAGER,
    Client,
    add,
    patch,
    refusal,
    remove,
    replace,
    work_email,
)

STRICT = Intake(USER, Switches())
WORK, HOME = work_email("ada@example.com", primary=True), {"value": "ada@home.example", "type": "home"}
ADA: Json = {
    "userName": "ada",
    "active": True,
    "name": {"givenName": "Ada", "familyName": "Byron"},
    "emails": [WORK, HOME],
    ENTERPRISE_USER: {"department": "Engines", "manager": {"value": "9"}},
}


def after(*operations: Json, before: Json = ADA) -> Json:
    return patched(before, patch(*operations), STRICT)


def refused(body: object, intake: Intake = STRICT) -> tuple[int, str | None]:
    with pytest.raises(ScimError) as caught:
        patched(ADA, body, intake)
    return caught.value.status, caught.value.scim_type


class TestSingleValues:
    def test_a_value_is_set_with_and_without_a_path(self) -> None:
        for operation in (add("title", "x"), replace("title", "x"), add(None, {"title": "x"})):
            assert after(operation)["title"] == "x"

    def test_a_path_is_read_without_case(self) -> None:
        assert after(replace("NAME.FAMILYNAME", "King"))["name"] == {"givenName": "Ada", "familyName": "King"}

    def test_replacing_a_complex_value_keeps_the_parts_that_are_not_named(self) -> None:
        assert after(replace("name", {"familyName": "King"}))["name"] == {
            "givenName": "Ada",
            "familyName": "King",
        }

    def test_null_unassigns(self) -> None:
        assert "name" not in after(replace("name", None))
        assert after(replace("name", {"familyName": None}))["name"] == {"givenName": "Ada"}
        assert after(replace("name.familyName", None))["name"] == {"givenName": "Ada"}
        assert ENTERPRISE_USER not in after(replace(None, {ENTERPRISE_USER: None}))

    def test_removing_twice_is_as_good_as_once(self) -> None:
        assert after(remove("name.familyName"), remove("name.familyName"))["name"] == {"givenName": "Ada"}
        assert "title" not in after(remove("title"))

    def test_the_document_that_was_given_stays_as_it_was(self) -> None:
        before = copy.deepcopy(ADA)
        after(replace("name.givenName", "Augusta"), remove("emails"))
        assert before == ADA


class TestManyValues:
    def test_adding_keeps_the_others(self) -> None:
        other = {"value": "ada@club.example", "type": "other"}
        assert after(add("emails", [other]))["emails"] == [WORK, HOME, other]

    def test_one_value_may_be_added_without_a_list_but_not_replaced(self) -> None:
        other = {"value": "ada@club.example", "type": "other"}
        assert after(add("emails", other))["emails"] == [WORK, HOME, other]
        assert refused(patch(replace("emails", other))) == (400, "invalidValue")

    def test_adding_what_is_there_changes_nothing(self) -> None:
        assert after(add("emails", [HOME])) == ADA

    def test_replacing_without_a_filter_replaces_all(self) -> None:
        assert after(replace("emails", [HOME]))["emails"] == [HOME]

    def test_replacing_with_a_filter_touches_only_what_it_chooses(self) -> None:
        changed = after(replace('emails[type eq "work"].value', "ada@king.example"))["emails"]
        assert changed == [{**WORK, "value": "ada@king.example"}, HOME]

    def test_replacing_a_chosen_value_whole_forgets_its_other_parts(self) -> None:
        assert after(replace('emails[type eq "work"]', {"value": "x@y"}))["emails"] == [
            {"value": "x@y"},
            HOME,
        ]

    def test_adding_to_a_chosen_value_keeps_its_other_parts(self) -> None:
        changed = after(add('emails[type eq "home"]', {"display": "At home"}))["emails"]
        assert changed == [WORK, {**HOME, "display": "At home"}]

    def test_adding_where_nothing_is_chosen_makes_the_value_that_the_filter_describes(self) -> None:
        changed = after(add('emails[type eq "other" and display eq "Club"].value', "ada@club.example"))
        made = {"type": "other", "display": "Club", "value": "ada@club.example"}
        assert changed["emails"] == [WORK, HOME, made]

    def test_a_new_primary_value_takes_over(self) -> None:
        changed = after(replace('emails[type eq "home"].primary', True))["emails"]
        assert [email["primary"] for email in changed] == [False, True]

    def test_removing_with_a_filter_removes_what_it_chooses(self) -> None:
        assert after(remove('emails[value eq "ada@home.example"]'))["emails"] == [WORK]
        assert after(remove('emails[type eq "work"].primary'))["emails"][0] == work_email("ada@example.com")

    def test_removing_all_values_unassigns_the_attribute(self) -> None:
        assert "emails" not in after(remove("emails"))
        assert "emails" not in after(remove('emails[type eq "work"]'), remove('emails[type eq "home"]'))

    def test_a_value_that_is_not_there_may_be_removed_where_the_switch_allows(self) -> None:
        lenient = Intake(USER, Switches(remove_without_match="ignore"))
        assert patched(ADA, patch(remove('emails[type eq "other"]')), lenient) == ADA


class TestTheEnterpriseExtension:
    def test_it_is_reached_by_its_urn(self) -> None:
        assert after(replace(DEPARTMENT, "R&D"))[ENTERPRISE_USER]["department"] == "R&D"
        assert after(replace(DEPARTMENT.upper(), "R&D"))[ENTERPRISE_USER]["department"] == "R&D"

    def test_it_is_made_when_it_is_not_there_and_goes_when_it_is_empty(self) -> None:
        bare = {"userName": "ada"}
        assert after(add(DEPARTMENT, "R&D"), before=bare)[ENTERPRISE_USER] == {"department": "R&D"}
        assert after(add(DEPARTMENT, "R&D"), remove(DEPARTMENT), before=bare) == bare

    def test_it_is_set_as_one_object(self) -> None:
        changed = after(replace(None, {ENTERPRISE_USER: {"costCenter": "7"}}))[ENTERPRISE_USER]
        assert changed == {"department": "Engines", "manager": {"value": "9"}, "costCenter": "7"}
        assert after(add(ENTERPRISE_USER, {"costCenter": "7"}))[ENTERPRISE_USER] == changed
        assert ENTERPRISE_USER not in after(remove(ENTERPRISE_USER))

    def test_the_manager_is_set_as_object_or_by_value(self) -> None:
        assert after(replace(MANAGER, {"value": "3"}))[ENTERPRISE_USER]["manager"] == {"value": "3"}
        assert after(replace(f"{MANAGER}.value", "3"))[ENTERPRISE_USER]["manager"] == {"value": "3"}

    def test_the_manager_is_taken_away(self) -> None:
        for operation in (remove(MANAGER), remove(f"{MANAGER}.value"), replace(MANAGER, None)):
            assert after(operation)[ENTERPRISE_USER] == {"department": "Engines"}


class TestRefusals:
    @pytest.mark.parametrize(
        ("operation", "scim_type"),
        [
            pytest.param(replace("active", "False"), "invalidValue", id="boolean as text"),
            pytest.param(replace(None, {"active": "False"}), "invalidValue", id="boolean as text, no path"),
            pytest.param(replace("shoeSize", "46"), "invalidPath", id="unknown attribute"),
            pytest.param(replace(None, {"shoeSize": "46"}), "invalidPath", id="unknown attribute, no path"),
            pytest.param(replace(None, {"name.givenName": "A"}), "invalidPath", id="dotted key"),
            pytest.param(replace(None, {DEPARTMENT: "A"}), "invalidPath", id="URN key"),
            pytest.param(
                replace(None, {ENTERPRISE_USER: {"floor": "2"}}),
                "invalidPath",
                id="unknown enterprise attribute",
            ),
            pytest.param(replace(ENTERPRISE_USER, "R&D"), "invalidValue", id="extension as text"),
            pytest.param(replace("urn:x:User:a", "A"), "invalidPath", id="strange URN"),
            pytest.param(replace("emails.value", "a@b"), "invalidPath", id="which e-mail?"),
            pytest.param(remove("emails.value"), "invalidPath", id="remove which e-mail?"),
            pytest.param(replace("name[givenName pr]", {}), "invalidPath", id="brackets on one value"),
            pytest.param(replace("emails[", "x"), "invalidPath", id="broken path"),
            pytest.param(replace('emails[type eq "work"].colour', "x"), "invalidPath", id="unknown part"),
            pytest.param(
                replace("emails[colour pr].value", "x"), "invalidFilter", id="unknown filter attribute"
            ),
            pytest.param(replace("emails[primary gt true].value", "x"), "invalidFilter", id="unfit filter"),
            pytest.param(replace('emails[type eq "other"].value', "x"), "noTarget", id="nothing to replace"),
            pytest.param(remove('emails[type eq "other"]'), "noTarget", id="nothing to remove"),
            pytest.param(add('emails[type co "z"].value', "x"), "noTarget", id="filter describes nothing"),
            pytest.param({"op": "remove"}, "noTarget", id="remove what?"),
            pytest.param({**remove("emails"), "value": [HOME]}, "invalidSyntax", id="remove with a value"),
            pytest.param({"op": "replace", "path": "title"}, "invalidSyntax", id="no value"),
            pytest.param({**add("title", "x"), "op": "Add"}, "invalidSyntax", id="op in capitals"),
            pytest.param({**add("title", "x"), "op": "set"}, "invalidSyntax", id="unknown op"),
            pytest.param({**add("title", "x"), "path": 7}, "invalidPath", id="path as number"),
            pytest.param(replace(None, "x"), "invalidValue", id="no path, no object"),
            pytest.param("x", "invalidSyntax", id="no object"),
            pytest.param(replace("id", "x"), "mutability", id="id"),
            pytest.param(replace(None, {"id": "x"}), "mutability", id="id, no path"),
            pytest.param(replace("meta.version", "x"), "mutability", id="meta"),
            pytest.param(add("groups", [{"value": "x"}]), "mutability", id="groups"),
            pytest.param(remove("groups"), "mutability", id="remove groups"),
            pytest.param(replace(f"{MANAGER}.displayName", "x"), "mutability", id="manager's name"),
            pytest.param(remove("userName"), "mutability", id="remove userName"),
            pytest.param(
                add("emails", [{"value": "a", "primary": True}, {"value": "b", "primary": True}]),
                "invalidValue",
                id="two primaries",
            ),
        ],
    )
    def test_a_wrong_operation_is_refused(self, operation: Json, scim_type: str) -> None:
        assert refused(patch(operation)) == (400, scim_type)

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param({"Operations": [add("title", "x")]}, id="no schemas"),
            pytest.param({"schemas": [PATCH_OP]}, id="no operations"),
            pytest.param({"schemas": [PATCH_OP], "Operations": []}, id="empty operations"),
            pytest.param([], id="a list"),
        ],
    )
    def test_a_wrong_body_is_refused(self, body: object) -> None:
        assert refused(body) == (400, "invalidSyntax")

    def test_unknown_attributes_are_passed_over_where_the_switch_allows(self) -> None:
        lenient = Intake(USER, Switches(unknown_attributes="ignore"))
        body = patch(replace("shoeSize", "46"), replace(None, {"hat": "7", ENTERPRISE_USER: {"floor": "2"}}))
        assert patched(ADA, body, lenient) == ADA

    def test_text_is_read_as_boolean_where_the_switch_allows(self) -> None:
        lenient = Intake(USER, Switches(string_booleans=True))
        assert patched(ADA, patch(replace("active", "False")), lenient)["active"] is False
        assert refused(patch(replace("active", "perhaps")), lenient) == (400, "invalidValue")


class TestOverHttp:
    def test_all_operations_apply_or_none(self, client: Client) -> None:
        ada = client.create(title="Countess")
        answer = client.patch(ada["id"], replace("title", "Duchess"), replace("shoeSize", "46"))
        assert refusal(answer) == (400, "invalidPath")
        assert client.read(ada["id"]) == ada

    def test_an_empty_user_name_is_refused(self, client: Client) -> None:
        ada = client.create()
        assert refusal(client.patch(ada["id"], replace("userName", ""))) == (400, "invalidValue")

    def test_an_unknown_id_is_404(self, client: Client) -> None:
        assert refusal(client.patch("nobody", replace("title", "x"))) == (404, None)

    def test_an_unknown_manager_is_refused(self, client: Client) -> None:
        ada = client.create()
        assert refusal(client.patch(ada["id"], replace(MANAGER, {"value": "x"}))) == (400, "invalidValue")

    def test_the_answer_shows_the_extension_among_the_schemas(self, client: Client) -> None:
        ada = client.create()
        shown = client.patch(ada["id"], replace(DEPARTMENT, "R&D")).json()
        assert ENTERPRISE_USER in shown["schemas"]
        assert shown[ENTERPRISE_USER] == {"department": "R&D"}

    def test_the_answer_is_empty_where_the_switch_says_so(self, client: Client, app: ScimSimulator) -> None:
        app.quirks.switch(patch_answers="nothing")
        ada = client.create()
        answer = client.patch(ada["id"], replace("title", "x"))
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (204, b"", 'W/"2"')


def has_one_primary_at_most(emails: list[Json]) -> bool:
    return [one.get("primary") for one in emails].count(True) < 2


TEXTS = st.sampled_from(["a", "b", ""])
EMAIL = st.fixed_dictionaries(
    {"value": TEXTS}, optional={"type": st.sampled_from(["work", "home"]), "primary": st.booleans()}
)
EMAILS: st.SearchStrategy[list[Json]] = st.lists(EMAIL, max_size=3).filter(has_one_primary_at_most)
BEFORE = st.fixed_dictionaries(
    {"userName": TEXTS},
    optional={
        "title": TEXTS,
        "name": st.fixed_dictionaries({"givenName": TEXTS}),
        "emails": EMAILS.filter(bool),
        ENTERPRISE_USER: st.fixed_dictionaries({"department": TEXTS}),
    },
)
OPERATIONS = st.one_of(
    st.builds(
        lambda text, op: {"op": op, "path": "title", "value": text},
        TEXTS,
        st.sampled_from(["add", "replace"]),
    ),
    st.builds(
        lambda emails, op: {"op": op, "path": "emails", "value": emails},
        EMAILS,
        st.sampled_from(["add", "replace"]),
    ),
    st.builds(
        lambda text: replace(None, {"name": {"familyName": text}, ENTERPRISE_USER: {"division": text}}), TEXTS
    ),
    st.builds(lambda text: add('emails[type eq "work"].value', text), TEXTS),
    st.builds(lambda flag: add('emails[type eq "home"].primary', flag), st.booleans()),
    st.sampled_from(
        [
            remove("title"),
            remove("name.givenName"),
            remove(DEPARTMENT),
            remove("emails"),
            replace("name", None),
        ]
    ),
)


def outcome(before: Json, operation: Json) -> Json | None:
    try:
        return patched(before, patch(operation), STRICT)
    except ScimError:
        return None


A_OF_WORK = {"value": "a", "type": "work"}
FIRST_OF_A_KIND = {**A_OF_WORK, "primary": True}


@given(BEFORE, OPERATIONS)
@example(
    {"userName": "a", "emails": [A_OF_WORK, FIRST_OF_A_KIND]},
    {"op": "add", "path": "emails", "value": [FIRST_OF_A_KIND]},
)
@example(
    {"userName": "a", "emails": [A_OF_WORK, FIRST_OF_A_KIND]}, add('emails[type eq "work"].primary', True)
)
def test_an_operation_sent_again_changes_nothing_more(before: Json, operation: Json) -> None:
    once = outcome(before, operation)
    if once is not None:
        assert outcome(once, operation) == once


@given(BEFORE, st.lists(OPERATIONS, max_size=4))
def test_one_body_does_what_its_operations_do_one_by_one(before: Json, operations: list[Json]) -> None:
    try:
        together = patched(before, patch(*operations), STRICT) if operations else before
    except ScimError:
        return
    apart = before
    for operation in operations:
        apart = patched(apart, patch(operation), STRICT)
    assert together == apart


@given(BEFORE, OPERATIONS)
def test_there_is_never_more_than_one_primary_value(before: Json, operation: Json) -> None:
    changed = outcome(before, operation) or before
    assert has_one_primary_at_most(changed.get("emails", []))
