"""The command line: what an operator types, and what it answers."""

import os
import signal
import sys
from importlib import import_module

from bootstrap.ctrl_c import hear_every_ctrl_c
from bootstrap.streams import fit_streams

INTERRUPTED = 130


def main() -> None:
    """Run what was typed and exit with its code; Ctrl-C while all of it is being read in takes one line."""
    ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if ours:
        signal.signal(signal.SIGINT, lambda *_: _leave())
    fit_streams()
    run = import_module("bootstrap.cli.app").build()
    if ours:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        hear_every_ctrl_c()
    try:
        run(prog_name="staffetta")
    except KeyboardInterrupt:
        _leave()


def _leave() -> None:
    """End at once: an import that is interrupted half way would end in a traceback."""
    os.write(
        sys.__stderr__.fileno() if sys.__stderr__ else 2, b"Interrupted before anything was asked for.\n"
    )
    os._exit(INTERRUPTED)
