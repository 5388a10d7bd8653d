"""Nothing fails in silence, and nothing is told twice."""

import pytest

from domain.codes import Code
from domain.errors import PermanentError, TemporaryError
from domain.events import IncidentChanged
from domain.ids import IncidentId, TenantId
from domain.outcomes import Did, Failed, Later, Nothing
from domain.ports import Store
from domain.ports_channels import Channel
from tests.fakes.channel import FakeChannel
from tests.fakes.incidents import ACME, incident, tenant
from tests.fakes.notify_store import FakeNotifyStore
from workers.notify import notify

BELL = IncidentChanged(ACME, IncidentId("inc-1"))


@pytest.fixture
def store() -> FakeNotifyStore:
    return FakeNotifyStore(tenant())


def test_an_open_incident_is_told_over_every_channel_and_marked(store: FakeNotifyStore) -> None:
    store.incidents.put(incident())
    channels = [FakeChannel(), FakeChannel()]
    assert notify(BELL, store=store, channels=channels) == Did("opened told", (("channels", 2),))
    assert [list(channel.notices) for channel in channels] == [["inc-1-opened"]] * 2
    assert store.incidents.untold() == []


def test_a_second_bell_tells_nothing(store: FakeNotifyStore) -> None:
    store.incidents.put(incident())
    channel = FakeChannel()
    notify(BELL, store=store, channels=[channel])
    assert notify(BELL, store=store, channels=[channel]) == Nothing("told before, or gone")
    assert channel.calls == 1


def test_five_thousand_more_people_are_no_second_message(store: FakeNotifyStore) -> None:
    store.incidents.put(incident())
    channel = FakeChannel()
    notify(BELL, store=store, channels=[channel])
    store.incidents.open(ACME, IncidentId("inc-2"), Code.PERSON_WITHOUT_REQUIRED, "", 5_000, None)
    assert notify(BELL, store=store, channels=[channel]) == Nothing("told before, or gone")


def test_the_end_is_told_after_the_opening(store: FakeNotifyStore) -> None:
    store.incidents.put(incident())
    channel = FakeChannel()
    notify(BELL, store=store, channels=[channel])
    store.incidents.resolve(ACME, [Code.PERSON_WITHOUT_REQUIRED])
    assert notify(BELL, store=store, channels=[channel]) == Did("resolved told", (("channels", 1),))
    assert list(channel.notices) == ["inc-1-opened", "inc-1-resolved"]
    assert store.incidents.untold() == []


def test_what_was_over_before_anybody_heard_is_told_once_as_over(store: FakeNotifyStore) -> None:
    store.incidents.put(incident(resolved=True))
    channel = FakeChannel()
    notify(BELL, store=store, channels=[channel])
    assert list(channel.notices) == ["inc-1-resolved"]
    assert store.incidents.untold() == []


def test_a_channel_that_is_away_leaves_it_untold_and_the_others_do_not_wait(store: FakeNotifyStore) -> None:
    store.incidents.put(incident())
    away, well = FakeChannel(TemporaryError(Code.INTERNAL, "away")), FakeChannel()
    outcome = notify(BELL, store=store, channels=[away, well])
    assert outcome == Later(Code.INTERNAL, "FakeChannel: away")
    assert list(well.notices) == ["inc-1-opened"]
    assert store.incidents.untold() == [(ACME, "inc-1")]


def test_the_next_bell_tells_it_to_the_channel_that_was_away(store: FakeNotifyStore) -> None:
    store.incidents.put(incident())
    away, well = FakeChannel(TemporaryError(Code.INTERNAL, "away")), FakeChannel()
    notify(BELL, store=store, channels=[away, well])
    assert notify(BELL, store=store, channels=[away, well]) == Did("opened told", (("channels", 2),))
    assert list(away.notices) == list(well.notices) == ["inc-1-opened"]


def test_a_channel_that_never_will_does_not_hold_up_what_another_has_told(store: FakeNotifyStore) -> None:
    store.incidents.put(incident())
    broken = FakeChannel(PermanentError(Code.CONFIG_INVALID, "no such address"))
    outcome = notify(BELL, store=store, channels=[broken, FakeChannel()])
    assert outcome == Failed(Code.CONFIG_INVALID, "FakeChannel: no such address")
    assert store.incidents.untold() == []


def test_if_no_channel_carries_it_nobody_was_told(store: FakeNotifyStore) -> None:
    store.incidents.put(incident())
    broken = FakeChannel(PermanentError(Code.CONFIG_INVALID, "no such address"))
    assert isinstance(notify(BELL, store=store, channels=[broken]), Failed)
    assert isinstance(notify(BELL, store=store, channels=[]), Failed)
    assert store.incidents.untold() == [(ACME, "inc-1")]


def test_a_crash_after_delivery_repeats_the_same_notice(store: FakeNotifyStore) -> None:
    store.incidents.put(incident())
    channel = FakeChannel()

    def crash() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        notify(BELL, store=store, channels=[channel, FakeChannel(before=crash)])
    notify(BELL, store=store, channels=[channel, FakeChannel()])
    assert channel.calls == 2
    assert list(channel.notices) == ["inc-1-opened"]


def test_no_transaction_is_open_while_a_channel_works(store: FakeNotifyStore) -> None:
    store.incidents.put(incident())
    open_while_working: list[int] = []
    channel = FakeChannel(before=lambda: open_while_working.append(store.inside))
    notify(BELL, store=store, channels=[channel])
    assert open_while_working == [0]


def test_whoever_was_faster_is_left_the_last_word(store: FakeNotifyStore) -> None:
    store.incidents.put(incident())
    faster = FakeChannel(before=lambda: _told_elsewhere(store))
    outcome = notify(BELL, store=store, channels=[faster])
    assert outcome == Nothing("told by another worker meanwhile")


def test_an_unknown_incident_and_a_foreign_tenant_tell_nothing(store: FakeNotifyStore) -> None:
    store.incidents.put(incident())
    channel = FakeChannel()
    for bell in (
        IncidentChanged(ACME, IncidentId("inc-9")),
        IncidentChanged(TenantId("rival"), IncidentId("inc-1")),
    ):
        assert notify(bell, store=store, channels=[channel]) == Nothing("told before, or gone")
    assert channel.calls == 0


def test_the_fakes_are_what_the_ports_ask_for(store: FakeNotifyStore) -> None:
    ports: tuple[Store, Channel] = (store, FakeChannel())
    assert ports


def _told_elsewhere(store: FakeNotifyStore) -> None:
    store.incidents.told(ACME, IncidentId("inc-1"), resolved=False)
