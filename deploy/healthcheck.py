"""Tell whether the process of this container shows a sign of life: exit 0, or 1.

Usage: python deploy/healthcheck.py fetch
"""  # noqa: INP001  a script of the image, not a package

import socket
import sys
from collections.abc import Sequence

from adapters.redis.connect import connect
from adapters.redis.presence import Presence
from bootstrap.redis_server import redis_url_of
from bootstrap.settings import read_settings


def main(words: Sequence[str]) -> int:
    """Ask Redis, where every process of ours leaves a sign each two seconds that fades after six."""
    client = connect(redis_url_of(read_settings()))
    try:
        return 0 if Presence(client).here(words[0], socket.gethostname()) else 1
    finally:
        client.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
