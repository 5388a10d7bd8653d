"""What every channel must do: inherit `ChannelContract`, provide a fresh channel and what it delivered."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from domain.cause import Language
from domain.notices import Notice, Stage
from domain.ports_channels import Channel, Delivered
from tests.fakes.incidents import digest, notice, trial

HOSTILE = "x\r\nBcc: all@acme.test\r\n\r\nbody\x1b[31m\u202e\x00"


class ChannelContract(ABC):
    """A handful of sentences about a way to reach a human."""

    @pytest.fixture
    @abstractmethod
    def channel(self) -> Channel | Iterator[Channel]:
        """Provide a channel that has delivered nothing yet."""

    @abstractmethod
    def delivered(self) -> Sequence[str]:
        """List the ids of what was delivered, oldest first, as the receiving side got it, doubles too."""

    @abstractmethod
    def raw(self) -> str:
        """Return everything that the receiving side got, as text."""

    def test_a_notice_arrives(self, channel: Channel) -> None:
        assert channel.deliver(notice()) == Delivered()
        assert self.delivered() == ["inc-1-opened"]

    def test_it_has_a_name_that_a_row_can_keep(self, channel: Channel) -> None:
        assert channel.name.isalpha()
        assert channel.name.islower()

    def test_the_same_notice_twice_arrives_once(self, channel: Channel) -> None:
        channel.deliver(notice())
        channel.deliver(notice(), patient=True)
        assert self.delivered() == ["inc-1-opened"]

    def test_the_same_notice_from_many_threads_arrives_once(self, channel: Channel) -> None:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(channel.deliver, [notice()] * 8))
        assert self.delivered() == ["inc-1-opened"]

    def test_every_stage_of_an_incident_is_a_notice_of_its_own(self, channel: Channel) -> None:
        for stage in (Stage.OPENED, Stage.ESCALATED, Stage.RESOLVED):
            channel.deliver(notice(stage))
        assert sorted(self.delivered()) == ["inc-1-escalated", "inc-1-opened", "inc-1-resolved"]

    def test_a_digest_and_a_test_arrive_although_they_are_about_no_one_incident(
        self, channel: Channel
    ) -> None:
        channel.deliver(digest())
        channel.deliver(trial())
        assert sorted(self.delivered()) == ["acme-digest-2026-03-03", "acme-test-1"]

    def test_different_incidents_are_different_notices(self, channel: Channel) -> None:
        channel.deliver(notice(incident_id="inc-1"))
        channel.deliver(notice(incident_id="inc-2"))
        assert sorted(self.delivered()) == ["inc-1-opened", "inc-2-opened"]

    @pytest.mark.parametrize("language", list(Language))
    def test_both_languages_arrive(self, channel: Channel, language: Language) -> None:
        channel.deliver(notice(language=language))
        assert self.delivered() == ["inc-1-opened"]

    def test_a_notice_that_names_nobody_arrives_too(self, channel: Channel) -> None:
        channel.deliver(replace(notice(), addressees=(), run_id=None))
        assert self.delivered() == ["inc-1-opened"]

    def test_j7_hostile_text_neither_breaks_out_nor_stops_the_notice(self, channel: Channel) -> None:
        channel.deliver(hostile())
        assert self.delivered() == ["inc-1-opened"]
        assert not any(line.startswith("Bcc") for line in self.raw().splitlines())
        assert not set(self.raw()) & {"\x1b", "\u202e", "\x00"}


def hostile() -> Notice:
    """Write what a careless notice might say; channels must not rely on its writer."""
    return replace(notice(), subject=f"Subject {HOSTILE}", body=f"Body {HOSTILE}\n", addressees=(HOSTILE,))
