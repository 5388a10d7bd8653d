"""Start a simulated Personio: `python -m simulators.personio --employees 500 --seed 7 --port 0`."""

import asyncio
import signal
import sys

import msgspec

from simulators.personio.launch import launch
from simulators.personio.options import asked_for
from simulators.personio.server import Server


def main(arguments: list[str]) -> int:
    """Serve until SIGTERM or SIGINT; the first line on stdout says where and with which credential."""
    wish, port = asked_for(arguments)
    try:
        server = Server(launch(wish))
        asyncio.run(_serve(server, port))
    except (OSError, ValueError, LookupError) as refused:
        sys.stderr.write(f"personio simulator: {refused}\n")
        return 1
    return 0


async def _serve(server: Server, port: int) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    server.world.warm()
    await server.start(port)
    sys.stdout.write(msgspec.json.encode(_introduction(server)).decode() + "\n")
    sys.stdout.flush()
    await stop.wait()
    await server.stop()


def _introduction(server: Server) -> dict[str, object]:
    credential = server.world.desk.credential(None)
    return {
        "url": server.url,
        "client_id": credential.client_id,
        "client_secret": credential.client_secret,
        "admin_url": f"{server.url}/__admin",
        "employees": len(server.world.company.people),
        "custom_attributes": server.world.company.catalogue.custom,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
