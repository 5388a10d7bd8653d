"""Remember what this process has delivered: a row whose record was lost is not told a second time by it."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from domain.ports_channels import Delivered

REMEMBERED = 512


class Once:
    """Remember notices and what came of them; one goes out at a time, so that none is told by two threads."""

    def __init__(self) -> None:
        self._told: OrderedDict[str, Delivered] = OrderedDict()
        self._lock = Lock()

    def deliver(self, notice_id: str, deliver: Callable[[], Delivered]) -> Delivered:
        """Deliver, and remember it if that ends well; say of a double what was said the first time."""
        with self._lock:
            if notice_id not in self._told:
                self._told[notice_id] = deliver()
                if len(self._told) > REMEMBERED:
                    self._told.popitem(last=False)
            return self._told[notice_id]
