"""A door is closed when the account says so: an agreement that changed nothing is told, never believed."""

import pytest

from domain.codes import Code
from domain.errors import TemporaryError
from domain.ids import AccountId
from tests.unit.scim.fakes import Step, json_reply, refusal, target, user, web_page

SEVEN = AccountId("7")
OPEN = json_reply(200, user("7", active=True))
CLOSED = json_reply(200, user("7", active=False))
AGREED = json_reply(204)
BY_PATH = [{"op": "replace", "path": "active", "value": False}]
BY_VALUE = [{"op": "replace", "value": {"active": False}}]


@pytest.mark.parametrize("closed", [False, "False", "false"])
def test_an_answer_that_shows_the_account_closed_is_enough(closed: object) -> None:
    scim, server = target(json_reply(200, user("7", active=closed)))
    scim.deactivate(SEVEN)
    assert server.lines == ["PATCH /Users/7"]


@pytest.mark.parametrize(
    "answer", [AGREED, OPEN, json_reply(200, user("7"))], ids=["nothing", "as it was", "without active"]
)
def test_an_answer_that_does_not_show_it_is_followed_by_a_look(answer: Step) -> None:
    scim, server = target(answer, CLOSED)
    scim.deactivate(SEVEN)
    assert server.lines == ["PATCH /Users/7", "GET /Users/7"]


def test_f9_a_closing_that_is_agreed_to_and_skipped_is_said_in_another_way_and_then_told() -> None:
    scim, server = target(AGREED, OPEN)
    with pytest.raises(TemporaryError) as caught:
        scim.deactivate(SEVEN)
    assert caught.value.code is Code.TARGET_STILL_OPEN
    assert caught.value.maybe_done
    assert [one.body["Operations"] for one in server.asked if one.body] == [BY_PATH, BY_VALUE]


@pytest.mark.parametrize("skips", [(OPEN, OPEN), (refusal(400, "no path"),)], ids=["skips", "refuses"])
def test_a_server_that_knows_active_in_a_value_only_is_asked_so_from_then_on(skips: tuple[Step, ...]) -> None:
    scim, server = target(*skips, CLOSED, OPEN)
    scim.deactivate(SEVEN)
    scim.reactivate(SEVEN, {"title": "Countess"})
    assert [one.body["Operations"] for one in server.asked if one.body] == [
        BY_PATH,
        BY_VALUE,
        [
            {"op": "replace", "value": {"active": True}},
            {"op": "replace", "path": "title", "value": "Countess"},
        ],
    ]


def test_a_refusal_that_no_other_way_mends_is_told_as_it_was() -> None:
    scim, _ = target(refusal(400, "not this one"), refusal(400, "what is this"))
    with pytest.raises(Exception, match="not this one"):
        scim.deactivate(SEVEN)


@pytest.mark.parametrize(
    "hidden",
    [(refusal(404),), (refusal(403), json_reply(200, {"Resources": []}))],
    ids=["not found", "forbidden"],
)
def test_an_account_that_nobody_may_see_any_more_is_believed_to_be_closed(hidden: tuple[Step, ...]) -> None:
    scim, _ = target(AGREED, *hidden)
    scim.deactivate(SEVEN)


@pytest.mark.parametrize("trouble", [refusal(503), web_page()], ids=["busy", "a web page"])
def test_trouble_while_looking_never_hides_that_it_was_sent(trouble: Step) -> None:
    scim, _ = target(AGREED, trouble)
    with pytest.raises(TemporaryError) as caught:
        scim.deactivate(SEVEN)
    assert caught.value.maybe_done


def test_f9_a_put_that_leaves_the_account_open_is_told_too() -> None:
    scim, server = target(refusal(501), OPEN, OPEN)
    with pytest.raises(TemporaryError) as caught:
        scim.deactivate(SEVEN)
    assert caught.value.code is Code.TARGET_STILL_OPEN
    assert server.lines == ["PATCH /Users/7", "GET /Users/7", "PUT /Users/7", "GET /Users/7"]


def test_an_account_that_stays_closed_after_it_was_opened_is_told_as_it_is() -> None:
    """Some applications wait for an invitation to be accepted."""
    scim, _ = target(CLOSED)
    account = scim.reactivate(SEVEN, {})
    assert account is not None
    assert not account.active
