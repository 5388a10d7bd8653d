"""Build the ways in which this installation reaches humans."""

from collections.abc import Sequence

from adapters.channels.file import FileChannel
from adapters.channels.log import LogChannel
from bootstrap.logging import log_event
from bootstrap.settings import Settings
from domain.ports_channels import Channel


def build_channels(settings: Settings) -> Sequence[Channel]:
    """Return the log, which always works, and the folder of mails."""
    return (
        LogChannel(log_event),
        FileChannel(settings.outbox, "staffetta@localhost", settings.operator_email),
    )
