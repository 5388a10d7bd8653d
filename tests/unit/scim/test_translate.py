"""Bodies and operations say exactly what was meant, and nothing beside it."""

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.targets.scim.path import Path, parse, read
from adapters.targets.scim.translate import (
    ACTIVE,
    EXTERNAL_ID,
    MANAGER,
    account_of,
    aimed,
    arrived,
    blind,
    edited,
    equal,
    new_resource,
    patch_of,
    question,
)
from domain.account import AccountDraft, Scalar
from tests.unit.scim.fakes import CORE, DEPARTMENT, ENTERPRISE, WORK_EMAIL

STREET = 'addresses[type eq "work"].streetAddress'
TOWN = 'addresses[type eq "work"].locality'
MAPPED = ("userName", "title", "name.givenName", "name.familyName", WORK_EMAIL, DEPARTMENT, STREET, TOWN)


def changes(values: dict[str, Scalar]) -> dict[Path, Any]:
    return {parse(text): value for text, value in values.items()}


def resource(**attributes: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    return {"schemas": [CORE], "id": "7", "userName": "ada", **attributes}


# A new account


def test_a_new_account_names_its_extensions_and_leaves_out_what_is_empty() -> None:
    values: dict[str, Scalar] = {
        "userName": "ada", "title": None, "name.givenName": "Ada", "name.familyName": "Byron",
        WORK_EMAIL: "ada@example.test", DEPARTMENT: "Engines",
    }  # fmt: skip
    assert new_resource(AccountDraft("4711", values, active=False), changes(values)) == {
        "schemas": [CORE, ENTERPRISE],
        "externalId": "4711",
        "active": False,
        "userName": "ada",
        "name": {"givenName": "Ada", "familyName": "Byron"},
        "emails": [{"type": "work", "value": "ada@example.test", "primary": True}],
        ENTERPRISE: {"department": "Engines"},
    }


def test_an_empty_extension_is_not_named() -> None:
    values: dict[str, Scalar] = {"userName": "ada", DEPARTMENT: None}
    body = new_resource(AccountDraft("1", values), changes(values))
    assert body["schemas"] == [CORE]
    assert ENTERPRISE not in body


def test_parts_of_one_element_stay_together() -> None:
    values: dict[str, Scalar] = {STREET: "1 Engine Row", TOWN: "London"}
    body = new_resource(AccountDraft("1", values), changes(values))
    assert body["addresses"] == [{"type": "work", "streetAddress": "1 Engine Row", "locality": "London"}]


# Operations


def test_blind_operations_assume_that_everything_is_there() -> None:
    wanted = changes(
        {"title": "Countess", "name.givenName": None, WORK_EMAIL: "a@example.test", STREET: None}
    )
    assert blind(wanted) == [
        {"op": "replace", "path": "title", "value": "Countess"},
        {"op": "remove", "path": "name.givenName"},
        {"op": "replace", "path": WORK_EMAIL, "value": "a@example.test"},
        {"op": "remove", "path": STREET},
    ]


def test_an_email_without_an_address_is_no_email() -> None:
    assert blind(changes({WORK_EMAIL: None})) == [{"op": "remove", "path": 'emails[type eq "work"]'}]


def test_aimed_operations_add_what_is_missing_and_keep_what_is_so() -> None:
    now = resource(title="Countess", emails=[{"type": "home", "value": "h@example.test"}])
    wanted = changes(
        {
            "title": "Countess",
            "name.givenName": None,
            WORK_EMAIL: "w@example.test",
            STREET: "Row",
            TOWN: "London",
        }
    )
    assert aimed(wanted, now) == [
        {"op": "add", "path": "emails", "value": [{"type": "work", "value": "w@example.test"}]},
        {
            "op": "add",
            "path": "addresses",
            "value": [{"type": "work", "streetAddress": "Row", "locality": "London"}],
        },
    ]


def test_aimed_operations_replace_and_remove_what_is_there() -> None:
    now = resource(title="Countess", emails=[{"type": "work", "value": "old@example.test"}])
    assert aimed(changes({"title": None, WORK_EMAIL: "new@example.test"}), now) == [
        {"op": "remove", "path": "title"},
        {"op": "replace", "path": WORK_EMAIL, "value": "new@example.test"},
    ]


def test_a_manager_is_the_same_whatever_the_server_adds_to_it() -> None:
    told = {"value": "9", "$ref": "../Users/9", "displayName": "Charles"}
    assert aimed({MANAGER: {"value": "9"}}, resource(**{ENTERPRISE: {"manager": told}})) == []
    (operation,) = aimed({MANAGER: {"value": "8"}}, resource(**{ENTERPRISE: {"manager": told}}))
    assert operation == {"op": "replace", "path": f"{ENTERPRISE}:manager", "value": {"value": "8"}}


def test_a_selected_value_arrived_when_its_element_is_there_in_any_spelling() -> None:
    wanted = changes({WORK_EMAIL: "Ada@Example.test"})
    assert arrived(wanted, resource(emails=[{"type": "work", "value": "ada@example.test"}]))
    assert not arrived(wanted, resource(emails=[{"type": "home", "value": "ada@example.test"}]))


def test_operations_travel_in_a_patch_message() -> None:
    message = patch_of(blind({ACTIVE: False, EXTERNAL_ID: "1"}))
    assert message["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]
    assert [operation["path"] for operation in message["Operations"]] == ["active", "externalId"]


# Putting back a whole account


def test_an_edited_account_keeps_everything_that_is_not_named() -> None:
    before = resource(
        nickName="Addie",
        meta={"version": "1"},
        name={"givenName": "Ada", "honorificPrefix": "Lady"},
        emails=[
            {"type": "home", "value": "h@example.test"},
            {"type": "work", "value": "w@example.test", "primary": True},
        ],
    )
    kept = copy.deepcopy(before)
    after = edited(before, changes({"name.givenName": "Augusta", WORK_EMAIL: "new@example.test"}))
    assert before == kept
    assert after == {
        "schemas": [CORE],
        "id": "7",
        "userName": "ada",
        "nickName": "Addie",
        "name": {"givenName": "Augusta", "honorificPrefix": "Lady"},
        "emails": [
            {"type": "home", "value": "h@example.test"},
            {"type": "work", "value": "new@example.test", "primary": True},
        ],
    }


def test_an_edited_account_writes_names_as_the_server_spells_them() -> None:
    after = edited(
        {"id": "7", "username": "ada", "EMAILS": [{"TYPE": "work", "VALUE": "a"}]},
        changes({"userName": "bob", WORK_EMAIL: "b"}),
    )
    assert after == {
        "id": "7",
        "username": "bob",
        "EMAILS": [{"TYPE": "work", "VALUE": "b"}],
        "schemas": [CORE],
    }


def test_clearing_leaves_no_empty_shell() -> None:
    full = resource(
        name={"givenName": "Ada"},
        emails=[{"type": "work", "value": "w"}],
        **{ENTERPRISE: {"department": "E"}},
    )
    cleared = edited(full, changes({"name.givenName": None, WORK_EMAIL: None, DEPARTMENT: None}))
    assert cleared == resource()


def test_a_vague_path_drops_no_other_element() -> None:
    after = edited(resource(emails=[{"value": "a"}, {"value": "b"}]), changes({"emails.value": "c"}))
    assert after["emails"] == [{"value": "c"}, {"value": "b"}]


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
wishes = st.dictionaries(st.sampled_from(MAPPED), st.none() | texts | st.booleans(), max_size=len(MAPPED))


@settings(deadline=None)
@given(first=wishes, second=wishes)
def test_an_edited_account_reads_as_it_was_wished(
    first: dict[str, Scalar], second: dict[str, Scalar]
) -> None:
    start = edited(resource(), changes(first))
    after = edited(start, changes(second))
    for text in MAPPED:
        path = parse(text)
        assert read(path, after) == (second[text] if text in second else read(path, start))
    assert edited(after, changes(second)) == after
    assert aimed(changes(second), after) == []


# Reading


def test_an_account_is_reduced_to_the_mapped_paths() -> None:
    told = resource(
        externalId="4711",
        active=False,
        title="Countess",
        nickName="Addie",
        meta={"created": "2026-03-01T12:00:00.1234567Z"},
        **{ENTERPRISE: {"manager": {"value": "9"}}},
    )
    account = account_of(told, {"title": parse("title"), WORK_EMAIL: parse(WORK_EMAIL)})
    assert (account.account_id, account.external_id, account.active, account.manager) == (
        "7",
        "4711",
        False,
        "9",
    )
    assert account.values == {"title": "Countess", WORK_EMAIL: None}
    assert account.created_at == datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "active"),
    [({}, True), ({"active": None}, True), ({"active": "False"}, False), ({"active": "true"}, True)],
)
def test_an_account_that_does_not_say_otherwise_is_active(told: dict[str, Any], active: bool) -> None:
    assert account_of(resource(**told), {}).active is active


