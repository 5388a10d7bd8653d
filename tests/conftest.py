"""What every test may lean on: one embedded server per session, and no silent skips on the build machine."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from adapters.redis.embedded import start_embedded

SERVICES = ("postgres", "redis", "e2e")


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("redis")
    with start_embedded(folder) as server:
        yield server.url


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that was skipped for want of its service, where every service must be there."""
    report = yield
    needs = [mark for mark in SERVICES if item.get_closest_marker(mark)]
    if report.skipped and needs and not hasattr(report, "wasxfail") and os.environ.get("STAFFETTA_NO_SKIPS"):
        report.outcome = "failed"
        report.longrepr = (
            f"STAFFETTA_NO_SKIPS is set, and {' and '.join(needs)} did not start: {report.longrepr}"
        )
    return report
