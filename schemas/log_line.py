"""One line of the log: ECS names for the base, OpenTelemetry names for messages, ids and never values.

Whoever writes a line hands `LogEvent` an action of the closed list and fields of the closed set.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal, Protocol, TypedDict, Unpack

import msgspec

ECS_VERSION = "8.11"
LONGEST_LINE = 8_192

Level = Literal["debug", "info", "warning", "error", "critical"]
OutcomeWord = Literal["success", "failure", "unknown"]


class Action(StrEnum):
    """Name everything that a line can tell of."""

    PROCESS_STARTED = "process.started"
    PROCESS_STOPPED = "process.stopped"
    PROCESS_STUMBLED = "process.stumbled"
    RUN_STARTED = "run.started"
    RUN_ENDED = "run.ended"
    PAGE_FETCHED = "page.fetched"
    TARGET_LISTED = "target.listed"
    RUN_CONCLUDED = "run.concluded"
    EVENT_EMITTED = "event.emitted"
    EVENT_HANDLED = "event.handled"
    EVENT_POSTPONED = "event.postponed"
    EVENT_FAILED = "event.failed"
    ENVELOPE_PROCESSED = "envelope.processed"
    ITEM_APPLIED = "item.applied"
    ITEM_SKIPPED = "item.skipped"
    ITEM_HELD = "item.held"
    ITEM_POSTPONED = "item.postponed"
    ITEM_OUTDATED = "item.outdated"
    ITEM_DEADLETTERED = "item.deadlettered"
    MESSAGE_DEADLETTERED = "message.deadlettered"
    MESSAGE_PARKED = "message.parked"
    BELL_LOST = "bell.lost"
    SWEEP_REEMITTED = "sweep.reemitted"
    SWEEP_FAILED = "sweep.failed"
    QUEUE_LOST = "queue.lost"
    QUEUE_FORGETFUL = "queue.forgetful"
    HISTORY_PRUNED = "history.pruned"
    HISTORY_PRUNE_FAILED = "history.prune-failed"
    SCHEDULE_FIRED = "schedule.fired"
    SCHEDULE_FAILED = "schedule.failed"
    SCHEDULE_SILENT = "schedule.silent"
    DELETIONS_DUE = "deletions.due"
    TENANT_ACTIVATED = "tenant.activated"
    TENANT_PAUSED = "tenant.paused"
    TENANT_RESUMED = "tenant.resumed"
    TENANT_BLOCKED = "tenant.blocked"
    TENANT_STOPPED = "tenant.stopped"
    TENANT_PROBED = "tenant.probed"
    TENANT_ENDING = "tenant.ending"
    INCIDENT_OPENED = "incident.opened"
    INCIDENT_ESCALATED = "incident.escalated"
    INCIDENT_RESOLVED = "incident.resolved"
    INCIDENTS_STANDING = "incidents.standing"
    INCIDENT_TOLD = "incident.told"
    NOTICE_DELIVERED = "notice.delivered"
    NOTICE_TRIED = "notice.tried"
    NOTICE_UNDELIVERED = "notice.undelivered"
    OPERATOR_ACTION = "operator.action"
    LIBRARY_SAID = "library.said"
    ERROR_UNCAUGHT = "error.uncaught"


MESSAGES: dict[Action, tuple[Level, str]] = {
    Action.PROCESS_STARTED: ("info", "process started"),
    Action.PROCESS_STOPPED: ("info", "process stopped"),
    Action.PROCESS_STUMBLED: ("warning", "a process ended unasked; it is started again"),
    Action.RUN_STARTED: ("info", "run started"),
    Action.RUN_ENDED: ("info", "run ended"),
    Action.PAGE_FETCHED: ("info", "page read"),
    Action.TARGET_LISTED: ("info", "accounts of the target listed"),
    Action.RUN_CONCLUDED: ("info", "run concluded"),
    Action.EVENT_EMITTED: ("debug", "doorbell rung"),
    Action.EVENT_HANDLED: ("info", "event handled"),
    Action.EVENT_POSTPONED: ("info", "event waits"),
    Action.EVENT_FAILED: ("error", "event failed"),
    Action.ENVELOPE_PROCESSED: ("info", "envelope processed"),
    Action.ITEM_APPLIED: ("debug", "change applied"),
    Action.ITEM_SKIPPED: ("info", "people skipped for one cause"),
    Action.ITEM_HELD: ("warning", "people held for one cause"),
    Action.ITEM_POSTPONED: ("debug", "change waits"),
    Action.ITEM_OUTDATED: ("info", "the world of a change moved; its person is looked at afresh"),
    Action.ITEM_DEADLETTERED: ("error", "change died"),
    Action.MESSAGE_DEADLETTERED: ("error", "message died"),
    Action.MESSAGE_PARKED: ("warning", "message of an unknown version parked"),
    Action.BELL_LOST: ("warning", "the queue is away; the sweeper rings later"),
    Action.SWEEP_REEMITTED: ("info", "doorbells rung again"),
    Action.SWEEP_FAILED: ("error", "sweep failed"),
    Action.QUEUE_LOST: ("warning", "the queue was emptied; everything due is rung again"),
    Action.QUEUE_FORGETFUL: ("warning", "Redis may lose messages; the sweeper would ring them again"),
    Action.HISTORY_PRUNED: ("info", "old history forgotten"),
    Action.HISTORY_PRUNE_FAILED: ("error", "old history could not be forgotten"),
    Action.SCHEDULE_FIRED: ("info", "schedule fired"),
    Action.SCHEDULE_FAILED: ("error", "schedule failed"),
    Action.SCHEDULE_SILENT: ("error", "no run ended well for two intervals"),
    Action.DELETIONS_DUE: ("warning", "closed accounts are removed, as the policy asks"),
    Action.TENANT_ACTIVATED: ("info", "tenant activated"),
    Action.TENANT_PAUSED: ("warning", "tenant paused"),
    Action.TENANT_RESUMED: ("info", "tenant resumed"),
    Action.TENANT_BLOCKED: ("error", "tenant blocked"),
    Action.TENANT_STOPPED: ("warning", "tenant stopped"),
    Action.TENANT_PROBED: ("info", "a tenant that rests was looked at"),
    Action.TENANT_ENDING: ("warning", "a tenant that rests will be stopped"),
    Action.INCIDENT_OPENED: ("warning", "incident opened"),
    Action.INCIDENT_ESCALATED: ("error", "incident still open"),
    Action.INCIDENT_RESOLVED: ("info", "incident resolved"),
    Action.INCIDENTS_STANDING: ("warning", "incidents still open, told once a day"),
    Action.INCIDENT_TOLD: ("info", "incident told"),
    Action.NOTICE_DELIVERED: ("info", "notice delivered"),
    Action.NOTICE_TRIED: ("info", "a test of the channels"),
    Action.NOTICE_UNDELIVERED: ("error", "a message to humans cannot be delivered"),
    Action.OPERATOR_ACTION: ("info", "operator acted"),
    Action.LIBRARY_SAID: ("info", "a library said"),
    Action.ERROR_UNCAUGHT: ("error", "an error nobody caught"),
}
"""The level and the constant text of each action; values go into fields."""

Id = Annotated[str, msgspec.Meta(max_length=200, pattern=r"\A[^\x00-\x20]*\Z")]
Word = Annotated[str, msgspec.Meta(max_length=1_024)]
Text = Annotated[str, msgspec.Meta(max_length=4_096)]
Count = Annotated[int, msgspec.Meta(ge=0)]


class Fields(TypedDict, total=False):
    """What a line may say besides its action, by the names that Python allows; `Line` has the others."""

    outcome: OutcomeWord
    reason: str
    duration_ns: int
    tenant_id: str
    run_id: str
    run_kind: str
    config_version: int
    item_ref: str
    item_action: str
    incident_id: str
    notice_id: str
    letter_id: str
    envelope_id: str
    channel: str
    attempt: int
    count: int
    counts: Mapping[str, int]
    queue: str
    operation: Literal["send", "receive", "process", "settle"]
    message_id: str
    http_method: str
    http_status: int
    url_domain: str
    url_template: str
    error_type: str
    error_code: str
    error_message: str
    user_id: str
    trace_id: str
    span_id: str


class LogEvent(Protocol):
    """Write one line. Handed to whoever logs; `bootstrap.logging.log_event` is the real one."""

    def __call__(
        self, action: Action, *, failure: BaseException | None = None, **fields: Unpack[Fields]
    ) -> None:
        """Write the line of this action; `failure` becomes type, masked message and places."""
        ...


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """One line as it stands in the log: flat, dotted names.

    `counts` stands there as one number per name (`count.applied`), so that dashboards can add them up.
    """

    timestamp: Annotated[str, msgspec.Meta(pattern=r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")] = (
        msgspec.field(name="@timestamp")
    )
    level: Level = msgspec.field(name="log.level")
    message: Text
    action: Action = msgspec.field(name="event.action")
    logger: Id = msgspec.field(name="log.logger")
    ecs_version: str = msgspec.field(name="ecs.version")
    service_name: Id = msgspec.field(name="service.name")
    service_version: Id = msgspec.field(name="service.version")
    service_instance: Id = msgspec.field(name="service.instance.id")
    outcome: OutcomeWord | None = msgspec.field(name="event.outcome", default=None)
    reason: Word | None = msgspec.field(name="event.reason", default=None)
    duration_ns: Count | None = msgspec.field(name="event.duration", default=None)
    tenant_id: Id | None = msgspec.field(name="tenant.id", default=None)
    run_id: Id | None = msgspec.field(name="run.id", default=None)
    run_kind: Id | None = msgspec.field(name="run.kind", default=None)
    config_version: Count | None = msgspec.field(name="run.config_version", default=None)
    item_ref: Id | None = msgspec.field(name="item.ref", default=None)
    item_action: Id | None = msgspec.field(name="item.action", default=None)
    incident_id: Id | None = msgspec.field(name="incident.id", default=None)
    notice_id: Id | None = msgspec.field(name="notice.id", default=None)
    letter_id: Id | None = msgspec.field(name="letter.id", default=None)
    envelope_id: Id | None = msgspec.field(name="envelope.id", default=None)
    channel: Id | None = msgspec.field(name="notice.channel", default=None)
    attempt: Count | None = None
    count: Count | None = msgspec.field(name="item.count", default=None)
    messaging_system: Literal["redis"] | None = msgspec.field(name="messaging.system", default=None)
    queue: Id | None = msgspec.field(name="messaging.destination.name", default=None)
    operation: Literal["send", "receive", "process", "settle"] | None = msgspec.field(
        name="messaging.operation.type", default=None
    )
    message_id: Id | None = msgspec.field(name="messaging.message.id", default=None)
    conversation_id: Id | None = msgspec.field(name="messaging.message.conversation_id", default=None)
    http_method: Id | None = msgspec.field(name="http.request.method", default=None)
    http_status: Count | None = msgspec.field(name="http.response.status_code", default=None)
    url_domain: Id | None = msgspec.field(name="url.domain", default=None)
    url_template: Word | None = msgspec.field(name="url.template", default=None)
    error_type: Word | None = msgspec.field(name="error.type", default=None)
    error_code: Word | None = msgspec.field(name="error.code", default=None)
    error_message: Word | None = msgspec.field(name="error.message", default=None)
    error_places: Text | None = msgspec.field(name="error.stack_trace", default=None)
    user_id: Id | None = msgspec.field(name="user.id", default=None)
    trace_id: Id | None = msgspec.field(name="trace_id", default=None)
    span_id: Id | None = msgspec.field(name="span_id", default=None)
    dropped: Word | None = msgspec.field(name="log.dropped", default=None)
    truncated: bool | None = msgspec.field(name="log.truncated", default=None)
    counts: dict[str, Count] = {}


NAMES: dict[str, str] = {field.name: field.encode_name for field in msgspec.structs.fields(Line)}
"""From the names that Python allows to those on the line."""

REQUIRED: frozenset[str] = frozenset(
    field.encode_name
    for field in msgspec.structs.fields(Line)
    if field.default is msgspec.NODEFAULT and field.default_factory is msgspec.NODEFAULT
)


COUNT = re.compile(r"count\.(?P<name>[a-z][a-z0-9_-]{0,40})")


def read_line(text: str | bytes) -> Line:
    """Read one line back; raises msgspec.ValidationError naming the first field that breaks the schema."""
    said = msgspec.json.decode(text, type=dict[str, str | int | bool])
    counts = {found["name"]: said.pop(key) for key in list(said) if (found := COUNT.fullmatch(key))}
    return msgspec.convert(said | ({"counts": counts} if counts else {}), Line)
