"""Whatever a tenant chose is shown, and a difference in it is told: above all what removes accounts."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from adapters.database.configurations import read_configuration, write_configuration
from bootstrap.cli.config_view import differences
from domain.config import (
    Approvers,
    Configuration,
    Line,
    MatchRule,
    Mode,
    Policy,
    Rehire,
    ReleaseNames,
    Removal,
)
from domain.guards import OFF, Bound, Guards
from tests.builders import LINES, configuration

OTHER_POLICY = Policy(
    left=Removal.NOTHING,
    left_filter=Removal.NOTHING,
    not_seen=Removal.NOTHING,
    release_names=ReleaseNames.NEVER,
    left_deleted_after=30,
    left_filter_deleted_after=31,
    not_seen_deleted_after=32,
    rehired=Rehire.ASK,
    approval=Approvers.TWO,
    strict=True,
    wait_left=timedelta(days=1),
    wait_left_filter=timedelta(days=2),
    wait_not_seen=timedelta(days=3),
)
OTHER_GUARDS = Guards(
    removals=Bound(5, 1, 9),
    leavers=Bound(20, 4, 300),
    creates=OFF,
    invitations=OFF,
    reactivations=OFF,
    renames=OFF,
    updates=OFF,
    managers=OFF,
    exchanges=OFF,
    collapse=OFF,
    invites=True,
    protect=frozenset({"personio:1"}),
    owners=frozenset({"boss"}),
)


@pytest.mark.parametrize("name", [field.name for field in fields(Policy)])
def test_every_field_of_a_policy_is_stored_and_its_difference_is_told(name: str) -> None:
    before = configuration()
    after = replace(before, policy=replace(Policy(), **{name: getattr(OTHER_POLICY, name)}))
    assert read_configuration(write_configuration(after), after.version) == after
    (told,) = differences(before, after)
    assert told["what"] == name


@pytest.mark.parametrize("name", [field.name for field in fields(Guards)])
def test_every_guard_is_stored_and_its_difference_is_told(name: str) -> None:
    before = configuration()
    after = replace(before, guards=replace(Guards(), **{name: getattr(OTHER_GUARDS, name)}))
    assert read_configuration(write_configuration(after), after.version) == after
    (told,) = differences(before, after)
    assert told["what"] == f"guard {name}"


@pytest.mark.parametrize(
    ("after", "what"),
    [
        (configuration(lines=(*LINES[:3], replace(LINES[3], mode=Mode.ONCE))), "mapping title"),
        (configuration(lines=(*LINES, Line("office", "locale"))), "mapping locale"),
        (replace(configuration(), match=(MatchRule(("userName",), suggest=True),)), "match"),
        (replace(configuration(), match_path=None), "match_path"),
        (configuration(prefix="acme:"), "external_prefix"),
        (configuration(sync_managers=False), "sync_managers"),
    ],
)
def test_every_other_difference_is_told(after: Configuration, what: str) -> None:
    (told,) = differences(configuration(), after)
    assert told["what"] == what
