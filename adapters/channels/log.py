"""Write notices into the log, where dashboards and alerts look: ids, cause and count, no words."""

from collections import deque
from threading import Lock
from typing import assert_never

from domain.notices import Notice, Stage
from schemas.log_line import Action, Fields, LogEvent

REMEMBERED = 512


class LogChannel:
    """Log one line per notice.

    A repeat within one process is recognised; over a crash or another worker the line carries the same
    `notice.id`, by which a dashboard counts it once.
    """

    def __init__(self, log_event: LogEvent) -> None:
        self._log_event = log_event
        self._told: deque[str] = deque(maxlen=REMEMBERED)
        self._lock = Lock()

    def deliver(self, notice: Notice) -> None:
        """Log the opening or the end of an incident."""
        with self._lock:
            if notice.notice_id not in self._told:
                self._write(notice)
                self._told.append(notice.notice_id)

    def _write(self, notice: Notice) -> None:
        fields = _fields(notice)
        match notice.stage:
            case Stage.OPENED:
                self._log_event(Action.INCIDENT_OPENED, **fields)
            case Stage.RESOLVED:
                self._log_event(Action.INCIDENT_RESOLVED, **fields)
            case _:
                assert_never(notice.stage)


def _fields(notice: Notice) -> Fields:
    fields = Fields(
        tenant_id=notice.tenant_id,
        incident_id=notice.incident_id,
        notice_id=notice.notice_id,
        reason=notice.code.value,
        count=notice.count,
    )
    return fields if notice.run_id is None else {**fields, "run_id": notice.run_id}
