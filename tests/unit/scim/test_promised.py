"""202 is a promise (RFC 9110, 15.3.3): only what the server shows afterwards counts as done."""

from collections.abc import Callable

import pytest

from adapters.targets.scim import ScimTarget
from domain.account import Account, AccountDraft
from domain.codes import Code
from domain.errors import PromisedError
from domain.ids import AccountId
from tests.unit.scim.fakes import ENTERPRISE, WORK_EMAIL, Step, json_reply, page, refusal, target, user

SEVEN = AccountId("7")
DRAFT = AccountDraft("4711", {"userName": "user-7"})
MADE = user("7", externalId="4711", active=True)
LATER = json_reply(202)
OPEN = json_reply(200, user("7", active=True))
CLOSED = json_reply(200, user("7", active=False))
MANAGED = {ENTERPRISE: {"manager": {"value": "9", "displayName": "Grace"}}}


def promised(act: Callable[[], object]) -> Code:
    """Tell by which cause an act is only promised."""
    with pytest.raises(PromisedError) as caught:
        act()
    assert caught.value.maybe_done
    return caught.value.code


@pytest.mark.parametrize(
    "answer",
    [LATER, json_reply(202, MADE), json_reply(202, location="https://wild.example/scim/v2/jobs/1")],
    ids=["nothing", "the account as it will be", "a job to ask after"],
)
def test_a2_an_account_that_is_promised_and_not_shown_is_not_made(answer: Step) -> None:
    scim, server = target(answer, page(), page(MADE), page(MADE))
    assert promised(lambda: scim.create(DRAFT)) is Code.TARGET_PROMISED
    assert server.lines.count("POST /Users") == 1


@pytest.mark.parametrize("trouble", [refusal(400), refusal(503), refusal(403), json_reply(200)])
def test_a2_trouble_while_looking_for_a_promised_account_keeps_the_promise_in_mind(trouble: Step) -> None:
    scim, _ = target(LATER, trouble)
    assert promised(lambda: scim.create(DRAFT)) is Code.TARGET_PROMISED


def test_an_account_that_was_promised_and_is_there_at_once_is_made() -> None:
    scim, _ = target(LATER, page(MADE))
    assert scim.create(DRAFT).account_id == SEVEN


@pytest.mark.parametrize(
    "shown",
    [OPEN, json_reply(200, user("7")), refusal(503), refusal(403)],
    ids=["still open", "not told", "busy", "forbidden"],
)
def test_f9_a_closing_that_is_promised_is_believed_only_where_the_account_says_so(shown: Step) -> None:
    scim, server = target(json_reply(202, user("7", active=False)), shown)
    assert promised(lambda: scim.deactivate(SEVEN)) is Code.TARGET_STILL_OPEN
    assert server.lines.count("PATCH /Users/7") == 1


@pytest.mark.parametrize("shown", [CLOSED, refusal(404)], ids=["closed", "hidden"])
def test_a_closing_that_was_promised_and_is_done_at_once_is_done(shown: Step) -> None:
    scim, _ = target(LATER, shown)
    scim.deactivate(SEVEN)


@pytest.mark.parametrize(
    ("act", "before", "after"),
    [
        (lambda scim: scim.update(SEVEN, {"title": "Dr."}), {}, {"title": "dr. "}),
        (lambda scim: scim.update(SEVEN, {"title": None}), {"title": "Dr."}, {"title": ""}),
        (lambda scim: scim.reactivate(SEVEN, {}), {"active": False}, {"active": "True"}),
        (lambda scim: scim.set_manager(SEVEN, AccountId("9")), {}, MANAGED),
        (lambda scim: scim.set_manager(SEVEN, None), MANAGED, {}),
    ],
    ids=["value", "cleared", "opened", "manager", "no manager"],
)
def test_a_change_that_is_promised_is_done_when_it_is_shown_and_then_not_sent_again(
    act: Callable[[ScimTarget], Account | None], before: dict[str, object], after: dict[str, object]
) -> None:
    scim, server = target(LATER, json_reply(200, user("7", **before)), json_reply(200, user("7", **after)))
    assert promised(lambda: act(scim)) is Code.TARGET_PROMISED
    act(scim)
    assert server.lines == ["PATCH /Users/7", "GET /Users/7", "GET /Users/7"]


def test_a_promise_that_names_what_is_not_there_is_asked_for_by_the_whole_list() -> None:
    """A server that agrees before it looks refuses nothing; «add» would double what is there by then."""
    home = {"type": "home", "value": "home@b.test"}
    shown = json_reply(200, user("7", emails=[home]))
    scim, server = target(lambda asked: LATER if asked.method == "PATCH" else shown)
    for _ in range(2):
        assert promised(lambda: scim.update(SEVEN, {WORK_EMAIL: "a@b.test"})) is Code.TARGET_PROMISED
    whole = {"op": "replace", "path": "emails", "value": [home, {"type": "work", "value": "a@b.test"}]}
    said = [one.body["Operations"] for one in server.asked if one.body]
    assert said[1:] == [[whole], [whole]]


def test_a_put_that_is_promised_is_no_more_than_that() -> None:
    scim, server = target(refusal(501), OPEN, LATER, OPEN)
    assert promised(lambda: scim.update(SEVEN, {"title": "Dr."})) is Code.TARGET_PROMISED
    assert server.lines == ["PATCH /Users/7", "GET /Users/7", "PUT /Users/7", "GET /Users/7"]


def test_a_removal_that_is_promised_is_done_when_the_account_is_gone() -> None:
    scim, _ = target(LATER, CLOSED, LATER, refusal(404))
    assert promised(lambda: scim.delete(SEVEN)) is Code.TARGET_PROMISED
    scim.delete(SEVEN)
