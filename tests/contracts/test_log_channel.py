"""The log channel passes the contract, and its lines hold ids alone."""

from collections.abc import Iterator, Sequence

import pytest

from adapters.channels.log import LogChannel
from bootstrap.logging import log_event
from domain.notices import Stage
from domain.ports_channels import Channel
from schemas.log_line import Action
from tests.contracts.channel_contract import ChannelContract
from tests.fakes.incidents import digest, notice, trial
from tests.fakes.log import lines_of, logged


class TestLogChannel(ChannelContract):
    @pytest.fixture
    def channel(self) -> Iterator[Channel]:
        with logged() as stream:
            self._stream = stream
            yield LogChannel(log_event)

    def delivered(self) -> Sequence[str]:
        return [line.notice_id for line in lines_of(self._stream) if line.notice_id]

    def raw(self) -> str:
        return self._stream.getvalue()


def test_every_stage_is_an_action_of_its_own() -> None:
    with logged() as stream:
        channel = LogChannel(log_event)
        for stage in (Stage.OPENED, Stage.ESCALATED, Stage.RESOLVED):
            channel.deliver(notice(stage))
        channel.deliver(digest())
        channel.deliver(trial())
    lines = lines_of(stream)
    assert [line.action for line in lines] == [
        Action.INCIDENT_OPENED,
        Action.INCIDENT_ESCALATED,
        Action.INCIDENT_RESOLVED,
        Action.INCIDENTS_STANDING,
        Action.NOTICE_TRIED,
    ]
    assert [(line.tenant_id, line.run_id, line.incident_id, line.count) for line in lines] == [
        *[("acme", "run-7", "inc-1", 3)] * 3,
        ("acme", None, None, 2),
        ("acme", None, None, 0),
    ]


def test_no_address_and_no_word_of_the_notice_is_in_the_line() -> None:
    with logged() as stream:
        LogChannel(log_event).deliver(notice())
    assert "owner@acme.test" not in stream.getvalue()
    assert "Personio" not in stream.getvalue()
