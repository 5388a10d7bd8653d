"""Stand before one tenant's application: nothing leaves while it rests; what comes back is learned from."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

from adapters.http import NoReply, NotSent, Reply, asked_to_wait, is_unwell, limits, may_have_acted
from domain.codes import Code
from domain.condition import WELL, Condition, Stumble, after_stumble, after_success, probing
from domain.errors import HeldBackError, TemporaryError
from domain.ids import TenantId
from domain.ports import Store, Transaction
from domain.ports_world import Clock

OWN_FAULT = 500
"""May be the fault of this very request; whoever probes with it uses up a try, so that it ends some day."""
LIMITED = frozenset({403, 429})
CROWDED = frozenset({403, 429, 503, 504})
SHORTEST = timedelta(seconds=1)
"""So long nobody asks again after a 429 that names no time, or one that is over."""


class Gate:
    """Know how well a target is, as far as this process heard; ask the store only when something is wrong.

    `see` is called by whoever reads the store anyway. Several threads use one gate.
    """

    def __init__(self, store: Store, clock: Clock, tenant_id: TenantId) -> None:
        self._store = store
        self._clock = clock
        self._tenant_id = tenant_id
        self._seen = WELL
        self._good = 0
        self._may_ask = False
        self._lock = threading.Lock()
        self._asking = threading.Lock()

    def see(self, condition: Condition) -> None:
        """Take note of what the store says."""
        self._seen = condition

    def pass_through(self, method: str, send: Callable[[], Reply]) -> Reply:
        """Send, or raise HeldBackError while the target rests; learn from what comes back.

        The one call that looks whether a resting target is well is held back too if it is not.
        """
        probes = self._enter(method)
        try:
            with self._one_question(method, probes=probes):
                reply = send()
        except (NotSent, NoReply) as error:
            sent, detail = isinstance(error, NoReply) and method != "GET", str(error)
            self._went_wrong(
                Stumble(why=Code.TARGET_UNREACHABLE, crowded=True, probing=probes, of_write=sent)
            )
            if not probes:
                raise
        else:
            if not is_unwell(reply.status) and not limits(reply):
                self._went_well(wrote=method != "GET")
                return reply
            self._went_wrong(self._stumble(method, reply, probes=probes))
            if not probes or reply.status == OWN_FAULT:
                self._may_ask = probes
                return reply
            sent, detail = may_have_acted(reply) and method != "GET", f"HTTP {reply.status}"
        raise self._held_back(detail, maybe_done=sent)

    def _enter(self, method: str) -> bool:
        """Let a call pass; True means that it is the one that probes.

        A probe that met a 500 may be followed by a question: is it the application, or only that request?
        Where only writes fail, questions are no probes: a lost create may be looked for meanwhile.
        """
        if self._may_ask and method == "GET":
            self._may_ask = False
            return True
        if self._seen.of_writes and method == "GET":
            return False
        if self._seen.rests(self._clock.now()):
            raise self._held_back("the application rests")
        if self._seen.open_since is None:
            return False
        with self._store.write() as tx:
            now = tx.now()
            self._seen = tx.conditions.take(self._tenant_id)
            mine = probing(self._seen, now)
            if mine is not None:
                tx.conditions.put(self._tenant_id, mine)
        if mine is None and self._seen.open_since is not None:
            raise self._held_back("somebody else looks whether the application is well again")
        return mine is not None

    @contextlib.contextmanager
    def _one_question(self, method: str, *, probes: bool) -> Iterator[None]:
        """Ask one question at a time while writes fail: nobody knows yet whether questions fail too.

        A plan asks about fifty people side by side, and all of them would meet an application that is down.
        """
        seen = self._seen
        if probes or method != "GET" or seen.open_since is None or not seen.of_writes:
            yield
            return
        if not self._asking.acquire(blocking=False):
            raise self._held_back("another question is on its way to the application")
        try:
            yield
        finally:
            self._asking.release()

    def _held_back(self, detail: str, *, maybe_done: bool = False) -> HeldBackError:
        seen = self._seen
        wait = seen.rests_until - self._clock.now() if seen.rests_until else SHORTEST
        why = seen.why or Code.TARGET_BUSY
        return HeldBackError(why, detail, retry_after=max(wait, SHORTEST), maybe_done=maybe_done)

    def _stumble(self, method: str, reply: Reply, *, probes: bool) -> Stumble:
        asked = asked_to_wait(reply, self._clock.now())
        if reply.status in LIMITED:
            asked = max(asked or SHORTEST, SHORTEST)
        return Stumble(
            why=Code.TARGET_BUSY if reply.status in {503, *LIMITED} else Code.TARGET_UNREACHABLE,
            asked=asked,
            crowded=reply.status in CROWDED,
            probing=probes,
            of_write=method != "GET" and reply.status != OWN_FAULT,
        )

    def _went_wrong(self, stumble: Stumble) -> None:
        self._good = 0
        self._learn(lambda tx, known: after_stumble(known, stumble, tx.now()))

    def _went_well(self, *, wrote: bool) -> None:
        """Cost nothing where all is well, which is nearly always."""
        if self._seen.is_well or (self._seen.of_writes and not wrote):
            return
        with self._lock:
            self._good += 1
            calls = self._good
            is_news = self._seen.failures or self._seen.open_since or calls >= self._seen.width
            if not is_news:
                return
            self._good = 0
        self._learn(lambda _, known: after_success(known, calls, wrote=wrote))

    def _learn(self, change: Callable[[Transaction, Condition], Condition]) -> None:
        """A store that is away for a moment costs the others the news, not this call its answer."""
        with contextlib.suppress(TemporaryError), self._store.write() as tx:
            learned = change(tx, tx.conditions.take(self._tenant_id))
            tx.conditions.put(self._tenant_id, learned)
            self._seen = learned
