"""Run the demo: exit 0 if everybody travelled correctly, 1 with the differences otherwise."""

import sys

from bootstrap.demo.story import tell

if __name__ == "__main__":
    sys.exit(tell())
