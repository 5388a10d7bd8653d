"""What is used of Personio's limits, and which applications rest, can be seen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bootstrap.cli.limits_command import state_of
from domain.codes import Code
from domain.condition import WELL, Condition
from domain.ids import TenantId
from tests.unit.cli.terminal import Terminal

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
SICK = Condition(failures=7, width=1, open_since=NOON, rests_until=NOON, probes=3, why=Code.TARGET_BUSY)


@pytest.mark.parametrize(
    ("condition", "word"),
    [
        (WELL, "well"),
        (SICK, "unwell"),
        (Condition(rests_until=NOON + timedelta(seconds=1)), "rests"),
        (Condition(rests_until=NOON), "well"),
        (Condition(width=12), "slowed"),
    ],
)
def test_a_target_is_told_in_one_word(condition: Condition, word: str) -> None:
    assert state_of(condition, NOON) == word


def test_nothing_is_up_and_all_is_well(acme: Terminal) -> None:
    answer = acme.type("limits", "--json")
    assert answer.code == 0, answer.err
    assert answer.data["redis"] is False
    assert [each["is"] for each in answer.data["targets"]] == ["well"]
    assert "Staffetta is not up here" in acme.type("limits").out


def test_an_application_of_which_only_writes_fail_is_told_with_its_rest(acme: Terminal) -> None:
    later = datetime.now(UTC) + timedelta(minutes=5)  # noqa: TID251  the command asks the store's clock
    sick = replace(SICK, of_writes=True, rests_until=later)
    with acme.store() as store, store.write() as tx:
        tx.conditions.put(TenantId("acme"), sick)
    (target,) = acme.type("limits", "--json").data["targets"]
    assert target["only_writes"] is True
    told = acme.type("limits").out
    assert "unwell, only writes fail" in told
    assert "rests until its next try" in told
    findings = {each["about"]: each for each in acme.type("doctor", "--json").data["findings"]}
    what = findings["application of acme"]["what"]
    assert what.startswith("answers questions, but its writes fail again and again (target.busy), since 20")
    assert f"rests until {later:%H:%M:%S} UTC" in what


def test_an_application_that_fails_again_and_again_is_told_with_its_moment(acme: Terminal) -> None:
    with acme.store() as store, store.write() as tx:
        tx.conditions.put(TenantId("acme"), SICK)
    (target,) = acme.type("limits", "--json").data["targets"]
    assert (target["is"], target["why"], target["at_once"]) == ("unwell", "target.busy", 1)
    assert target["open_since"].startswith("2026-11-28T12:00:00")
    assert "unwell" in acme.type("limits").out
    findings = {each["about"]: each for each in acme.type("doctor", "--json").data["findings"]}
    cure = findings["application of acme"]["cure"]
    assert "staffetta limits" in cure
    assert "A green check does not end this: the first call of a change that goes well does" in cure
    assert "a rest lasts up to 30 s, or as long as the application asks for, up to 15 min" in cure
