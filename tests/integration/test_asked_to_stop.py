"""A process that is asked to stop ends, whichever of its threads the signal meets."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MEETS_ANOTHER_THREAD = """
import signal, threading
from bootstrap.process import stop_event, wait_until_asked

stop = stop_event()
ready = threading.Event()

def meet() -> None:
    ready.wait(5)
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    threading.Event().wait(20)

threading.Thread(target=meet, daemon=True).start()
threading.Timer(0.3, ready.set).start()
wait_until_asked(stop)
"""


def test_a15_a_signal_that_meets_another_thread_is_heard() -> None:
    done = subprocess.run([sys.executable, "-c", MEETS_ANOTHER_THREAD], cwd=ROOT, timeout=15, check=False)
    assert done.returncode == 0
