"""`try` shows on one real person what a mapping would make of them, and neither saves nor sends anything."""

from datetime import date
from pathlib import Path

import pytest

from tests.integration.test_cli_check import Desk, app, desk, personio

__all__ = ["app", "desk", "personio"]

NEW = """profile = "generic"
[[mapping]]
source = "email"
path = "userName"
required = true
[[mapping]]
template = "{first_name} {last_name}"
path = "displayName"
transform = "upper"
[[mapping]]
source = "last_name"
path = "title"
transform = "number"
"""


@pytest.fixture
def person(desk: Desk) -> str:
    assert desk.add().code == 0
    return str(next(each.id for each in desk.personio.truth().people if each.email))


def test_the_present_mapping_is_tried_line_by_line(desk: Desk, person: str) -> None:
    told = desk.type("try", "acme", person, "--json")
    assert told.code == 0, told.err
    by_path = {line["path"]: line for line in told.data["lines"]}
    assert "@" in by_path["userName"]["value"]
    assert by_path["userName"]["fate"] == "sent"
    assert desk.app.counters.requests() == 0


def test_a_file_is_tried_before_it_is_saved(desk: Desk, person: str, tmp_path: Path) -> None:
    (tmp_path / "new.toml").write_text(NEW, encoding="utf-8")
    told = desk.type("try", "acme", person, "--file", tmp_path / "new.toml", "--json")
    by_path = {line["path"]: line for line in told.data["lines"]}
    assert by_path["displayName"]["value"].isupper()
    assert (by_path["title"]["fate"], by_path["title"]["why"]) == ("bad", "a text that is no number")
    assert desk.type("tenant", "show", "acme", "--json").data["configuration"]["version"] == 1
    assert "cannot be used" in desk.type("try", "acme", person, "--file", tmp_path / "new.toml").out


def test_somebody_who_would_be_skipped_is_told_with_the_cure(desk: Desk, person: str) -> None:
    desk.personio.company.change(int(person), email=None)
    told = desk.type("try", "acme", person, "--json")
    assert told.code == 3
    assert told.data["skip"]["code"] == "person.without-required"
    assert told.data["skip"]["cure"]


def test_somebody_whom_personio_does_not_show_is_told(desk: Desk, person: str) -> None:
    assert person
    told = desk.type("try", "acme", "99999999")
    assert told.code != 0
    assert "Personio shows this credential no person 99999999" in told.err


def test_a_file_that_asks_for_other_attributes_is_tried_on_what_they_say(
    desk: Desk, person: str, tmp_path: Path
) -> None:
    desk.personio.company.change(int(person), shirt_size="M", hire_date=date(2020, 1, 1), status="active")
    key = desk.personio.truth().custom_attributes["shirt_size"]
    (tmp_path / "new.toml").write_text(
        f"""{NEW}
[[mapping]]
source = "{key}"
path = "nickName"
[scope]
statuses = ["active"]
employment_types = []
[[scope.where]]
attribute = "hire_date"
on_or_before = "2020-01-01"
""",
        encoding="utf-8",
    )
    told = desk.type("try", "acme", person, "--file", tmp_path / "new.toml", "--json")
    assert told.data["standing"] == "wanted"
    assert {line["path"]: line["value"] for line in told.data["lines"]}["nickName"] == "M"
