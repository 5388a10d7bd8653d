"""Creating and changing accounts: as few requests as the server allows, and never one too many."""

import pytest

from adapters.http import NoReply
from domain.account import AccountDraft
from domain.codes import Code
from domain.errors import AccountGoneError, PermanentError, TemporaryError
from domain.ids import AccountId
from tests.unit.scim.fakes import (
    ENTERPRISE,
    TOKEN,
    WORK_EMAIL,
    Step,
    json_reply,
    page,
    refusal,
    target,
    user,
)

SEVEN = AccountId("7")
DRAFT = AccountDraft("4711", {"userName": "user-7"})
MADE = user("7", externalId="4711", active=True)
NO_TARGET = refusal(400, "no such element", "noTarget")
HOME = [{"type": "home", "value": "home@example.test"}]
WORK = [{"type": "work", "value": "ada@example.test"}]

# Creating


def test_one_post_makes_an_account() -> None:
    scim, server = target(json_reply(201, MADE))
    account = scim.create(DRAFT)
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/Users")
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert (account.account_id, account.external_id, account.values["userName"]) == ("7", "4711", "user-7")


@pytest.mark.parametrize("location", ["/scim/v2/Users/7", "https://elsewhere.test/Users/7/", "Users/7?x=y"])
def test_f11_an_account_that_is_only_pointed_at_is_fetched_from_the_same_server(location: str) -> None:
    scim, server = target(json_reply(201, location=location), json_reply(200, MADE))
    assert scim.create(DRAFT).account_id == "7"
    assert server.lines == ["POST /Users", "GET /Users/7"]


def test_an_answer_with_the_id_alone_is_completed() -> None:
    scim, server = target(json_reply(201, {"id": 7}), json_reply(200, MADE))
    assert scim.create(DRAFT).values["userName"] == "user-7"
    assert server.lines == ["POST /Users", "GET /Users/7"]


@pytest.mark.parametrize("status", [200, 201, 202])
def test_f11_an_answer_without_id_and_location_is_looked_up(status: int) -> None:
    scim, server = target(json_reply(status), page(user("1", externalId="x"), MADE))
    assert scim.create(DRAFT).account_id == "7"
    assert server.asked[-1].params["filter"] == 'externalId eq "4711"'


def test_a_new_account_that_cannot_be_seen_yet_is_maybe_done_and_not_gone() -> None:
    scim, _ = target(json_reply(201, location="/Users/7"), refusal(404), page())
    with pytest.raises(TemporaryError) as caught:
        scim.create(DRAFT)
    assert caught.value.maybe_done


@pytest.mark.parametrize(
    "trouble", [refusal(503), refusal(401), NoReply("x")], ids=["busy", "refused", "lost"]
)
def test_trouble_after_the_post_never_hides_that_it_was_done(trouble: Step) -> None:
    scim, _ = target(json_reply(201, location="/Users/7"), trouble)
    with pytest.raises(TemporaryError) as caught:
        scim.create(DRAFT)
    assert caught.value.maybe_done


# Changing


def test_nothing_named_is_nothing_sent() -> None:
    scim, server = target(json_reply(200, MADE))
    assert scim.update(SEVEN, {}) is None
    assert server.asked == []


def test_one_patch_carries_exactly_what_is_named() -> None:
    scim, server = target(json_reply(200, user("7", title="Countess")))
    account = scim.update(SEVEN, {"title": "Countess", "name.givenName": None}, external_id="4711")
    assert account is not None
    assert account.values["title"] == "Countess"
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("PATCH", "/Users/7")
    assert asked.body["Operations"] == [
        {"op": "replace", "path": "title", "value": "Countess"},
        {"op": "remove", "path": "name.givenName"},
        {"op": "replace", "path": "externalId", "value": "4711"},
    ]


def test_an_id_with_special_signs_stays_one_segment() -> None:
    scim, server = target(json_reply(200, user("a/b?c=d ü", active=False)))
    scim.deactivate(AccountId("a/b?c=d ü"))
    assert server.lines == ["PATCH /Users/a%2Fb%3Fc%3Dd%20%C3%BC"]


def test_reactivating_is_one_patch() -> None:
    scim, server = target(json_reply(200, user("7", active=True)))
    assert scim.reactivate(SEVEN, {"title": "Countess"})
    (asked,) = server.asked
    assert [(one["path"], one["value"]) for one in asked.body["Operations"]] == [
        ("active", True),
        ("title", "Countess"),
    ]


def test_a_value_that_the_server_rewrote_is_told_as_it_stands_there() -> None:
    scim, server = target(json_reply(200, user("7", emails=WORK)))
    account = scim.update(SEVEN, {WORK_EMAIL: "ADA@Example.test"})
    assert account is not None
    assert account.values[WORK_EMAIL] == "ada@example.test"
    assert len(server.asked) == 1


def test_a_missing_element_is_added_after_one_look() -> None:
    scim, server = target(
        NO_TARGET, json_reply(200, user("7", emails=HOME)), json_reply(200, user("7", emails=HOME + WORK))
    )
    scim.update(SEVEN, {WORK_EMAIL: "ada@example.test", "title": None})
    assert server.lines == ["PATCH /Users/7", "GET /Users/7", "PATCH /Users/7"]
    assert server.asked[-1].body["Operations"] == [{"op": "add", "path": "emails", "value": WORK}]


