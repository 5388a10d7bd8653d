"""Let what is said arrive: on a terminal that knows few letters, and where nobody listens at all."""

import contextlib
import os
import sys
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path


class NobodyReadsError(Exception):
    """Say that whoever read our output has gone."""


def fit_streams() -> None:
    """Write what the terminal cannot show as escapes, and into nothing what was closed before we began."""
    sys.stdout = sys.stdout or _nobody()
    sys.stderr = sys.stderr or _nobody()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@contextlib.contextmanager
def while_somebody_reads() -> Iterator[None]:
    """End a block as a Unix tool does whose reader has gone (`| head -1`)."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        _let_go()
        raise NobodyReadsError from None


def _let_go() -> None:
    """Point the output into nothing, so that what is still to be flushed at the end harms nobody."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(nothing, stream.fileno())
    os.close(nothing)


def _nobody() -> TextIOWrapper:
    return TextIOWrapper(Path(os.devnull).open("wb"), encoding="utf-8")
