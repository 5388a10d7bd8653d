"""A path is understood once, and then reads what servers really send."""

from typing import Any

import pytest

from adapters.targets.scim.path import Path, PathError, parse, read
from domain.account import Scalar
from tests.unit.scim.fakes import ENTERPRISE

ACME = "urn:acme:params:scim:schemas:1.12:Person"

UNDERSTOOD = {
    "userName": Path("", "userName"),
    " title ": Path("", "title"),
    "name.givenName": Path("", "name", (), "givenName"),
    'emails[type eq "work"].value': Path("", "emails", (("type", "work"),), "value"),
    'emails[type eq "work"]': Path("", "emails", (("type", "work"),), "value"),
    "emails[primary eq true].value": Path("", "emails", (("primary", True),), "value"),
    'addresses[type EQ "work" AND primary eq false].locality': Path(
        "", "addresses", (("type", "work"), ("primary", False)), "locality"
    ),
    'phoneNumbers[type eq "a \\"b] and"].value': Path("", "phoneNumbers", (("type", 'a "b] and'),), "value"),
    f"{ENTERPRISE}:department": Path(ENTERPRISE, "department"),
    f"{ENTERPRISE}:manager.value": Path(ENTERPRISE, "manager", (), "value"),
    f'{ACME}:badges[kind eq "urn:x:y"].number': Path(ACME, "badges", (("kind", "urn:x:y"),), "number"),
    "urn:ietf:params:scim:schemas:core:2.0:User:title": Path("", "title"),
    "x-odd_name$1": Path("", "x-odd_name$1"),
    "manager.$ref": Path("", "manager", (), "$ref"),
}
REFUSED = [
    "",
    " ",
    "name.",
    ".name",
    "a.b.c",
    "first name",
    "emails[",
    "emails]",
    "emails[]",
    "emails[type]",
    "emails[type eq work]",
    'emails[type co "work"].value',
    'emails[type eq "work" or type eq "home"].value',
    'emails[type eq "work"]value',
    'emails.value[type eq "work"]',
    'emails[type eq "wo\\qrk"].value',
    "urn:acme:1.0:",
    "title; drop",
]


@pytest.mark.parametrize(("text", "path"), UNDERSTOOD.items(), ids=UNDERSTOOD)
def test_a_path_is_understood(text: str, path: Path) -> None:
    assert parse(text) == path


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_what_we_write_for_a_path_means_the_same_path(text: str) -> None:
    assert parse(parse(text).text) == parse(text)


@pytest.mark.parametrize("text", REFUSED)
def test_nonsense_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(PathError, match=r"\w{3}"):
        parse(text)


RESOURCE: dict[str, Any] = {
    "USERNAME": "ada",
    "title": "",
    "active": "True",
    "name": {"givenname": "Ada"},
    "emails": [
        "not an object",
        {"type": "home", "value": "home@example.test"},
        {"Type": "WORK", "Value": "work@example.test", "primary": True},
        {"type": "work", "value": "second@example.test"},
    ],
    "phoneNumbers": {"type": "work", "value": "not in a list"},
    "photos": [{"type": "work"}],
    ENTERPRISE.upper(): {"department": "Engines", "costCenter": 42},
    "roles": [],
}
READ = {
    "userName": "ada",
    "title": "",
    "name.givenName": "Ada",
    "name.familyName": None,
    "name": None,
    "nickName": None,
    "active.value": None,
    'emails[type eq "work"].value': "work@example.test",
    "emails[primary eq true].value": "work@example.test",
    "emails[primary eq 1].value": None,
    'emails[type eq "other"].value': None,
    'phoneNumbers[type eq "work"].value': "not in a list",
    'photos[type eq "work"].value': None,
    "roles.value": None,
    f"{ENTERPRISE}:department": "Engines",
    f"{ENTERPRISE}:costCenter": 42,
    f"{ENTERPRISE}:division": None,
    f"{ACME}:badge": None,
}


@pytest.mark.parametrize(("text", "value"), READ.items(), ids=READ)
def test_a_path_reads_one_value_or_nothing(text: str, value: Scalar) -> None:
    assert read(parse(text), RESOURCE) == value
