"""A notice says what happened, to how many, since when and what to do, and nothing about anybody."""

from datetime import timedelta

import pytest

from domain.cause import Language, Severity
from domain.codes import Code
from domain.ids import SetbackId, TenantId
from domain.notices import Audience, Stage, audiences, notice_of, stage_to_tell
from domain.notices_words import phrases
from domain.setback_words import FIXED_BY_COMMAND, fix
from domain.setbacks import Reason, Setback
from tests.fakes.incidents import SINCE, incident, tenant

HOSTILE = "evil\r\nBcc: all@acme.test\x1b[31m\u202ereversed\x00"


def test_a_german_owner_reads_what_happened_and_what_to_do() -> None:
    notice = notice_of(incident(detail="email"), tenant(language="de"), Stage.OPENED)
    assert notice.subject == (
        "[Staffetta] Acme GmbH: Bitte handeln: "
        "Bei mindestens einer Person ist in Personio ein Pflichtattribut leer."
    )
    assert "Das Attribut «E-Mail» (email) ist in Personio bei mindestens einer Person leer" in notice.body
    assert "Betroffene Personen bis jetzt: 3" in notice.body
    assert "Seit: 2026-03-02 08:15 UTC" in notice.body
    assert "Was zu tun ist:\nÖffnen Sie in Personio das Profil der Person" in notice.body
    assert notice.addressees == ("owner@acme.test",)


def test_an_english_owner_reads_the_same_in_english() -> None:
    notice = notice_of(incident(detail="email"), tenant(language="en"), Stage.OPENED)
    assert "The attribute «Email» (email) is empty" in notice.body
    assert "People concerned so far: 3" in notice.body
    assert notice.language is Language.EN


def test_an_unknown_language_is_answered_in_english() -> None:
    assert notice_of(incident(), tenant(language="fr"), Stage.OPENED).language is Language.EN


@pytest.mark.parametrize(
    ("code", "run_id", "expected"),
    [
        (Code.PERSON_WITHOUT_REQUIRED, "run-7", ("staffetta run run-7", "staffetta check acme")),
        (
            Code.TARGET_CREDENTIALS_REFUSED,
            None,
            ("staffetta tenant credentials acme --target-token-file FILE", "staffetta check acme"),
        ),
        (Code.PAUSE_STRICT, None, ("staffetta sync acme", "staffetta check acme")),
        (
            Code.CREDENTIALS_UNREADABLE,
            None,
            (fix(Code.CREDENTIALS_UNREADABLE, TenantId("acme")), "staffetta check acme"),
        ),
        (Code.KEYS_UNREADABLE, None, ("staffetta doctor",)),
        (
            Code.CRASHED_TWICE,
            "run-7",
            ("staffetta run run-7", "staffetta letters acme --cause self.crashed-twice"),
        ),
        (
            Code.TARGET_KEY_TAKEN,
            "run-7",
            ("staffetta run run-7", "staffetta letters acme --cause target.key-taken"),
        ),
        (Code.GUARD_REMOVALS, "run-7", ("staffetta run run-7", "staffetta holds acme")),
        (Code.NO_SUCCESS, None, ("staffetta runs acme",)),
        (Code.STORE_AWAY, None, ("staffetta doctor",)),
        (Code.NOTICE_OWNERS, None, ("staffetta tenant owners acme",)),
        (Code.NOTICE_UNDELIVERED, None, ("staffetta notify list",)),
    ],
)
def test_the_exact_commands_stand_in_the_body(
    code: Code, run_id: str | None, expected: tuple[str, ...]
) -> None:
    body = notice_of(incident(code, run_id=run_id), tenant(), Stage.OPENED).body
    assert [line.strip() for line in body.splitlines() if line.startswith("  ")] == list(expected)


@pytest.mark.parametrize("code", sorted(FIXED_BY_COMMAND))
def test_the_end_names_no_command_that_does_something(code: Code) -> None:
    body = notice_of(incident(code, run_id="run-7", resolved=True), tenant(), Stage.RESOLVED).body
    named = [line.strip() for line in body.splitlines() if line.startswith("  ")]
    assert named == ["staffetta run run-7", "staffetta check acme"]


