"""Write notices into the log, where dashboards and alerts look: ids, cause and count, no words."""

from typing import assert_never

from adapters.channels.once import Once
from domain.notices import Notice, Stage
from domain.ports_channels import Delivered
from schemas.log_line import Action, Fields, LogEvent


class LogChannel:
    """Log one line per notice.

    A repeat within one process is recognised; over a crash or another worker the line carries the same
    `notice.id`, by which a dashboard counts it once.
    """

    name = "log"
    addressed = False
    doubles_harmless = True

    def __init__(self, log_event: LogEvent) -> None:
        self._log_event = log_event
        self._once = Once()

    def deliver(self, notice: Notice, *, patient: bool = False) -> Delivered:
        """Log that something began, is still open, or is over."""
        del patient  # a line is written or it is not
        return self._once.deliver(notice.notice_id, lambda: self._written(notice))

    def _written(self, notice: Notice) -> Delivered:
        fields = _fields(notice)
        match notice.stage:
            case Stage.OPENED:
                self._log_event(Action.INCIDENT_OPENED, **fields)
            case Stage.ESCALATED:
                self._log_event(Action.INCIDENT_ESCALATED, **fields)
            case Stage.RESOLVED:
                self._log_event(Action.INCIDENT_RESOLVED, **fields)
            case Stage.DIGEST:
                self._log_event(Action.INCIDENTS_STANDING, **fields)
            case Stage.TEST:
                self._log_event(Action.NOTICE_TRIED, **fields)
            case _:
                assert_never(notice.stage)
        return Delivered()


def _fields(notice: Notice) -> Fields:
    fields = Fields(tenant_id=notice.tenant_id, notice_id=notice.notice_id, count=notice.count)
    if notice.incident_id is not None:
        fields["incident_id"] = notice.incident_id
    if notice.code is not None:
        fields["reason"] = notice.code.value
    if notice.run_id is not None:
        fields["run_id"] = notice.run_id
    return fields
