"""Start the simulator alone: `python -m simulators.scim --port 0` prints its URL and token as JSON."""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Sequence

from simulators.scim.handle import Parts, address, system_clock
from simulators.scim.switches import Switches


def main(arguments: Sequence[str]) -> int:
    """Serve until SIGTERM or SIGINT."""
    options = _parser().parse_args(arguments)
    switches = Switches(latency_ms=options.latency_ms, write_latency_ms=options.write_latency_ms)
    try:
        asyncio.run(_serve(Parts(options.token, options.users, switches, system_clock), options.port))
    except OSError as error:
        sys.stderr.write(
            f"cannot listen on port {options.port}: {error.strerror}; use --port 0 for a free one\n"
        )
        return 1
    return 0


async def _serve(parts: Parts, port: int) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with parts.server().listening(port) as bound:
        sys.stdout.write(json.dumps({"url": address(bound), "token": parts.token}) + "\n")
        sys.stdout.flush()
        await ended.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulators.scim", description=main.__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token", help="the bearer token to accept; without it one is made and printed")
    parser.add_argument("--users", type=int, default=0, help="accounts that are there from the start")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="added to every SCIM request")
    parser.add_argument("--write-latency-ms", type=float, default=0.0, help="added to writes, on top")
    return parser


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
