"""What producers ask of the store about versions of a configuration that are not in use yet."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from domain.config import Configuration
from domain.ids import ConfigVersion, RunId, TenantId
from domain.scope import Standing
from domain.versions import VersionRecord


class Versions(Protocol):
    """Keep proposals apart from what counts, and the people that a proposal's plan saw."""

    def propose(self, tenant_id: TenantId, config: Configuration, by: str) -> ConfigVersion:
        """Store a version that waits to be adopted, and discard the one that waited.

        What equals the version that counts, or the one that waits, adds none: that one is returned.
        """
        ...

    def adopt(self, tenant_id: TenantId, version: ConfigVersion, by: str) -> bool:
        """Let a waiting version count; False if it waits no more, or was proposed over another version."""
        ...

    def discard(self, tenant_id: TenantId) -> int:
        """Discard what waits, and the people that its plan laid aside; tells how many versions."""
        ...

    def history(self, tenant_id: TenantId) -> Sequence[VersionRecord]:
        """List all versions, oldest first."""
        ...

    def standings(self, tenant_id: TenantId, run_id: RunId) -> Mapping[Standing, int]:
        """Count where the people on a run's pages stand under the version of that run."""
        ...

    def promote(self, tenant_id: TenantId, run_id: RunId) -> int:
        """Let the people that a plan laid aside replace those known, except who was read again since."""
        ...
