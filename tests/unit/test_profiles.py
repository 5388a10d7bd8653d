"""The five profiles keep the promises of the five product pages."""

import re
import tomllib
from datetime import date, time, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from bootstrap.tenant_files import from_profile
from domain.config import Line, ReleaseNames, Removal, Scope
from domain.employee import Employee
from domain.ids import PersonId
from domain.labels import LABELS
from domain.schedule import Daily, Every, Hours, Rhythm
from domain.scope import KNOWN_STATUSES, Standing, rule
from domain.transforms import Plain

FOLDER = Path(__file__).parents[2] / "profiles"
NAMES = ("become1", "circula", "declaree", "edyoucated", "generic")
CORE = {"userName", "name.givenName", "name.familyName", "title", "userType", 'emails[type eq "work"].value'}
ENTERPRISE = re.compile(
    r"urn:ietf:params:scim:schemas:extension:enterprise:2\.0:User:"
    r"(employeeNumber|costCenter|organization|division|department)\Z"
)


def profile(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def scope(name: str) -> Scope:
    told = profile(name)["scope"]
    return Scope(frozenset(told["statuses"]), frozenset(told["employment_types"]))


def lines(name: str) -> list[Line]:
    return list(from_profile(name).config.lines)


def standing(name: str, status: str, kind: str) -> Standing:
    person = Employee(PersonId("1"), {"status": status, "employment_type": kind})
    return rule(person, scope(name), date(2026, 11, 23)).standing


def test_there_is_one_file_per_product() -> None:
    assert tuple(sorted(path.stem for path in FOLDER.iterdir())) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_has_its_parts_and_no_others(name: str) -> None:
    told = profile(name)
    assert told["name"] == name
    assert told["title"]
    assert set(told) == {
        "name",
        "title",
        "unique_path",
        "match_path",
        "sync_managers",
        "scope",
        "policy",
        "schedule",
        "mapping",
    }
    assert set(told["policy"]) - {"strict"} == {"left", "left_filter", "release_names"}
    assert {Removal(told["policy"]["left"]), Removal(told["policy"]["left_filter"])} == {Removal.DEACTIVATE}
    assert ReleaseNames(told["policy"]["release_names"]) is ReleaseNames.WHEN_NEEDED


@pytest.mark.parametrize("name", NAMES)
def test_no_file_has_a_comment(name: str) -> None:
    assert "#" not in (FOLDER / f"{name}.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_every_attribute_has_a_label_in_both_languages(name: str) -> None:
    for line in lines(name):
        label = LABELS[line.source.partition(".")[0]]
        assert label.de
        assert label.en


@pytest.mark.parametrize("name", NAMES)
def test_every_path_belongs_to_scim_and_is_mapped_once(name: str) -> None:
    paths = [line.path for line in lines(name)]
    assert len(paths) == len(set(paths))
    assert all(path in CORE or ENTERPRISE.match(path) for path in paths)
    assert {profile(name)["unique_path"], profile(name)["match_path"]} <= set(paths)


@pytest.mark.parametrize("name", NAMES)
def test_name_and_email_are_required_and_everything_else_is_not(name: str) -> None:
    required = {line.source for line in lines(name) if line.required}
    optional = {line.source for line in lines(name) if not line.required}
    assert required == {"email", "first_name", "last_name"}
    assert not required & optional


@pytest.mark.parametrize("name", NAMES)
def test_the_user_name_is_compared_in_lower_case(name: str) -> None:
    (line,) = (line for line in lines(name) if line.path == "userName")
    assert (line.source, line.transforms) == ("email", (Plain.LOWER,))


@pytest.mark.parametrize(
    ("name", "rhythm", "zone", "apply"),
    [
        ("become1", Daily(time(3)), "Europe/Berlin", None),  # «täglich automatisiert»
        (
            "circula",
            Daily(time(2)),
            "Europe/Berlin",
            Hours(time(20), time(6)),
        ),  # «jede Nacht»
        ("declaree", Every(timedelta(minutes=15)), "UTC", None),  # «alle 15 Minuten»
        ("edyoucated", Daily(time(4)), "UTC", None),  # «jeden Tag um 4 Uhr UTC»
        ("generic", Daily(time(4)), "UTC", None),
    ],
)
def test_each_runs_and_writes_when_its_page_says(
    name: str, rhythm: Rhythm, zone: str, apply: Hours | None
) -> None:
    schedule = from_profile(name).config.schedule
    assert (schedule.rhythm, schedule.zone, schedule.apply) == (rhythm, zone, apply)
    assert not schedule.quiet


@pytest.mark.parametrize("name", NAMES)
def test_h7_tenants_of_one_product_do_not_all_begin_at_once(name: str) -> None:
    schedule = from_profile(name).config.schedule
    assert timedelta(minutes=10) <= schedule.jitter <= timedelta(minutes=30)


@pytest.mark.parametrize("name", NAMES)
def test_statuses_and_employment_types_are_personios(name: str) -> None:
    assert scope(name).statuses <= KNOWN_STATUSES - {"inactive"}
    assert scope(name).employment_types <= {"internal", "external"}


@pytest.mark.parametrize(("name", "needed"), [("become1", False), ("declaree", False), ("circula", True)])
def test_who_takes_every_employment_type_does_not_need_to_be_told_it(name: str, needed: bool) -> None:
    untold = Employee(PersonId("1"), {"status": "active"})
    assert (rule(untold, scope(name), date(2026, 11, 23)).standing is not Standing.WANTED) is needed


@pytest.mark.parametrize(("status", "kind"), list(product(sorted(KNOWN_STATUSES), ("internal", "external"))))
def test_circula_creates_only_active_internals(status: str, kind: str) -> None:
    wanted = standing("circula", status, kind) is Standing.WANTED
    assert wanted == ((status, kind) == ("active", "internal"))


@pytest.mark.parametrize("name", NAMES)
def test_whoever_goes_on_leave_keeps_the_account(name: str) -> None:
    assert standing(name, "leave", "internal") in {Standing.WANTED, Standing.KEPT}


@pytest.mark.parametrize("name", NAMES)
def test_whoever_left_is_left(name: str) -> None:
    assert standing(name, "inactive", "internal") is Standing.LEFT


def test_edyoucated_syncs_internals_and_leaves_externals_until_chosen() -> None:
    assert standing("edyoucated", "active", "internal") is Standing.WANTED
    assert standing("edyoucated", "active", "external") is Standing.FILTERED


def test_declaree_takes_everybody_who_is_active() -> None:
    assert {standing("declaree", "active", kind) for kind in ("internal", "external")} == {Standing.WANTED}
    assert standing("declaree", "onboarding", "internal") is Standing.KEPT


def test_become1_without_a_filter_takes_everybody_employed() -> None:
    employed = sorted(KNOWN_STATUSES - {"inactive"})
    kinds = ("internal", "external")
    assert {standing("become1", status, kind) for status in employed for kind in kinds} == {Standing.WANTED}


def test_edyoucated_pauses_when_anything_fails_as_its_page_promises() -> None:
    strict = {name for name in NAMES if from_profile(name).config.policy.strict}
    assert strict == {"edyoucated"}
