"""One damaged account costs itself: the list goes on being read, and so does whatever else can be read."""

import pytest

from adapters.http import Reply
from domain.account import AccountDraft
from domain.codes import Code
from domain.errors import AccountGoneError, KeyTakenError, PermanentError, TemporaryError
from domain.ids import AccountId
from domain.ports_world import Lookup
from tests.unit.scim.fakes import json_reply, page, refusal, target, user

SEVEN = AccountId("7")
MARK = b"\xef\xbb\xbf"
DAMAGES = {
    "a name cut in the middle of an emoji": b'"Ada \\ud83d"',
    "a number beyond all bounds": b"1e999",
    "bytes that are no UTF-8": b'"Ada \xff"',
    "a control character": b'"Ada\x01"',
}


def with_title(title: bytes, reply: Reply) -> Reply:
    """Put raw bytes where the account has its title."""
    return Reply(reply.status, reply.headers, reply.body.replace(b'"TITLE"', title))


def marked(reply: Reply) -> Reply:
    """Put a byte order mark before the body, as .NET does."""
    return Reply(reply.status, reply.headers, MARK + reply.body)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_f17_a_damaged_account_hides_nobody_else_on_its_page(damage: bytes) -> None:
    everybody = [user("1", title="Miss"), user("2", title="TITLE"), user("3", externalId="x3")]
    scim, _ = target(with_title(damage, page(*everybody)), page())
    one, damaged, three = scim.list_page(None).accounts
    assert (one.values["title"], three.external_id) == ("Miss", "x3")
    assert (damaged.account_id, damaged.values["userName"]) == ("2", "user-2")
    str(damaged.values["title"]).encode()


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_account_is_written_like_any_other(damage: bytes) -> None:
    there = with_title(damage, json_reply(200, user("7", title="TITLE", active=True)))
    scim, server = target(refusal(501), there, with_title(damage, json_reply(200, user("7", active=False))))
    scim.deactivate(SEVEN)
    assert server.asked[-1].method == "PUT"
    assert server.asked[-1].body["active"] is False


def test_a_byte_order_mark_is_no_damage_at_all() -> None:
    scim, _ = target(marked(page(user("7", externalId="x7"))))
    assert [one.account_id for one in scim.find(Lookup(external_id="x7"))] == ["7"]


def test_a_refusal_behind_a_byte_order_mark_is_understood() -> None:
    scim, _ = target(marked(refusal(400, "exists", "uniqueness")))
    with pytest.raises(KeyTakenError, match="exists"):
        scim.update(SEVEN, {"title": "x"})


def test_a_missing_account_behind_a_byte_order_mark_is_missing() -> None:
    scim, server = target(marked(refusal(404)))
    with pytest.raises(AccountGoneError):
        scim.deactivate(SEVEN)
    assert server.lines == ["PATCH /Users/7", "GET /Users/7"]


def test_a_token_is_not_blamed_where_the_list_begins_with_a_byte_order_mark() -> None:
    scim, _ = target(refusal(403), marked(page()))
    with pytest.raises(PermanentError) as caught:
        scim.update(SEVEN, {"title": "x"})
    assert caught.value.code is Code.TARGET_REFUSED


@pytest.mark.parametrize("half", [b"\\ud83d", b"\\ufffd", b"\xff"])
def test_a_damaged_id_leads_to_nobody(half: bytes) -> None:
    body = b'{"id": "a%s", "userName": "ada"}' % half
    scim, server = target(Reply(201, {}, body), page(user("7", externalId="4711")))
    assert scim.create(AccountDraft("4711", {"userName": "ada"})).account_id == "7"
    assert server.lines == ["POST /Users", "GET /Users"]


def test_an_account_that_was_made_is_looked_for_where_its_answer_is_nested_beyond_all_reason() -> None:
    body = b'{"id": "7", "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    scim, _ = target(Reply(201, {}, body))
    with pytest.raises(TemporaryError) as caught:
        scim.create(AccountDraft("4711", {"userName": "ada"}))
    assert (caught.value.code, caught.value.maybe_done) == (Code.TARGET_NOT_SCIM, True)
