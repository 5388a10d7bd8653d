"""Nothing fails in silence, nothing is told twice, and nothing that must be told is lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.cause import Language
from domain.codes import Code
from domain.dispatches import LEASE, DispatchState
from domain.errors import PermanentError, TemporaryError
from domain.ids import INSTALLATION, IncidentId, TenantId
from domain.notices import Stage
from domain.outcomes import Did, Failed, Later, Nothing
from domain.ports_channels import Channel, Delivered
from domain.tenant import TenantState
from tests.contracts.store.builders import ACME
from tests.fakes.channel import FakeChannel
from tests.fakes.notify_house import NotifyHouse

FIVE = timedelta(minutes=5)
AWAY = TemporaryError(Code.NOTICE_AWAY, "away")
PUT_OFF = TemporaryError(Code.NOTICE_PUT_OFF, "the mail server puts a reader off (451)")
NEVER = PermanentError(Code.NOTICE_REFUSED, "no such address")
GONE, TAKEN = Code.TARGET_UNREACHABLE, Code.TARGET_KEY_TAKEN
"""Of the operator, and of the owners."""


@pytest.fixture
def mail() -> FakeChannel:
    return FakeChannel(name="email")


@pytest.fixture
def house(tmp_path: Path, mail: FakeChannel) -> Iterator[NotifyHouse]:
    with house_with(tmp_path, mail) as built:
        yield built


@contextmanager
def house_with(
    folder: Path, *channels: Channel, owners: tuple[str, ...] = ("ada@acme.test", "bob@acme.test")
) -> Iterator[NotifyHouse]:
    built = NotifyHouse(folder, *channels, owners=owners)
    yield built
    built.store.close()


def test_an_open_incident_is_told_over_every_channel(tmp_path: Path) -> None:
    channels = [FakeChannel(name="email"), FakeChannel(name="slack", addressed=False)]
    with house_with(tmp_path, *channels) as house:
        incident = house.open()
        assert house.ring(incident) == Did("told", (("messages", 2),))
        assert [channel.ids for channel in channels] == [[f"{incident}-opened"]] * 2
        assert {row.state for row in house.rows()} == {DispatchState.SENT}


def test_what_concerns_the_installation_is_told_to_the_operator_once_and_its_end_too(
    house: NotifyHouse, mail: FakeChannel
) -> None:
    with house.store.write() as tx:
        tx.incidents.open(INSTALLATION, IncidentId("i-1"), Code.MESSAGE_UNKNOWN, "no JSON", 1, None)
    for _ in range(3):
        house.sweep()
    with house.store.write() as tx:
        tx.incidents.resolve(INSTALLATION, [Code.MESSAGE_UNKNOWN])
    for _ in range(3):
        house.sweep()
    assert [(notice.stage, notice.addressees) for notice in mail.arrived] == [
        (Stage.OPENED, ()),
        (Stage.RESOLVED, ()),
    ]
    assert "staffetta letters" in mail.arrived[0].body


def test_a_second_bell_tells_nothing(house: NotifyHouse, mail: FakeChannel) -> None:
    incident = house.happens()
    assert house.ring(incident) == Nothing("told before, or gone")
    assert len(mail.arrived) == 1


def test_l3_five_thousand_failures_of_two_causes_are_two_messages_with_counts(
    house: NotifyHouse, mail: FakeChannel
) -> None:
    for count in range(1, 5_001, 500):
        house.happens(TAKEN, count=count)
    house.happens(GONE)
    for _ in range(3):
        house.happens(TAKEN, count=5_000)
        house.sweep()
    assert [(notice.code, notice.count) for notice in mail.arrived] == [(TAKEN, 1), (GONE, 3)]


def test_owners_and_operator_are_told_in_their_own_languages(house: NotifyHouse, mail: FakeChannel) -> None:
    house.happens(TAKEN)
    house.happens(GONE)
    owners, operator = mail.arrived
    assert (owners.addressees, owners.language) == (("ada@acme.test", "bob@acme.test"), Language.DE)
    assert (operator.addressees, operator.language) == ((), Language.EN)


def test_the_end_is_told_after_the_opening(house: NotifyHouse, mail: FakeChannel) -> None:
    incident = house.happens()
    house.resolve(Code.PERSON_WITHOUT_REQUIRED)
    assert house.ring(incident) == Did("told", (("messages", 1),))
    assert mail.ids == [f"{incident}-opened", f"{incident}-resolved"]


def test_what_was_over_before_anybody_heard_is_told_as_over(house: NotifyHouse, mail: FakeChannel) -> None:
    incident = house.open()
    house.resolve(Code.PERSON_WITHOUT_REQUIRED)
    house.ring(incident)
    house.sweep()
    assert mail.ids == [f"{incident}-resolved"]


def test_an_end_replaces_an_opening_that_still_waits_for_its_channel(tmp_path: Path) -> None:
    away, well = FakeChannel(AWAY, name="email"), FakeChannel(name="slack", addressed=False)
    with house_with(tmp_path, away, well) as house:
        incident = house.happens()
        house.resolve(Code.PERSON_WITHOUT_REQUIRED)
        house.ring(incident)
        assert away.ids == [f"{incident}-resolved"]
        assert well.ids == [f"{incident}-opened", f"{incident}-resolved"]


@pytest.mark.parametrize("ended_minutes_before", [1, 40])
def test_l1_an_end_that_its_mailbox_never_heard_is_not_read_after_the_next_beginning(
    tmp_path: Path, ended_minutes_before: int
) -> None:
    away, chat = FakeChannel(name="email", always=AWAY), FakeChannel(name="slack", addressed=False)
    with house_with(tmp_path, away, chat) as house:
        first = house.happens()
        house.later(minutes=30)
        house.resolve(Code.PERSON_WITHOUT_REQUIRED)
        house.later(minutes=ended_minutes_before)
        second = house.happens()
        house.later(minutes=30)
        away.always = None
        house.later(minutes=16)
        assert [each.notice_id for each in away.arrived] == [f"{second}-opened"]
        assert chat.ids == [f"{first}-opened", f"{first}-resolved", f"{second}-opened"], "programs pair them"
        house.later(minutes=1)
        house.resolve(Code.PERSON_WITHOUT_REQUIRED)
        house.later(hours=3)
        assert away.ids[-1] == f"{second}-resolved"


def test_l1_a_channel_that_is_away_for_two_hours_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    away, well = FakeChannel(name="email", always=AWAY), FakeChannel(name="slack", addressed=False)
    with house_with(tmp_path, away, well) as house:
        first = house.open(TAKEN)
        assert house.ring(first) == Later(Code.NOTICE_AWAY, "away")
        house.later(hours=1, every=FIVE)
        second = house.happens(GONE)
        house.later(hours=1, every=FIVE)
        assert well.ids == [f"{first}-opened", f"{second}-opened"]
        assert 10 < len(away.patience) < 45, "it is asked with growing pauses, not every minute"
        away.always = None
        house.later(minutes=16)
        assert sorted(away.ids) == sorted([f"{first}-opened", f"{second}-opened"])
        assert house.rows(DispatchState.DUE, DispatchState.UNDELIVERED) == []
        assert house.alarms == []


def test_what_the_other_side_asks_for_is_waited_for(tmp_path: Path) -> None:
    busy = FakeChannel(TemporaryError(Code.NOTICE_AWAY, "busy", retry_after=timedelta(hours=1)))
    with house_with(tmp_path, busy) as house:
        house.happens()
        house.later(minutes=59)
        assert busy.arrived == []
        house.later(minutes=2)
        assert len(busy.arrived) == 1


def test_l2_a_mail_whose_record_was_lost_doubles_once_at_most_and_under_the_same_id(tmp_path: Path) -> None:
    lost = TemporaryError(Code.NOTICE_AWAY, "no answer after the mail", maybe_done=True)
    mail = FakeChannel(name="email", always=lost)
    with house_with(tmp_path, mail) as house:
        incident = house.happens()
        house.later(hours=3, every=FIVE)
        assert mail.ids.count(f"{incident}-opened") == 2
        assert (f"{incident}-opened", "notice.channel-away") in house.alarms
        assert f"{incident}-opened" in house.files.ids, "the last resort has it"


def test_l2_a_process_that_dies_after_delivery_repeats_the_same_message_once(
    house: NotifyHouse, mail: FakeChannel
) -> None:
    incident = house.open()
    mail.after = killed
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            house.sweep()
        assert house.sweep() == Nothing("no bell"), "whoever died had a lease"
        house.clock.advance(LEASE)
    mail.after = lambda: None
    house.later(minutes=10)
    assert mail.ids.count(f"{incident}-opened") == 2
    assert house.files.ids == [f"{incident}-opened"]


def killed() -> None:
    raise KeyboardInterrupt


def test_l4_without_an_owner_the_operator_reads_it_and_is_told_that_there_is_none(
    tmp_path: Path, mail: FakeChannel
) -> None:
    with house_with(tmp_path, mail, owners=()) as house:
        house.happens(TAKEN)
        house.sweep()
        assert [(each.code, each.addressees) for each in mail.arrived] == [
            (TAKEN, ()),
            (Code.NOTICE_OWNERS, ()),
        ]
        assert house.standing()[Code.NOTICE_OWNERS].detail == "no owner's address is known"


def test_l4_an_owner_whose_address_takes_no_mail_is_told_to_the_operator_until_it_does(
    house: NotifyHouse, mail: FakeChannel
) -> None:
    mail.answer = Delivered(refused=1, detail="550")
    house.happens(TAKEN)
    house.sweep()
    assert [each.code for each in mail.arrived] == [TAKEN, Code.NOTICE_OWNERS]
    assert house.standing()[Code.NOTICE_OWNERS].detail == "1 of 2: 550"
    house.happens(Code.PERSON_WITHOUT_REQUIRED)
    assert len(mail.arrived) == 3, "the operator hears of it once"
    mail.answer = Delivered()
    house.resolve(TAKEN)
    house.sweep()
    assert [(each.code, each.stage) for each in mail.arrived[3:]] == [
        (TAKEN, Stage.RESOLVED),
        (Code.NOTICE_OWNERS, Stage.RESOLVED),
    ]


def test_l5_what_a_channel_never_takes_is_loud_and_goes_over_the_last_resort(tmp_path: Path) -> None:
    broken, chat = FakeChannel(name="email", always=NEVER), FakeChannel(name="slack", addressed=False)
    with house_with(tmp_path, broken, chat) as house:
        incident = house.open()
        assert house.ring(incident) == Failed(Code.NOTICE_REFUSED, "no such address")
        house.later(hours=1, every=FIVE)
        lost = house.standing()[Code.NOTICE_UNDELIVERED]
        opened = [f"{incident}-opened", f"{lost.incident_id}-opened"]
        assert chat.ids == house.files.ids == opened
        assert house.alarms == [(each, "notice.channel-refused") for each in opened]
        assert (lost.detail, lost.count) == ("email", 2), (
            "the message about it did not arrive either, and opens no other incident"
        )


def test_l5_a_notice_that_kills_its_process_each_time_is_given_up_and_holds_up_no_other(
    house: NotifyHouse, mail: FakeChannel
) -> None:
    poison = house.open(TAKEN)
    mail.always = MemoryError()
    for _ in range(2):
        with pytest.raises(MemoryError):
            house.sweep()
        house.clock.advance(LEASE)
    mail.always = None
    other = house.open(GONE)
    house.later(minutes=5)
    assert (f"{poison}-opened", "notice.channel-away") in house.alarms
    assert f"{other}-opened" in mail.ids
    assert f"{poison}-opened" not in mail.ids
    assert f"{poison}-opened" in house.files.ids


def test_l7_a_stop_whose_cause_changes_is_one_further_message(house: NotifyHouse, mail: FakeChannel) -> None:
    for _ in range(3):
        house.happens(Code.SOURCE_CREDENTIALS_REFUSED)
    for _ in range(3):
        house.happens(Code.TARGET_CREDENTIALS_REFUSED)
    house.later(hours=1, every=FIVE)
    assert [notice.code for notice in mail.arrived] == [
        Code.SOURCE_CREDENTIALS_REFUSED,
        Code.TARGET_CREDENTIALS_REFUSED,
    ]


def test_l7_an_end_that_makes_way_for_another_reason_of_the_same_stop_is_not_mailed(tmp_path: Path) -> None:
    mail, chat = FakeChannel(name="email"), FakeChannel(name="slack", addressed=False)
    before, after = Code.SOURCE_CREDENTIALS_REFUSED, Code.SOURCE_RIGHT_MISSING
    with house_with(tmp_path, mail, chat) as house:
        with house.store.write() as tx:
            for state, why in (
                (TenantState.READY, None),
                (TenantState.ACTIVE, None),
                (TenantState.BLOCKED, before),
            ):
                assert tx.tenants.move(ACME, state, why)
        house.happens(before)
        house.clock.advance(FIVE)
        with house.store.write() as tx:
            tx.incidents.resolve(ACME, [before])
            tx.tenants.explain(ACME, after)
            tx.incidents.open(ACME, IncidentId("inc-2"), after, "", 1, None)
        house.later(minutes=2)
        assert [(each.stage, each.code) for each in mail.arrived] == [
            (Stage.OPENED, before),
            (Stage.OPENED, after),
        ]
        assert (Stage.RESOLVED, before) in [(each.stage, each.code) for each in chat.arrived]
        house.clock.advance(FIVE)
        house.resolve(after)
        house.sweep()
        assert mail.arrived[-1].stage is Stage.RESOLVED


def test_what_was_undelivered_is_sent_on_request_and_its_incident_ends(
    house: NotifyHouse, mail: FakeChannel
) -> None:
    mail.always = NEVER
    incident = house.happens(TAKEN)
    mail.always = None
    with house.store.write() as tx:
        assert tx.dispatches.again(ACME) == 2
    house.sweep()
    assert f"{incident}-opened" in mail.ids
    assert Code.NOTICE_UNDELIVERED not in house.standing()


def test_a_channel_away_for_three_days_is_given_up_loudly(tmp_path: Path) -> None:
    away = FakeChannel(name="email", always=AWAY)
    with house_with(tmp_path, away) as house:
        incident = house.happens(TAKEN)
        house.later(every=timedelta(hours=6), days=3, hours=12)
        assert (f"{incident}-opened", "notice.channel-away") in house.alarms
        [lost] = [row for row in house.rows(DispatchState.UNDELIVERED) if row.about == incident]
        assert lost.detail.startswith("tried ")
        assert lost.detail.endswith("in 3 days; last: away")


def test_a_channel_that_is_no_longer_configured_hands_over_to_the_last_resort(tmp_path: Path) -> None:
    away = FakeChannel(name="email", always=AWAY)
    with house_with(tmp_path, away) as house:
        incident = house.happens()
        ways = replace(house.notifier.ways, told=())
        house.notifier = replace(house.notifier, ways=ways)
        house.later(minutes=1)
        assert house.files.ids == [f"{incident}-opened"]
        assert house.alarms == [(f"{incident}-opened", "notice.channel-refused")]


def test_nobody_is_left_out_for_a_refusal_that_may_pass_while_grey_lists_take(tmp_path: Path) -> None:
    grey = FakeChannel(*[PUT_OFF] * 9, name="email")
    with house_with(tmp_path, grey) as house:
        house.happens()
        house.later(minutes=10)
        assert all(grey.patience)
        house.later(hours=1)
        assert grey.patience == [True] * 8 + [False] * 2
        assert len(grey.arrived) == 1


def test_a_grey_list_is_waited_for_also_after_a_server_that_was_away(tmp_path: Path) -> None:
    grey = FakeChannel(*[AWAY] * 12, PUT_OFF, name="email")
    with house_with(tmp_path, grey) as house:
        house.happens()
        house.later(hours=3)
    assert grey.patience == [True] * 13 + [False]


def test_no_transaction_is_open_while_a_channel_works(house: NotifyHouse, mail: FakeChannel) -> None:
    def write() -> None:
        with house.store.write() as tx:
            tx.incidents.standing(ACME)

    mail.before = write
    house.happens()
    assert len(mail.arrived) == 1


def test_two_workers_never_carry_the_same_message(house: NotifyHouse, mail: FakeChannel) -> None:
    incident = house.open()
    mail.before = lambda: seen.append(house.ring(incident))
    seen: list[object] = []
    house.ring(incident)
    assert len(mail.arrived) == 1
    assert seen == [Nothing("told before, or gone")]


def test_whoever_lost_the_lease_does_not_write_over_the_other(house: NotifyHouse, mail: FakeChannel) -> None:
    incident = house.open()

    def overtake() -> None:
        mail.before = lambda: None
        house.clock.advance(LEASE)
        house.sweep()

    mail.before = overtake
    house.ring(incident)
    assert len(mail.arrived) == 2, "this is the one double that a process too slow for its lease may make"
    [row] = house.rows()
    assert (row.state, row.tries) == (DispatchState.SENT, 2)


def test_an_unknown_incident_and_a_foreign_tenant_tell_nothing(house: NotifyHouse, mail: FakeChannel) -> None:
    incident = house.open()
    assert house.ring("inc-9") == Nothing("told before, or gone")
    assert house.ring(incident, TenantId("rival")) == Nothing("told before, or gone")
    assert mail.arrived == []


def test_what_is_told_again_on_purpose_is_a_message_of_its_own(house: NotifyHouse, mail: FakeChannel) -> None:
    incident = house.happens()
    with house.store.write() as tx:
        tx.incidents.remind(ACME, [Code.PERSON_WITHOUT_REQUIRED])
    house.sweep()
    assert mail.ids == [f"{incident}-opened", f"{incident}-opened-2"]
