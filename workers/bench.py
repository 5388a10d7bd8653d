"""What the rows of one envelope are done with, and how a row that was done is told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.account import Account, Scalar
from domain.changes import ChangeState
from domain.codes import Code
from domain.compare import canonical
from domain.config import Configuration
from domain.doubts import settled
from domain.identity import Claims, Wanted
from domain.ids import TenantId
from domain.link import Link
from domain.mapping import compared, same_key
from domain.ports_world import Target, Vault
from domain.records import Done, Job

NOT_FOUND_PATHS = frozenset({"active", "externalId"})
"""Notes about a found account that stand beside its values in a link row's before."""


Owners = Callable[[Sequence[Account], Wanted], Claims]
"""Tell whose these accounts are: linked to others, given to others in this envelope, or theirs before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What one envelope's rows are done with. `listed`: creates were compared with a complete list.

    `silent`: the target has answered nobody of late; no row is given up while that is so. `came_back` asks
    the source about somebody whom older news would close, and says what speaks against it.
    """

    tenant_id: TenantId
    target: Target
    config: Configuration
    vault: Vault
    now: datetime
    listed: bool
    stale: Mapping[str, Code]
    claims: Owners
    came_back: Callable[[Job], str]
    silent: bool
    dice: float


def done(job: Job, bench: Bench, link: Link, *, sent: bool = True, note: str = "") -> Done:
    """Settle a row with the account as it is now; not `sent`: it was so already."""
    name = link.values.get(bench.config.unique_path)
    key = same_key(name) if isinstance(name, str) and name else None
    state = ChangeState.APPLIED if sent else ChangeState.ALREADY_SO
    values = canonical(compared(link.values, bench.config))
    digest = bench.vault.digest(bench.tenant_id, "draft", values)
    believed = settled(job.change, job.link.doubts) if job.link else frozenset()
    return Done(job.change.change_id, state, link, digest, key, note, believed=believed)


def values_of(found: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """Take the notes away that stand beside the values of a found account."""
    return {path: value for path, value in found.items() if path not in NOT_FOUND_PATHS}
