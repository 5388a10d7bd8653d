"""What a failed run, a probe and the passing of time mean for a tenant: a table of values, nothing else."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.cause import Language
from domain.codes import Code
from domain.errors import FeedBrokenError, StaffettaError, TemporaryError
from domain.ids import SetbackId, TenantId
from domain.run import Outcome
from domain.setback_words import BACK, fix, way_back
from domain.setbacks import (
    PROBES,
    RETRIES,
    STORED,
    Reason,
    Setback,
    Step,
    Trouble,
    after_failed_probe,
    after_failed_run,
    back_to,
    next_step,
    paused,
    probe_wait,
    proves,
    reason_of_block,
    too_many_died,
)
from domain.tenant import Tenant, TenantState
from producers.resume import CHECK_GOES_FIRST
from tests.builders import MONDAY

FRESH = SetbackId("fresh")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BROKEN = Trouble(Reason.SOURCE, Code.FEED_BROKEN, "a web page", None)
S = TenantState


def setback(reason: Reason = Reason.SOURCE, **changes: Any) -> Setback:  # noqa: ANN401  any field, by name
    stands = Setback(
        setback_id=SetbackId("s1"),
        reason=reason,
        code=Code.PAUSE_RUNS,
        failure=Code.FEED_BROKEN,
        detail="",
        since=MONDAY,
        announced=True,
    )
    return replace(stands, **changes)


RETRYING = setback(Reason.RETRY, failures=1)


@pytest.mark.parametrize(
    ("known", "state", "strict", "reason", "failures", "wait"),
    [
        pytest.param(None, S.ACTIVE, False, Reason.RETRY, 1, 15 * MINUTE, id="the first failure"),
        pytest.param(RETRYING, S.ACTIVE, False, Reason.RETRY, 2, HOUR, id="the second in a row"),
        pytest.param(
            replace(RETRYING, failures=2),
            S.ACTIVE,
            False,
            Reason.SOURCE,
            3,
            6 * HOUR,
            id="the third in a row",
        ),
        pytest.param(None, S.ACTIVE, True, Reason.STRICT, 1, None, id="strict: the first is enough"),
        pytest.param(RETRYING, S.ACTIVE, True, Reason.STRICT, 1, None, id="strict came while a run was due"),
        pytest.param(
            setback(on_trial=True), S.ACTIVE, False, Reason.SOURCE, 1, 12 * HOUR, id="on trial after a probe"
        ),
        pytest.param(
            setback(Reason.CREDENTIALS, on_trial=True, probes=4),
            S.ACTIVE,
            False,
            Reason.SOURCE,
            1,
            6 * HOUR,
            id="on trial, and something else fails",
        ),
        pytest.param(replace(RETRYING, over=True), S.ACTIVE, False, Reason.RETRY, 1, 15 * MINUTE, id="over"),
    ],
)
def test_a_failed_run_is_made_again_twice_and_then_the_tenant_rests(
    known: Setback | None,
    state: TenantState,
    strict: bool,
    reason: Reason,
    failures: int,
    wait: timedelta | None,
) -> None:
    after = after_failed_run(known, state, BROKEN, strict=strict, now=MONDAY, fresh=FRESH)
    assert after is not None
    assert (after.reason, after.failures) == (reason, failures)
    assert after.due_at == (None if wait is None else MONDAY + wait)


@pytest.mark.parametrize("state", [state for state in S if state is not S.ACTIVE])
@pytest.mark.parametrize("strict", [False, True])
def test_a_tenant_that_is_not_active_counts_no_failures(
    state: TenantState,
    strict: bool,
) -> None:
    assert after_failed_run(None, state, BROKEN, strict=strict, now=MONDAY, fresh=FRESH) is None


@pytest.mark.parametrize(
    ("reason", "hours"),
    [
        (Reason.SOURCE, [6, 12, 24, 24, 24]),
        (Reason.TARGET, [6, 12, 24, 24, 24]),
        (Reason.ERRORS, [6, 12, 24, 24, 24]),
        (Reason.CREDENTIALS, [24, 24, 24, 24, 24]),
    ],
)
def test_l8_probes_become_daily(reason: Reason, hours: list[int]) -> None:
    assert [probe_wait(reason, probes) for probes in range(5)] == [each * HOUR for each in hours]


@pytest.mark.parametrize("reason", [Reason.CONFIG, Reason.STRICT, Reason.BY_HAND, Reason.RETRY])
def test_what_only_a_human_can_mend_is_not_probed(reason: Reason) -> None:
    assert probe_wait(reason, 0) is None


@pytest.mark.parametrize(
    ("stands", "passed", "step"),
    [
        pytest.param(setback(announced=False), 0 * DAY, Step.ANNOUNCE, id="new"),
        pytest.param(setback(over=True), 0 * DAY, Step.FORGET, id="over"),
        pytest.param(setback(), 20 * DAY, Step.REST, id="nothing due"),
        pytest.param(setback(due_at=MONDAY + 6 * HOUR), 5 * HOUR, Step.REST, id="before the probe"),
        pytest.param(setback(due_at=MONDAY + 6 * HOUR), 6 * HOUR, Step.PROBE, id="the probe is due"),
        pytest.param(replace(RETRYING, due_at=MONDAY + HOUR), HOUR, Step.RETRY, id="the run is due again"),
        pytest.param(replace(RETRYING, due_at=None), 40 * DAY, Step.REST, id="a retry never ends a tenant"),
        pytest.param(setback(on_trial=True), 40 * DAY, Step.REST, id="a trial is no rest"),
        pytest.param(setback(on_trial=True, due_at=MONDAY), HOUR, Step.RETRY, id="a trial without its run"),
        pytest.param(setback(), 21 * DAY, Step.WARN, id="three weeks"),
        pytest.param(setback(warned=True), 21 * DAY, Step.REST, id="three weeks, told"),
        pytest.param(setback(warned=True), 28 * DAY, Step.STOP, id="four weeks"),
        pytest.param(setback(), 60 * DAY, Step.STOP, id="nobody looked for two months"),
        pytest.param(setback(Reason.BY_HAND), 28 * DAY, Step.STOP, id="paused by hand and forgotten"),
        pytest.param(setback(Reason.STRICT), 28 * DAY, Step.STOP, id="strict"),
        pytest.param(setback(Reason.CONFIG), 28 * DAY, Step.STOP, id="configuration"),
    ],
)
def test_what_is_due_follows_from_the_setback_and_the_hour(
    stands: Setback, passed: timedelta, step: Step
) -> None:
    assert next_step(stands, MONDAY + passed) is step
    looked_at = stands.look_at
    assert (looked_at is not None and looked_at <= MONDAY + passed) is (step is not Step.REST)


def test_another_reason_begins_its_probes_anew_and_not_its_days() -> None:
    refused = Trouble(Reason.CREDENTIALS, Code.SOURCE_CREDENTIALS_REFUSED, "", None)
    after = paused(setback(probes=3, warned=True), refused, MONDAY + 22 * DAY, FRESH)
    assert (after.since, after.warned, after.probes) == (MONDAY, True, 0)
    assert after.code is Code.SOURCE_CREDENTIALS_REFUSED


def test_a_pause_by_hand_stays_one_whatever_goes_wrong_besides() -> None:
    refused = Trouble(Reason.CREDENTIALS, Code.SOURCE_CREDENTIALS_REFUSED, "", None)
    asked = paused(None, Trouble(Reason.BY_HAND, Code.TENANT_PAUSED, "", None), MONDAY, FRESH)
    assert back_to(paused(asked, refused, MONDAY, FRESH)) is TenantState.PAUSED
    assert back_to(setback()) is back_to(None) is TenantState.ACTIVE


@pytest.mark.parametrize(
    ("error", "silent", "probes", "hours"),
    [
        (FeedBrokenError(Code.FEED_EMPTY), False, 2, 24),
        (TemporaryError(Code.SOURCE_UNREACHABLE), True, 1, 1),
    ],
    ids=["it answers badly", "it does not answer"],
)
def test_a_probe_that_fails_waits_longer_but_silence_is_asked_again_soon(
    error: StaffettaError,
    silent: bool,
    probes: int,
    hours: int,
) -> None:
    after = after_failed_probe(setback(probes=1), error, MONDAY, silent=silent)
    assert (after.probes, after.due_at) == (probes, MONDAY + hours * HOUR)


@pytest.mark.parametrize(
    ("dead", "tried", "many"),
    [(8, 19, False), (19, 19, False), (8, 20, False), (9, 20, True), (40, 100, False), (41, 100, True)],
)
def test_more_than_two_fifths_of_twenty_are_too_many(dead: int, tried: int, many: bool) -> None:
    assert too_many_died(dead, tried) is many


@pytest.mark.parametrize(
    ("reason", "outcome", "refused", "proven"),
    [
        (Reason.SOURCE, Outcome.PARTIAL, 3, True),
        (Reason.SOURCE, Outcome.FAILED, 0, False),
        (Reason.SOURCE, Outcome.PAUSED, 0, False),
        (Reason.STRICT, Outcome.OK, 0, True),
        (Reason.STRICT, Outcome.OK_WITH_HOLDS, 0, True),
        (Reason.STRICT, Outcome.OK, 1, False),
        (Reason.STRICT, Outcome.PARTIAL, 0, False),
        (Reason.ERRORS, Outcome.OK, 0, True),
        (Reason.ERRORS, Outcome.OK, 1, False),
    ],
)
def test_a_clean_run_proves_what_it_tried(
    reason: Reason,
    outcome: Outcome,
    refused: int,
    proven: bool,
) -> None:
    assert proves(setback(reason), outcome, refused) is proven


def acme(state: TenantState, why: Code | None = None) -> Tenant:
    return Tenant(TenantId("acme"), "Acme", state, why, MONDAY, "de")


def test_the_way_back_is_data_with_the_command_that_fixes_it() -> None:
    found = way_back(acme(S.PAUSED), setback(due_at=MONDAY + 6 * HOUR), Language.EN)
    assert found is not None
    assert (found.reason, found.code, found.since) == ("source", Code.PAUSE_RUNS, MONDAY)
    assert (found.probe_at, found.ends_at) == (MONDAY + 6 * HOUR, MONDAY + 28 * DAY)
    assert found.command == "staffetta sync acme"
    assert way_back(acme(S.ACTIVE), None, Language.EN) is None


@pytest.mark.parametrize("known", [True, False], ids=["setback", "none left"])
def test_k12_who_rests_for_credentials_that_do_not_open_comes_back_by_entering_them_again(
    known: bool,
) -> None:
    code = Code.CREDENTIALS_UNREADABLE
    stood = replace(setback(Reason.CONFIG), code=code, failure=code) if known else None
    said = {Language.EN: "entered again and checked", Language.DE: "neu hinterlegt und geprüft"}
    for language, words in said.items():
        found = way_back(acme(S.BLOCKED, code), stood, language)
        assert found is not None
        assert (found.reason, words in found.ended_by) == ("config", True)
        assert found.command == fix(code, TenantId("acme"))
        assert "--target-token-file FILE" in found.command


def test_an_ended_tenant_names_the_resume() -> None:
    found = way_back(acme(S.STOPPED, Code.PAUSE_ENDED), None, Language.DE)
    assert found is not None
    assert (found.reason, found.command) == ("ended", "staffetta resume acme")


def test_every_reason_says_in_both_languages_how_it_ends() -> None:
    assert set(BACK) == set(Reason)
    assert all(german != english for german, english in BACK.values())


def test_a_refused_key_of_the_application_is_replaced_by_its_own_option() -> None:
    assert "--target-token-file" in fix(Code.TARGET_CREDENTIALS_REFUSED, TenantId("acme"))
    assert "--client-secret-file" in fix(Code.SOURCE_CREDENTIALS_REFUSED, TenantId("acme"))


GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "pauses.md"
ROW = re.compile(
    r"^\| [^|]+ \| (?P<state>[^|]+) \| `(?P<reason>[^`]+)` \| (?P<looks>[^|]+) \| [^|]+ \|$", re.MULTILINE
)


AFTER_NEW = {Reason.CREDENTIALS: f"{CHECK_GOES_FIRST // MINUTE} minutes after new credentials"}
"""So long a human's check goes before our own look."""


