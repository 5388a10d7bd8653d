"""What fails in telling people is said in the log, where alerts look: at level error, by ids alone."""

import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from adapters.clock import SystemIds
from adapters.queue.envelope import ACTOR
from adapters.vault import TenantVault
from bootstrap.channels import alarm
from bootstrap.container import note_letter
from domain.codes import Code
from domain.dispatches import Dispatch, DispatchState
from domain.notices import Audience, Stage
from schemas.log_line import Action
from tests.contracts.store.builders import ACME, NOON
from tests.contracts.store.conftest import MASTER
from tests.fakes.log import lines_of, logged
from tests.quick_store import new_sqlite, quick_store


def test_l5_a_message_that_will_not_arrive_is_an_error_with_an_action_of_its_own() -> None:
    taken = Dispatch(
        tenant_id=ACME,
        notice_id="inc-1-opened",
        channel="email",
        stage=Stage.OPENED,
        about="inc-1",
        audience=Audience.OWNERS,
        state=DispatchState.DUE,
        tries=9,
        doubtful=0,
        made_at=NOON,
        due_at=NOON + timedelta(hours=1),
        settled_at=None,
        code=None,
        detail="",
    )
    with logged() as stream:
        alarm(taken, Code.NOTICE_REFUSED, "the mail server refuses this mail (554)")
    [line] = lines_of(stream)
    assert (line.level, line.action, line.outcome) == ("error", Action.NOTICE_UNDELIVERED, "failure")
    assert (line.tenant_id, line.notice_id, line.channel, line.attempt) == (ACME, "inc-1-opened", "email", 9)
    assert line.error_code == "notice.channel-refused"


def test_l5_a_bell_of_the_notifier_that_dies_is_an_error_and_a_letter(tmp_path: Path) -> None:
    payload = {"type": "notices-due/1", "tenant": ACME}
    told = {"message_id": "1", "queue_name": "notify", "actor_name": ACTOR, "args": [payload]}
    with closing(quick_store(new_sqlite(tmp_path / "store.db"), TenantVault(MASTER))) as store:
        with store.write() as tx:
            tx.tenants.add(ACME, "Acme", "en", [])
        with logged() as stream:
            note_letter(store, SystemIds(), Code.INTERNAL, "MemoryError", json.dumps(told).encode())
        with store.read() as tx:
            [letter] = tx.letters.list(ACME, 9)
            [incident] = tx.incidents.standing(ACME)
    [line] = lines_of(stream)
    assert (line.level, line.action) == ("error", Action.MESSAGE_DEADLETTERED)
    assert (line.tenant_id, line.reason, line.outcome) == (ACME, "MemoryError", "failure")
    assert (letter.code, letter.detail, incident.code) == (Code.INTERNAL, "MemoryError", Code.INTERNAL)
