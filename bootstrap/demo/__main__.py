"""Run the demo: exit 0 if everybody travelled correctly, 1 with the differences otherwise."""

import sys

from bootstrap.demo.story import tell
from bootstrap.streams import fit_streams

if __name__ == "__main__":
    fit_streams()
    sys.exit(tell())