@pytest.mark.parametrize("answer", [json_reply(200, user("7")), json_reply(204)], ids=["told", "silent"])
def test_an_element_that_was_skipped_in_silence_is_added(answer: Step) -> None:
    looks = [json_reply(200, user("7"))] * 2
    scim, server = target(answer, *looks, json_reply(204))
    scim.update(SEVEN, {WORK_EMAIL: "ada@example.test"})
    patches = [asked.body["Operations"][0]["op"] for asked in server.asked if asked.method == "PATCH"]
    assert patches == ["replace", "add"]


def test_a_server_that_never_takes_a_value_is_not_asked_for_ever() -> None:
    scim, server = target(json_reply(200, user("7")))
    account = scim.update(SEVEN, {WORK_EMAIL: "ada@example.test"})
    assert account is not None
    assert account.values[WORK_EMAIL] is None
    assert server.lines.count("PATCH /Users/7") == 2


def test_clearing_what_is_not_there_is_done_already() -> None:
    scim, server = target(NO_TARGET, json_reply(200, user("7")))
    account = scim.update(SEVEN, {"title": None, WORK_EMAIL: None})
    assert account is not None
    assert server.lines == ["PATCH /Users/7", "GET /Users/7"]


def test_a_refusal_that_has_another_reason_stands() -> None:
    there = user("7", emails=WORK)
    scim, server = target(refusal(400, "bad address", "invalidValue"), json_reply(200, there))
    with pytest.raises(PermanentError, match="bad address"):
        scim.update(SEVEN, {WORK_EMAIL: "x"})
    assert server.lines == ["PATCH /Users/7", "GET /Users/7"]


def test_a_refusal_of_a_plain_value_costs_no_look() -> None:
    scim, server = target(refusal(400, "too long"))
    with pytest.raises(PermanentError):
        scim.update(SEVEN, {"title": "x" * 500})
    assert len(server.asked) == 1


def test_a_manager_is_set_by_id_and_removed() -> None:
    scim, server = target(json_reply(204))
    scim.set_manager(SEVEN, AccountId("9"))
    scim.set_manager(SEVEN, None)
    path = f"{ENTERPRISE}:manager"
    assert [asked.body["Operations"] for asked in server.asked] == [
        [{"op": "replace", "path": path, "value": {"value": "9"}}],
        [{"op": "remove", "path": path}],
    ]


# Where there is no PATCH


@pytest.mark.parametrize("status", [405, 501])
def test_a_server_without_patch_is_learned_once(status: int) -> None:
    before = json_reply(200, user("7", nickName="Addie", meta={"version": 'W/"1"'}))
    scim, server = target(refusal(status), before, json_reply(200, user("7")))
    scim.update(SEVEN, {"title": "Countess"})
    scim.update(SEVEN, {"title": "Baroness"})
    assert server.lines == ["PATCH /Users/7", "GET /Users/7", "PUT /Users/7", "GET /Users/7", "PUT /Users/7"]
    put = server.asked[2]
    assert put.headers["if-match"] == 'W/"1"'
    assert (put.body["title"], put.body["nickName"], "meta" in put.body) == ("Countess", "Addie", False)


def test_an_etag_goes_before_the_version_in_the_body() -> None:
    before = json_reply(200, user("7", meta={"version": "old"}), etag='"new"')
    scim, server = target(refusal(501), before, json_reply(200, user("7", active=False)))
    scim.deactivate(SEVEN)
    assert server.asked[-1].headers["if-match"] == '"new"'


def test_a_version_that_fits_in_no_header_is_left_out() -> None:
    before = json_reply(200, user("7", meta={"version": "1\r\nx: y"}))
    scim, server = target(refusal(501), before, json_reply(200, user("7", active=False)))
    scim.deactivate(SEVEN)
    assert "if-match" not in server.asked[-1].headers


def test_a_change_that_is_already_so_is_not_put() -> None:
    scim, server = target(refusal(501), json_reply(200, user("7", active=False)))
    scim.deactivate(SEVEN)
    assert server.lines == ["PATCH /Users/7", "GET /Users/7"]


def test_a_changed_account_is_read_again_before_it_is_put() -> None:
    one, other = (json_reply(200, user("7", nickName=name), etag=f'"{name}"') for name in ("one", "other"))
    scim, server = target(refusal(501), one, refusal(412), other, json_reply(200, user("7")))
    scim.update(SEVEN, {"title": "Countess"})
    assert server.asked[-1].headers["if-match"] == '"other"'
    assert server.asked[-1].body["nickName"] == "other"


def test_an_account_that_never_holds_still_comes_back_later() -> None:
    rounds = [json_reply(200, user("7")), refusal(412)] * 3
    scim, server = target(refusal(501), *rounds)
    with pytest.raises(TemporaryError) as caught:
        scim.update(SEVEN, {"title": "Countess"})
    assert caught.value.code is Code.TARGET_BUSY
    assert len(server.asked) == 7


def test_an_account_that_is_gone_cannot_be_put_either() -> None:
    scim, _ = target(refusal(501), refusal(404))
    with pytest.raises(AccountGoneError):
        scim.deactivate(SEVEN)


def test_a_look_that_shows_no_account_changes_nothing() -> None:
    scim, server = target(refusal(501), json_reply(200, {"ok": True}))
    with pytest.raises(TemporaryError) as caught:
        scim.deactivate(SEVEN)
    assert caught.value.code is Code.TARGET_NOT_SCIM
    assert [asked.method for asked in server.asked] == ["PATCH", "GET"]
