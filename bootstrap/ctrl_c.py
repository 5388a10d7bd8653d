"""Hear every Ctrl-C, also one that comes while Python cleans up."""

import signal
import sys
import threading

SOON_SECONDS = 0.05
"""Until then the cleaning is over, which would swallow the second one as well."""


def hear_every_ctrl_c() -> None:
    """Send a Ctrl-C again that met the callback of something thrown away; Python drops what is raised there.

    Seen in SQLAlchemy's `_collection_gced`: five of 74 were lost, and the command went on.
    """
    tell_others = sys.unraisablehook

    def hear(lost: "sys.UnraisableHookArgs") -> None:
        if issubclass(lost.exc_type, KeyboardInterrupt):
            again = threading.Timer(SOON_SECONDS, _press)
            again.daemon = True
            again.start()
        else:
            tell_others(lost)

    sys.unraisablehook = hear


def _press() -> None:
    main = threading.main_thread().ident
    if main is not None:
        signal.pthread_kill(main, signal.SIGINT)
