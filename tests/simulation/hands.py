"""Hands that make the calls of one envelope at the same time, each an actor of its own."""

from collections.abc import Callable, Collection
from concurrent.futures import Executor, Future
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar

from tests.simulation.stage import Process, Stage, WorkerDiedError
from tests.simulation.world import World

Result = TypeVar("Result")
Given = ParamSpec("Given")


class StagedFuture(Future[Result]):
    """A result for which an actor waits by letting others go on."""

    stage: Stage

    def result(self, timeout: float | None = None) -> Result:
        """Return what came out, once it is there."""
        self.stage.wait_until(self.done, timeout)
        return super().result(timeout=0)


class StagedHands(Executor):
    """Run each call as an actor of the same process, so many at a time."""

    def __init__(self, world: World, process: Process, width: int) -> None:
        self._world = world
        self._stage = world.stage
        self._process = process
        self._width = width
        self._busy = 0

    def submit(
        self, fn: Callable[Given, Result], /, *args: Given.args, **kwargs: Given.kwargs
    ) -> Future[Result]:
        """Let the call begin when a hand is free."""
        future: StagedFuture[Result] = StagedFuture()
        future.stage = self._stage

        def act() -> None:
            self._stage.wait_until(lambda: self._busy < self._width)
            if not future.set_running_or_notify_cancel():
                return
            self._busy += 1
            try:
                self._world.border(self._process, "before a row", in_hand=True)
                future.set_result(fn(*args, **kwargs))
            except WorkerDiedError:
                raise
            except Exception as error:  # noqa: BLE001  a future carries whatever happened
                future.set_exception(error)
            finally:
                self._busy -= 1

        self._stage.enter("hand", self._process, act)
        return future


def staged_wait(stage: Stage) -> Callable[[Collection[Future[Any]], timedelta], set[Future[Any]]]:
    """Wait for one of these by the turned clock; what is not done by then is returned."""

    def wait(futures: Collection[Future[Any]], at_most: timedelta) -> set[Future[Any]]:
        stage.wait_until(lambda: any(each.done() for each in futures), at_most.total_seconds())
        return {each for each in futures if not each.done()}

    return wait
