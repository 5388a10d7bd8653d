"""Let what is said arrive: on a terminal that knows few letters, and where nobody listens at all."""

import os
import sys
from io import TextIOWrapper
from pathlib import Path


def fit_streams() -> None:
    """Write what the terminal cannot show as escapes, and into nothing what was closed before we began."""
    sys.stdout = sys.stdout or _nobody()
    sys.stderr = sys.stderr or _nobody()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _nobody() -> TextIOWrapper:
    return TextIOWrapper(Path(os.devnull).open("wb"), encoding="utf-8")
