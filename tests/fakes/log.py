"""Logging as a process sets it up, for the length of one test, into a stream that can be read."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import structlog

from bootstrap.logging import OURS, PINNED, configure_logging
from schemas.log_line import Line, read_line

NAMED = (*OURS, *PINNED)


@contextmanager
def logged(level: str = "debug", *, json: bool = True) -> Iterator[StringIO]:
    """Collect lines; what was set up before is set up again afterwards."""
    root = logging.getLogger()
    handlers, root_level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in NAMED}
    stream = StringIO()
    configure_logging(level, json, "test", stream)
    try:
        yield stream
    finally:
        root.handlers[:] = handlers
        root.setLevel(root_level)
        for name, before in levels.items():
            logging.getLogger(name).setLevel(before)
        structlog.reset_defaults()


def lines_of(stream: StringIO) -> list[Line]:
    """Read every line against the schema."""
    return [read_line(text) for text in stream.getvalue().splitlines()]
