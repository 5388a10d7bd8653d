"""What fails in telling people is said in the log, where alerts look: at level error, by ids alone."""

import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from adapters.database.store import open_store
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
from tests.fakes.notify_house import migrated


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
    (tmp_path / "store.db").write_bytes(migrated())
    body = json.dumps({"queue_name": "notify", "args": [{"type": "notices-due/1", "tenant": ACME}]}).encode()
    with closing(open_store(f"sqlite:///{tmp_path / 'store.db'}", TenantVault(MASTER))) as store:
        with logged() as stream:
            note_letter(store, "message-1", "MemoryError", body)
        with store.read() as tx:
            letters = tx.session.connection.exec_driver_sql("SELECT letter_id, detail FROM letters").all()
    [line] = lines_of(stream)
    assert (line.level, line.action) == ("error", Action.MESSAGE_DEADLETTERED)
    assert (line.message_id, line.error_type) == ("message-1", "MemoryError")
    assert [tuple(row) for row in letters] == [("message-1", "MemoryError")]