def test_the_end_is_told_as_good_news_without_a_cure() -> None:
    notice = notice_of(incident(resolved=True), tenant(), Stage.RESOLVED)
    assert "Betroffene Personen: 3" in notice.body
    assert "Erledigt" in notice.subject
    assert "Behoben: 2026-03-02 10:15 UTC" in notice.body
    assert phrases(Language.DE).what_to_do not in notice.body
    assert notice.severity is Severity.NOTICE


def test_causes_that_concern_no_people_count_none() -> None:
    body = notice_of(incident(Code.SOURCE_CREDENTIALS_REFUSED), tenant(), Stage.OPENED).body
    assert "Betroffene Personen" not in body
    assert "Prüfen Sie zuerst, ob jemand die Zugangsdaten in Personio neu erzeugt" in body


@pytest.mark.parametrize(
    ("language", "cure", "setting"),
    [
        ("de", "Hinterlegen Sie die Zugangsdaten beider Seiten neu", "Einstellung"),
        ("en", "Enter the credentials of both ends again", "setting"),
    ],
)
def test_k12_credentials_that_do_not_open_are_to_be_entered_again_and_no_setting_is_blamed(
    language: str, cure: str, setting: str
) -> None:
    sealed = incident(Code.CREDENTIALS_UNREADABLE, detail="")
    notice = notice_of(sealed, tenant(language=language), Stage.OPENED)
    assert cure in notice.body
    assert setting not in notice.subject + notice.body


def test_what_only_the_operator_can_mend_goes_to_the_operator() -> None:
    assert notice_of(incident(Code.INTERNAL), tenant(), Stage.OPENED).addressees == ()


def test_control_characters_and_addresses_in_details_and_names_do_no_harm() -> None:
    notice = notice_of(incident(detail=HOSTILE), tenant(name=f"Acme{HOSTILE}"), Stage.OPENED)
    for text in (notice.subject, *notice.body.split("\n")):
        assert text.isprintable()
    assert "all@acme.test" not in notice.body
    assert "Bcc" not in [line.split(":")[0].strip() for line in notice.body.splitlines()]


def test_the_same_incident_makes_the_same_notice() -> None:
    first, second = (notice_of(incident(), tenant(), Stage.OPENED) for _ in range(2))
    assert first == second
    assert first.notice_id == "inc-1-opened"


@pytest.mark.parametrize(
    ("resolved", "told_open", "stage"),
    [
        (False, False, Stage.OPENED),
        (False, True, None),
        (True, True, Stage.RESOLVED),
        (True, False, Stage.RESOLVED),
    ],
)
def test_what_is_still_to_be_told(resolved: bool, told_open: bool, stage: Stage | None) -> None:
    assert stage_to_tell(incident(resolved=resolved, told_open=told_open)) is stage


@pytest.mark.parametrize("code", list(Code))
@pytest.mark.parametrize("language", list(Language))
def test_every_cause_makes_a_whole_notice(code: Code, language: Language) -> None:
    for stage in Stage:
        notice = notice_of(incident(code, resolved=stage is Stage.RESOLVED), tenant(language=language), stage)
        assert "{" not in notice.subject + notice.body
        assert len(notice.subject) <= 200


def test_a_pause_says_when_we_look_again_and_when_it_ends() -> None:
    rests = Setback(
        setback_id=SetbackId("s1"),
        reason=Reason.SOURCE,
        code=Code.PAUSE_RUNS,
        failure=Code.FEED_EMPTY,
        detail="",
        since=SINCE,
        due_at=SINCE + timedelta(hours=6),
    )
    body = notice_of(incident(Code.PAUSE_RUNS), tenant(language="de"), Stage.OPENED, setback=rests).body
    assert f"Nächster eigener Versuch: {SINCE + timedelta(hours=6):%Y-%m-%d %H:%M} UTC" in body
    assert f"Wird endgültig angehalten, wenn es so bleibt: {SINCE + timedelta(days=28):%Y-%m-%d}" in body
    other = notice_of(incident(Code.FEED_EMPTY), tenant(language="de"), Stage.OPENED, setback=rests).body
    assert "Wird endgültig angehalten" not in other


def test_leavers_who_wait_are_told_to_owners_and_operator() -> None:
    told = audiences(Stage.OPENED, [incident(Code.LEAVERS_WAIT)])
    assert set(told) == {Audience.OWNERS, Audience.OPERATOR}