@pytest.mark.parametrize("manager", ["9", {"value": "9"}, {"VALUE": "9", "displayName": "Charles"}])
def test_a_manager_is_read_in_every_spelling(manager: object) -> None:
    assert account_of(resource(**{ENTERPRISE: {"manager": manager}}), {}).manager == "9"


@pytest.mark.parametrize("manager", [None, "", {}, {"value": ""}, {"value": None}, []])
def test_an_empty_manager_is_none(manager: object) -> None:
    assert account_of(resource(**{ENTERPRISE: {"manager": manager}}), {}).manager is None


@pytest.mark.parametrize("created", [None, 12, "yesterday", ""])
def test_an_unreadable_moment_is_no_moment(created: object) -> None:
    assert account_of(resource(meta={"created": created}), {}).created_at is None


def test_a_moment_without_a_zone_is_taken_as_utc() -> None:
    told = resource(meta={"created": "2026-03-01T12:00:00"})
    assert account_of(told, {}).created_at == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_numbers_are_ids_too() -> None:
    account = account_of({"id": 7, "externalId": 4711}, {})
    assert (account.account_id, account.external_id) == ("7", "4711")


# Asking and comparing


def test_a_question_escapes_quote_and_backslash_and_nothing_else() -> None:
    assert question("userName", 'o"b\\ö') == 'userName eq "o\\"b\\\\ö"'


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Ada@Example.test", "ada@example.TEST", True),
        ("Zoe\u0308", "zo\u00eb", True),
        (" ada ", "ada", True),
        ("ada", "ada2", False),
        (None, "ada", False),
        (7, "7", False),
    ],
)
def test_names_are_compared_as_servers_compare_them(one: Scalar, other: str, alike: bool) -> None:
    assert equal(one, other) is alike
