"""What stays open is told once more after a day, and once each morning; nothing else is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.cause import Language
from domain.codes import Code
from domain.errors import TemporaryError
from domain.notices import Audience, Stage
from domain.reminders import Reminders
from tests.contracts.store.builders import NOON
from tests.fakes.channel import FakeChannel
from tests.fakes.incidents import digest, incident, trial
from tests.fakes.notify_house import NotifyHouse

FAILURE, OTHERS_FAILURE, WARNING = Code.TARGET_KEY_TAKEN, Code.TARGET_UNREACHABLE, Code.TARGET_BUSY
HOUR = timedelta(hours=1)


@pytest.fixture
def mail() -> FakeChannel:
    return FakeChannel(name="email")


@pytest.fixture
def house(tmp_path: Path, mail: FakeChannel) -> Iterator[NotifyHouse]:
    built = NotifyHouse(tmp_path, mail)
    yield built
    built.store.close()


def stages(mail: FakeChannel) -> list[tuple[str, bool]]:
    """List what was told, and whether owners were told."""
    return [(notice.stage.value, bool(notice.addressees)) for notice in mail.arrived]


def later(house: NotifyHouse, **span: float) -> None:
    house.later(every=HOUR, **span)


def test_a_failure_that_is_open_for_a_day_is_told_once_more_to_owners_and_operator(
    house: NotifyHouse, mail: FakeChannel
) -> None:
    house.happens(FAILURE)
    later(house, hours=18.5)
    mail.arrived.clear()  # opened, and the digest at six
    later(house, hours=5)
    assert mail.arrived == []
    later(house, hours=1)
    assert sorted(stages(mail)) == [("escalated", False), ("escalated", True)]
    assert {notice.language for notice in mail.arrived} == {Language.DE, Language.EN}
    [owners] = [notice for notice in mail.arrived if notice.addressees]
    assert "seit mehr als 24 Stunden" in owners.body
    later(house, days=3)
    assert [stage for stage, _ in stages(mail)].count("escalated") == 2


def test_a_warning_and_what_is_over_are_not_told_once_more(house: NotifyHouse, mail: FakeChannel) -> None:
    house.happens(WARNING)
    house.happens(FAILURE)
    house.resolve(FAILURE)
    later(house, days=2)
    assert Stage.ESCALATED not in {notice.stage for notice in mail.arrived}


def test_how_long_a_failure_may_stay_open_is_a_setting(house: NotifyHouse, mail: FakeChannel) -> None:
    rules = Reminders(escalate_after=timedelta(hours=2))
    house.notifier = replace(house.notifier, rules=rules)
    house.happens(FAILURE)
    later(house, hours=1.5)
    assert stages(mail) == [("opened", True)]
    later(house, hours=1)
    assert sorted(stages(mail)[1:]) == [("escalated", False), ("escalated", True)]


def test_a_digest_comes_once_a_day_while_something_is_open(house: NotifyHouse, mail: FakeChannel) -> None:
    house.happens(WARNING)
    later(house, days=3)
    digests = [notice for notice in mail.arrived if notice.stage is Stage.DIGEST]
    assert [notice.notice_id for notice in digests] == [
        "acme-digest-2026-03-03",
        "acme-digest-2026-03-04",
        "acme-digest-2026-03-05",
    ]
    assert {notice.written_at.hour for notice in digests} == {6}
    house.resolve(WARNING)
    house.sweep()
    before = len(mail.arrived)
    later(house, days=3)
    assert len(mail.arrived) == before


def test_a_digest_goes_to_owners_and_to_the_operator_for_what_is_theirs(
    house: NotifyHouse, mail: FakeChannel
) -> None:
    house.happens(FAILURE)
    later(house, hours=20)
    assert stages(mail)[1:] == [("digest", True)]
    house.happens(WARNING)
    later(house, hours=24)
    assert sorted(stages(mail)[-2:]) == [("digest", False), ("digest", True)]


def test_what_opened_after_six_waits_for_the_next_morning(house: NotifyHouse, mail: FakeChannel) -> None:
    house.happens(WARNING)
    later(house, hours=17.5)
    assert stages(mail) == [("opened", False)]
    later(house, hours=1)
    assert stages(mail)[1:] == [("digest", False)]


def test_a_digest_that_a_newer_day_has_overtaken_is_not_sent_beside_it(tmp_path: Path) -> None:
    mail = FakeChannel(name="email")
    house = NotifyHouse(tmp_path, mail)
    house.happens(WARNING)
    later(house, hours=17.5)
    mail.always = TemporaryError(Code.NOTICE_AWAY, "away")
    later(house, hours=30)
    mail.always = None
    later(house, hours=1)
    digests = [notice.notice_id for notice in mail.arrived if notice.stage is Stage.DIGEST]
    assert digests == ["acme-digest-2026-03-04"]
    house.store.close()


def test_a_tenant_without_owners_gets_one_message_not_two(tmp_path: Path) -> None:
    mail = FakeChannel(name="email")
    house = NotifyHouse(tmp_path, mail, owners=())
    house.happens(FAILURE)
    later(house, hours=24.5)
    told = [(notice.stage, notice.code) for notice in mail.arrived]
    assert told.count((Stage.ESCALATED, FAILURE)) == 1
    house.store.close()


def test_the_digest_names_the_worst_first_with_counts_and_addressees() -> None:
    still = (
        incident(FAILURE, count=7),
        incident(OTHERS_FAILURE, incident_id="inc-2"),
        incident(WARNING, incident_id="inc-3"),
    )
    told = digest(*still)
    assert told.subject == (
        "[Staffetta] Acme GmbH: Tagesübersicht: Offene Probleme: 3; das älteste seit 2026-03-02 08:15 UTC."
    )
    first, second, third = (part for part in told.body.split("\n\n") if part.startswith("Bitte"))
    assert "Betroffene Personen: 7" in first
    assert "Ursache: target.key-taken" in first
    assert "Zu erledigen von: Betrieb" in second
    assert third.startswith("Bitte prüfen: ")
    assert "  staffetta incidents acme" in told.body.splitlines()
    assert told.count == 3


def test_a_digest_lists_ten_causes_and_counts_the_rest() -> None:
    codes = [code for code in Code if code.value.startswith(("guard.", "feed."))][:13]
    told = digest(*(incident(code, incident_id=code.value) for code in codes), language="en")
    assert told.body.count("Cause: ") == 10
    assert "and 3 more" in told.body
    assert told.count == 13


def test_a_trial_says_that_it_is_one_in_the_language_of_its_reader() -> None:
    owners, operator = trial(), trial(to=Audience.OPERATOR)
    assert (owners.language, operator.language) == (Language.DE, Language.EN)
    assert "Probe" in owners.subject
    assert "there is nothing to do" in operator.body
    assert (owners.addressees, operator.addressees) == (("owner@acme.test",), ())


def test_the_moment_of_a_digest_is_the_newest_that_has_come() -> None:
    rules = Reminders(digest_hour=6)
    assert rules.digest_due(NOON) == NOON.replace(hour=6)
    assert rules.digest_due(NOON.replace(hour=5, minute=59)) == NOON.replace(hour=6) - timedelta(days=1)
    assert rules.digest_due(NOON.replace(hour=6)) == NOON.replace(hour=6)
