"""A channel that keeps what it was told, and fails by appointment."""

from collections.abc import Callable

from domain.errors import TemporaryError
from domain.notices import Notice
from domain.ports_channels import Delivered


class FakeChannel:
    """Remember notices in the order of their arrival, doubles too.

    `failures` are raised one after the other before anything is kept, `always` each time; `before` and
    `after` run around the arrival.
    """

    def __init__(
        self,
        *failures: Exception,
        name: str = "fake",
        addressed: bool = True,
        doubles_harmless: bool = False,
        always: Exception | None = None,
        before: Callable[[], object] = lambda: None,
        after: Callable[[], object] = lambda: None,
        answer: Delivered | None = None,
    ) -> None:
        self.name = name
        self.addressed = addressed
        self.doubles_harmless = doubles_harmless
        self.always = always
        self.answer = answer or Delivered()
        self.arrived: list[Notice] = []
        self.patience: list[bool] = []
        self.before = before
        self.after = after
        self._failures = list(failures)

    def deliver(self, notice: Notice, *, patient: bool = False) -> Delivered:
        self.patience.append(patient)
        self.before()
        failure = self._failures.pop(0) if self._failures else self.always
        if isinstance(failure, TemporaryError) and failure.maybe_done:
            self.arrived.append(notice)
        if failure is not None:
            raise failure
        self.arrived.append(notice)
        self.after()
        return self.answer

    @property
    def ids(self) -> list[str]:
        """List what arrived."""
        return [notice.notice_id for notice in self.arrived]
