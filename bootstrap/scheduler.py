"""The scheduler process: make due runs once a second, and sweep every few seconds."""

import threading

from bootstrap.container import House, house
from bootstrap.logging import configure_logging
from bootstrap.process import alive, stop_event, until_stopped
from bootstrap.redis_server import redis_url_of
from bootstrap.settings import read_settings
from producers.schedule import tick

TICK_SECONDS = 1.0


def main() -> None:
    """Run until SIGTERM. Any number of schedulers may run; the store makes each slot one run."""
    settings = read_settings()
    configure_logging(settings.log_level, settings.log_json, "staffetta-scheduler")
    stop = stop_event()
    with house(settings, redis_url_of(settings)) as here, alive(here.redis, "scheduler", stop):
        sweeper = threading.Thread(
            target=until_stopped,
            args=(stop, settings.sweep_seconds, here.sweep, "sweep"),
            name="sweeper",
        )
        sweeper.start()
        until_stopped(stop, TICK_SECONDS, lambda: _tick(here), "tick")
        sweeper.join()


def _tick(here: House) -> None:
    tick(store=here.store, publisher=here.desk.publisher, ids=here.ids)


if __name__ == "__main__":
    main()
