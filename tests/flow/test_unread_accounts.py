"""A target that does not answer while people are looked up costs time: no case, and no human's answer."""

import pytest

from domain.cases import Answer
from domain.changes import Action
from domain.codes import Code
from simulators.scim.effects import refused, server_error
from simulators.scim.quirks import Effect
from tests.flow.relay import Relay
from tests.flow.test_identity import answer, case_of, config, held, hire, live, open_cases
from tests.flow.truth import accounts
from workers.identifying import UNREAD

__all__ = ["config", "live"]


@pytest.mark.parametrize("what", [server_error(), refused()], ids=["away", "refusing"])
def test_f2_an_answer_outlives_a_reading_in_which_the_target_does_not_answer(
    live: Relay, what: Effect
) -> None:
    crm = str(live.app.state.add_account("nora@example.com", externalId="crm-7"))
    nora, ben = hire(live), hire(live, last_name="Alt", email="ben@example.com")
    live.app.state.add_account("ben@example.com", externalId="crm-8")
    live.sync()
    assert sorted(open_cases(live)) == [nora, ben]
    answer(live, nora, Answer.LINK, crm)
    live.app.quirks.add(what, methods=("GET",), times=None)
    live.sync()
    live.app.quirks.clear()
    assert held(live, nora) == held(live, ben) == [(Action.CREATE, Code.KEY_FOREIGN)]
    case = case_of(live, nora)
    assert case is not None
    assert (case.closed_at, case.ruled is not None, open_cases(live)) == (None, True, [ben])
    live.later(hours=1)
    live.sync()
    assert accounts(live)[nora]["id"] == crm
    assert open_cases(live) == [ben]


def test_one_person_who_cannot_be_looked_up_keeps_the_others_from_nothing(live: Relay) -> None:
    old = live.app.state.add_account("nora@example.com", title="Set by hand")
    nora, ben = hire(live), hire(live, last_name="Alt", email="ben@example.com")
    live.app.quirks.add(refused(), methods=("GET",), external_ids=(ben,), times=1)
    live.sync()
    live.later(hours=1)
    assert accounts(live)[nora]["id"] == old
    assert UNREAD not in {row.detail for row in live.rows()}
