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


class TestWhereActiveIsSkippedInAPath(TestScimTarget):
    switches = Switches(active_in_path="skipped", patch_answers="nothing")


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


# What real servers were seen to do, a few habits at a time (docs/guides/scim-servers.md)


class TestWhereFiltersAreForbiddenAndVersionsMustBeNamed(TestScimTarget):
    """A manager is a plain id here, as Entra ID sends it."""

    switches = Switches(filter="unsupported_403", insists_on_version=True, manager="text")


class TestWhereWebPagesSayThatNothingIsFound(TestScimTarget):
    """Also to a filter; a conflict has no scimType."""

    switches = Switches(filter="unsupported_404", not_found="html", conflict="bare")


class TestWhereFiltersFindNobodyAndIndexesBeginWithZero(TestScimTarget):
    """A filter on an attribute that django-scim2 does not know finds nobody, with status 200."""

    switches = Switches(unfilterable_attributes=("externalId", "emails.value"), start_index="from_zero")


class TestWherePatchHasNoRouteAndNamesAreInLowerCase(TestScimTarget):
    switches = Switches(patch="unrouted", not_found="html", spelling="lower_case")


class TestWherePathsHaveNoBracketsAndEmailsNoType(TestScimTarget):
    """GitHub says the first of its own server, django-scim2 shows the second."""

    switches = Switches(patch_paths="plain", drop_types=True)


class TestWherePathsWithBracketsAreSkipped(TestScimTarget):
    switches = Switches(patch_paths="skipped", patch_answers="nothing")


class TestWhereAnswersAreLoose(TestScimTarget):
    """Totals and flags are texts, empty lists are left out, as are meta, ETag and Location; 200 for 201."""

    switches = Switches(loose_answers=True, patch="unsupported")


class TestWherePagesAreReadByCursorOnly(TestScimTarget):
    """AWS IAM Identity Center: startIndex is ignored, and the total is that of the page."""

    switches = Switches(cursors=True, filter="unsupported_400")