def spoken(waits: tuple[timedelta, ...]) -> str:
    """Say the waits between probes as the guide does."""
    return (
        ", ".join(f"{wait // HOUR}" for wait in waits) + " hours, then daily" if len(waits) > 1 else "daily"
    )


def test_the_guide_says_of_each_reason_when_we_look_again() -> None:
    rows = {Reason(row["reason"]): row for row in ROW.finditer(GUIDE.read_text(encoding="utf-8"))}
    assert set(rows) == set(Reason)
    for reason, row in rows.items():
        if reason is Reason.RETRY:
            assert RETRIES == (15 * MINUTE, HOUR)
            assert "15 minutes, then after an hour" in row["looks"]
        elif reason in PROBES:
            looks, _, after_new = row["looks"].partition("; ")
            assert looks.endswith(spoken(PROBES[reason]))
            assert after_new == AFTER_NEW.get(reason, "")
        else:
            assert row["looks"] == "never"


@pytest.mark.parametrize(
    ("code", "state"),
    [(code, "blocked") for code in (Code.SOURCE_CREDENTIALS_REFUSED, *sorted(STORED))],
)
def test_the_guide_blocks_what_the_house_blocks(code: Code, state: str) -> None:
    rows = {row["reason"]: row["state"] for row in ROW.finditer(GUIDE.read_text(encoding="utf-8"))}
    assert rows[reason_of_block(code).value].startswith(state)
