"""The SCIM target passes the contract against our simulator, strict and with every bad habit we know."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from adapters.http import AddressPolicy, Outbound
from adapters.targets.scim import ScimTarget
from domain.ports_world import Target
from simulators.scim.handle import ScimSimulator
from simulators.scim.switches import Switches
from tests.contracts.target_contract import TargetContract


class Noon:
    def now(self) -> datetime:
        return datetime(2026, 3, 1, 12, tzinfo=UTC)


@contextmanager
def connected(simulator: ScimSimulator, paths: frozenset[str], page_size: int = 3) -> Iterator[ScimTarget]:
    """Give a target that talks to this simulator over a real socket."""
    outbound = Outbound(simulator.origin, policy=AddressPolicy(allow_private=True))
    base = simulator.url.removeprefix(simulator.origin)
    yield ScimTarget(outbound, simulator.token, paths, Noon(), base, page_size=page_size)
    outbound.close()


class TestScimTarget(TargetContract):
    """Strict in everything."""

    switches = Switches()

    @pytest.fixture
    def target(self) -> Iterator[Target]:
        with (
            ScimSimulator.start(switches=self.switches) as simulator,
            connected(simulator, self.roles.paths) as target,
        ):
            yield target


class TestWithoutPatch(TestScimTarget):
    switches = Switches(patch="unsupported")


class TestWherePatchAnswersNothing(TestScimTarget):
    switches = Switches(patch_answers="nothing")


class TestWhereFiltersAreIgnored(TestScimTarget):
    switches = Switches(filter="ignored")


class TestWhereFiltersAreRefused(TestScimTarget):
    switches = Switches(filter="unsupported_400")


class TestWhereFiltersAreNotImplemented(TestScimTarget):
    switches = Switches(filter="unsupported_501")


class TestWherePagesAreSmallerThanAsked(TestScimTarget):
    switches = Switches(max_page_size=2)


class TestWhereTotalsAreTooSmall(TestScimTarget):
    switches = Switches(total_results_shift=-2, filter="ignored")


class TestWhereTotalsAreTooBig(TestScimTarget):
    switches = Switches(total_results_shift=5)


class TestWhereACreatedAccountIsOnlyPointedAt(TestScimTarget):
    switches = Switches(created_answers="location_only")


class TestWhereRemovingNothingIsFine(TestScimTarget):
    switches = Switches(remove_without_match="ignore")


class TestWhereFlagsAreTexts(TestScimTarget):
    switches = Switches(string_booleans=True)
