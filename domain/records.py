"""Records that handlers hand to the store and get back from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from domain.account import Scalar
from domain.attributes import Fill
from domain.changes import Change, ChangeState
from domain.codes import Code
from domain.compare import Wish
from domain.feed import PageMark
from domain.ids import AccountId, ChangeId, IncidentId, LetterId, PersonId, RunId, TenantId
from domain.link import Link
from domain.run import RunKind
from domain.scope import Standing


@dataclass(frozen=True, slots=True)
class Connection:
    """Where a tenant's people come from and where they go, secrets included. Never printed, never logged.

    `target_kind` names an entry of the catalogue («scim», «memory»).
    """

    source_url: str
    client_id: str
    client_secret: str
    target_kind: str
    target_url: str
    target_token: str

    def __repr__(self) -> str:
        """Hide everything that is secret from tracebacks and logs."""
        return f"Connection({self.source_url!r}, {self.target_kind!r}, {self.target_url!r})"


@dataclass(frozen=True, slots=True)
class Seen:
    """What is stored of one person. `values` is None for people out of scope: id, digest and reason only."""

    person_id: PersonId
    digest: bytes
    standing: Standing
    why: Code | None
    detail: str = ""
    warning: Code | None = None
    values: Mapping[str, Scalar] | None = None
    supervisor: PersonId | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """The little that a page needs of each person that we knew before."""

    digest: bytes
    standing: Standing


@dataclass(frozen=True, slots=True)
class PageRecord:
    """One page as it is remembered: who was on it, and how many people were skipped for which reason.

    `fills` tells for each attribute on how many of its records it was, and on how many it said something.
    """

    mark: PageMark
    person_ids: tuple[PersonId, ...]
    unchanged: int
    skipped: Mapping[str, int]
    warnings: Mapping[str, int]
    next_cursor: str | None
    fills: Mapping[str, Fill] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run that somebody asks for. `slot` is unique per tenant: asking twice makes one run.

    `missed` counts earlier slots of the schedule that it stands for as well.
    """

    kind: RunKind
    slot: str
    by: str
    plan_only: bool = False
    person_id: PersonId | None = None
    missed: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """One claimed row with all that is needed to do it. `manager` is the account of `after_manager`."""

    change: Change
    link: Link | None
    manager: AccountId | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The target has it: store the link as it is now, or forget it. `state` is applied or already-so.

    `believed` names what was in doubt about the account and is known again. Only a row that `manages` sent
    who the manager is; `referred` is the manager's account, if there is one.
    """

    change_id: ChangeId
    state: ChangeState
    link: Link
    digest: bytes
    key: str | None
    note: str = ""
    forget: bool = False
    believed: frozenset[str] = frozenset()
    manages: bool = False
    referred: AccountId | None = None


@dataclass(frozen=True, slots=True)
class Postponed:
    """Not now: the row waits that long.

    `intent_kept`: a request of this row, now or earlier, may have been acted upon. `sent`: now. Where it was
    not the row's fault, because the target rests, no try is `counted`. So long as an agreement to do it later
    `stands`, the request counts as on its way.
    """

    change_id: ChangeId
    code: Code
    detail: str
    wait: timedelta
    intent_kept: bool
    sent: bool = False
    counted: bool = True
    stands: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Refused:
    """Never: the row dies, and a letter and an incident tell why.

    `intent_kept`: a request of this row may have been acted upon; a requeue looks before it asks again.
    """

    change_id: ChangeId
    code: Code
    detail: str
    intent_kept: bool = False


@dataclass(frozen=True, slots=True)
class Outdated:
    """A row whose world has moved: nothing was sent, somebody looks afresh.

    `made`: what an earlier try of it had done after all, and nobody has recorded yet.
    """

    change_id: ChangeId
    code: Code
    detail: str
    made: Done | None = None


@dataclass(frozen=True, slots=True)
class Returned:
    """The row was not tried (the tenant got blocked meanwhile): it is due again as if never taken."""

    change_id: ChangeId


@dataclass(frozen=True, slots=True)
class Removed:
    """The account is gone for good, and so is the link. `state` is applied or already-so."""

    change_id: ChangeId
    state: ChangeState


Settlement: TypeAlias = Done | Removed | Postponed | Refused | Outdated | Returned


@dataclass(frozen=True, slots=True)
class Settled:
    """What of an envelope was recorded, as its holder still had those rows, and the letters of the dead."""

    recorded: tuple[Settlement, ...]
    letters: tuple[LetterId, ...]


@dataclass(frozen=True, slots=True)
class Expired:
    """How many rows their workers left behind when they crashed, and which of them died of it."""

    count: int
    died: tuple[ChangeId, ...] = ()


@dataclass(frozen=True, slots=True)
class Incident:
    """One cause that a human must know, however many people it concerns.

    `reopened` counts how often the same had just been over and came back.
    """

    incident_id: IncidentId
    tenant_id: TenantId
    code: Code
    detail: str
    count: int
    opened_at: datetime
    last_seen_at: datetime
    resolved_at: datetime | None
    told_open_at: datetime | None
    told_resolved_at: datetime | None
    run_id: RunId | None
    reopened: int = 0


@dataclass(frozen=True, slots=True)
class Planned:
    """A row to be inserted by conclude itself, such as giving a name up."""

    wish: Wish
    blocked_on: str | None
