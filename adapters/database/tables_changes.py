"""The table of all plans' rows, with one index for each question that is asked often, and past decisions."""

from collections.abc import Iterable

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    TextClause,
    text,
)

from adapters.database.session import METADATA
from adapters.database.tables import FINGERPRINT, of_tenant
from domain.changes import KEEPS_RUN_GOING, OPEN, UNSETTLED, ChangeState


def _in_states(states: Iterable[ChangeState]) -> TextClause:
    words = ", ".join(f"'{word}'" for word in sorted(state.value for state in states))
    return text(f"state IN ({words})")


def _partial(name: str, *columns: str, where: TextClause, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


def _in_state(state: ChangeState) -> TextClause:
    return text(f"state = '{state.value}'")


TELLING = "settled_at IS NOT NULL AND length(sealed) > 0"
EMPTIED = "settled_at IS NOT NULL AND length(sealed) = 0"
"""Settled rows that still say what they changed, and those whose values were forgotten."""

CHANGES = Table(
    "changes",
    METADATA,
    Column("change_id", Text, primary_key=True),
    of_tenant(),
    Column("run_id", Text, nullable=False),
    Column("carried_by", Text),  # the newest run that wanted just the same
    Column("person_id", Text, nullable=False),
    Column("aspect", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("lane", SmallInteger, nullable=False),
    Column("queue", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("why", Text),
    Column("detail", Text, nullable=False, server_default=""),
    Column("to_hold", Boolean, nullable=False),  # planned or proposed: becomes held when it is released
    Column("blocked_on", Text),  # planned or proposed: becomes blocked when it is released
    Column("cause", Text),
    Column("config_version", Integer, nullable=False),
    Column("link_version", Integer, nullable=False),
    Column("snapshot", LargeBinary, nullable=False),
    Column(
        "digest", FINGERPRINT, nullable=False
    ),  # of what was wished: person, aspect, action, after, cause …
    Column("essence", FINGERPRINT, nullable=False),  # of what a human's decision over this row binds to
    Column("takes_key", FINGERPRINT),
    Column("frees_key", FINGERPRINT),
    Column("external_key", FINGERPRINT),
    Column("match_key", FINGERPRINT),
    Column("sealed", LargeBinary, nullable=False),
    Column("before_manager", Text),
    Column("after_manager", Text),
    Column("account_id", Text),
    Column("strict", Boolean, nullable=False),
    Column("dated", Boolean, nullable=False),  # closes: status and a past date both say that they left
    Column("tries", Integer, nullable=False),
    Column("crashes", Integer, nullable=False),
    Column("due_at", BigInteger),
    Column("intent_at", BigInteger),
    Column("sent_at", BigInteger),
    Column("intent_before", BigInteger),  # the intent as it was before the present try
    Column("lease_token", Text),
    Column("lease_until", BigInteger),
    Column("rung_at", BigInteger),
    Column("envelope_id", Text),
    Column("superseded_by", Text),
    Column("undoes", Text),  # the row that this one takes back
    Column("done_version", Integer),  # of the link, once this row was done
    Column("planned_at", BigInteger, nullable=False),
    Column("settled_at", BigInteger),
    Index("ix_changes_run", "tenant_id", "run_id", "change_id"),
    Index("ix_changes_lately", "tenant_id", "action", "planned_at"),
    Index("ix_changes_person", "tenant_id", "person_id", "change_id"),
    _partial("uq_changes_open", "tenant_id", "person_id", "aspect", where=_in_states(OPEN), unique=True),
    _partial(
        "uq_changes_planned",
        "tenant_id",
        "run_id",
        "person_id",
        "aspect",
        where=_in_state(ChangeState.PLANNED),
        unique=True,
    ),
    _partial("ix_changes_going", "tenant_id", "run_id", "tries", "lane", where=_in_states(KEEPS_RUN_GOING)),
    _partial(
        "ix_changes_window",
        "tenant_id",
        "queue",
        "run_id",
        "lane",
        "change_id",
        where=_in_state(ChangeState.RELEASED),
    ),
    _partial(
        "ix_changes_rung",
        "tenant_id",
        "queue",
        "envelope_id",
        where=text("state = 'released' AND rung_at IS NOT NULL"),
    ),
    _partial("ix_changes_working", "tenant_id", "person_id", where=_in_state(ChangeState.WORKING)),
    _partial("ix_changes_waiting", "tenant_id", "queue", "due_at", where=_in_state(ChangeState.WAITING)),
    _partial("ix_changes_blocked", "tenant_id", "blocked_on", where=_in_state(ChangeState.BLOCKED)),
    _partial("ix_changes_lost", "tenant_id", where=text("state = 'dead' AND intent_at IS NOT NULL")),
    _partial("ix_changes_old", "planned_at", where=_in_states({ChangeState.HELD, ChangeState.PROPOSED})),
    _partial("ix_changes_telling", "settled_at", where=text(TELLING)),
    _partial("ix_changes_emptied", "settled_at", where=text(EMPTIED)),
    _partial("ix_changes_carried", "tenant_id", "carried_by", where=text("carried_by IS NOT NULL")),
    _partial("ix_changes_parked", "tenant_id", where=_in_state(ChangeState.PARKED)),
    _partial("ix_changes_wanted", "tenant_id", "takes_key", where=_in_states(UNSETTLED)),
)

DECISIONS = Table(
    "decisions",
    METADATA,
    of_tenant(key=True),
    Column("person_id", Text, primary_key=True),
    Column("aspect", Text, primary_key=True),
    Column("digest", FINGERPRINT, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("why", Text),
    Column("change_id", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("until", BigInteger),
    Column("at", BigInteger, nullable=False),
)
