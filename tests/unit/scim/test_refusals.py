"""Each answer of a server is named by what we do next."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier

import pytest

from adapters.http import (
    ForbiddenAddress,
    NoReply,
    NotSent,
    OutboundError,
    Reply,
    TooLarge,
    UnfitHeaderError,
    is_unwell,
)
from adapters.targets.scim import ScimTarget
from adapters.targets.scim.rights import MOST_FORBIDDEN
from domain.account import AccountDraft
from domain.codes import Code
from domain.errors import (
    AccountGoneError,
    KeyTakenError,
    PermanentError,
    StaffettaError,
    TemporaryError,
    TenantBlockedError,
)
from domain.ids import AccountId
from domain.ports_world import Lookup
from tests.unit.scim.fakes import (
    ENTERPRISE,
    TOKEN,
    WORK_EMAIL,
    Asked,
    json_reply,
    page,
    refusal,
    side_by_side,
    target,
    user,
    web_page,
)

EMPLOYEE_NUMBER = f"{ENTERPRISE}:employeeNumber"
SEVEN = AccountId("7")
CANARIES = {"userName": "canary-key", "title": "Canarytitle", WORK_EMAIL: "canary@example.test"}
DRAFT = AccountDraft("canary-external", CANARIES)


def update(scim: ScimTarget) -> object:
    return scim.update(SEVEN, {"title": "Canarytitle"})


def rename(scim: ScimTarget) -> object:
    return scim.update(SEVEN, {"userName": "canary-key"})


def close(scim: ScimTarget) -> None:
    scim.deactivate(SEVEN)


def look(scim: ScimTarget) -> object:
    return scim.get(SEVEN)


def create(scim: ScimTarget) -> object:
    return scim.create(DRAFT)


def find(scim: ScimTarget) -> object:
    return scim.find(Lookup(external_id="canary-external"))


def raised(act: Callable[[ScimTarget], object], reply: Reply | Exception) -> StaffettaError:
    scim, _ = target(reply)
    with pytest.raises(StaffettaError) as caught:
        act(scim)
    return caught.value


NAMED = [
    (create, 400, PermanentError, Code.TARGET_REFUSED),
    (update, 400, PermanentError, Code.TARGET_REFUSED),
    (update, 422, PermanentError, Code.TARGET_REFUSED),
    (update, 413, PermanentError, Code.TARGET_REFUSED),
    (create, 501, PermanentError, Code.TARGET_REFUSED),
    (create, 401, TenantBlockedError, Code.TARGET_CREDENTIALS_REFUSED),
    (update, 403, TenantBlockedError, Code.TARGET_CREDENTIALS_REFUSED),
    (find, 401, TenantBlockedError, Code.TARGET_CREDENTIALS_REFUSED),
    (find, 403, TenantBlockedError, Code.TARGET_CREDENTIALS_REFUSED),
    (create, 409, KeyTakenError, Code.TARGET_KEY_TAKEN),
    (rename, 409, KeyTakenError, Code.TARGET_KEY_TAKEN),
    (update, 409, TemporaryError, Code.TARGET_BUSY),
    (close, 409, TemporaryError, Code.TARGET_BUSY),
    (update, 404, AccountGoneError, Code.TARGET_ACCOUNT_GONE),
    (update, 410, AccountGoneError, Code.TARGET_ACCOUNT_GONE),
    (create, 404, TemporaryError, Code.TARGET_NOT_SCIM),
    (find, 404, TemporaryError, Code.TARGET_NOT_SCIM),
    (create, 302, TemporaryError, Code.TARGET_NOT_SCIM),
    (find, 301, TemporaryError, Code.TARGET_NOT_SCIM),
    (create, 429, TemporaryError, Code.TARGET_BUSY),
    (update, 423, TemporaryError, Code.TARGET_BUSY),
    (update, 503, TemporaryError, Code.TARGET_BUSY),
    (find, 500, TemporaryError, Code.TARGET_BUSY),
]


@pytest.mark.parametrize(
    ("act", "status", "kind", "code"), NAMED, ids=[f"{act.__name__} {status}" for act, status, _, _ in NAMED]
)
def test_a_status_is_named_by_what_we_do_next(
    act: Callable[[ScimTarget], object], status: int, kind: type[StaffettaError], code: Code
) -> None:
    error = raised(act, refusal(status))
    assert (type(error), error.code) == (kind, code)
    assert str(status) in error.detail


def test_a_uniqueness_refusal_with_another_status_is_a_taken_key_too() -> None:
    assert type(raised(create, refusal(400, "exists", "uniqueness"))) is KeyTakenError


@pytest.mark.parametrize("act", [rename, close])
def test_a_uniqueness_refusal_is_one_whatever_was_sent(act: Callable[[ScimTarget], object]) -> None:
    assert type(raised(act, refusal(409, "exists", "uniqueness"))) is KeyTakenError


def test_a_conflict_over_what_no_other_account_may_have_is_a_taken_key_also_without_a_word() -> None:
    scim, _ = target(refusal(409), paths=frozenset({"title", EMPLOYEE_NUMBER}))
    with pytest.raises(KeyTakenError):
        scim.update(SEVEN, {"title": "Countess", EMPLOYEE_NUMBER: "7"})
    with pytest.raises(TemporaryError):
        scim.update(SEVEN, {"title": "Countess", EMPLOYEE_NUMBER: None})


@pytest.mark.parametrize(
    ("reply", "unsure"),
    [
        *[pytest.param(refusal(status), True, id=f"F1 a {status}") for status in (408, 500, 502, 503, 504)],
        *[pytest.param(web_page(status), True, id=f"F1 a {status} of a proxy") for status in (520, 522, 524)],
        pytest.param(refusal(503, retry_after="30"), False, id="a 503 that names a time"),
        pytest.param(refusal(503, retry_after=" "), True, id="a 503 that names no time after all"),
        pytest.param(refusal(502, retry_after="30"), True, id="a 502 that names a time"),
        pytest.param(refusal(429), False, id="a 429"),
        pytest.param(refusal(412), False, id="a 412"),
    ],
)
@pytest.mark.parametrize("act", [create, update, close])
def test_a_write_may_be_done_unless_the_server_turned_it_away(
    act: Callable[[ScimTarget], object], reply: Reply, unsure: bool
) -> None:
    """A 503 counted as «turned away» once, as the standard has it; proxies say it for a cut answer too."""
    scim, server = target(reply)
    server.replies[:] = [lambda asked: json_reply(200, user("7")) if asked.method == "GET" else reply]
    with pytest.raises(TemporaryError) as caught:
        act(scim)
    assert caught.value.maybe_done is unsure


def test_a_read_is_never_half_done() -> None:
    error = raised(find, refusal(500))
    assert isinstance(error, TemporaryError)
    assert not error.maybe_done


@pytest.mark.parametrize(
    ("text", "wish"), [("120", 120), ("Sun, 01 Mar 2026 12:01:00 GMT", 60), ("soon", None), (None, None)]
)
def test_the_server_says_when_to_come_back(text: str | None, wish: int | None) -> None:
    headers = {} if text is None else {"retry_after": text}
    error = raised(update, refusal(429, **headers))
    assert isinstance(error, TemporaryError)
    assert error.retry_after == (None if wish is None else timedelta(seconds=wish))


@pytest.mark.parametrize(
    ("failure", "kind", "code", "maybe_done"),
    [
        (NotSent("x"), TemporaryError, Code.TARGET_UNREACHABLE, False),
        (NoReply("x"), TemporaryError, Code.TARGET_UNREACHABLE, True),
        (TooLarge("x"), TemporaryError, Code.TARGET_NOT_SCIM, True),
        (ForbiddenAddress("x"), TenantBlockedError, Code.TARGET_FORBIDDEN_ADDRESS, False),
        (UnfitHeaderError("only visible ASCII"), TenantBlockedError, Code.TARGET_TOKEN_UNFIT, False),
        (ValueError("a path"), TenantBlockedError, Code.TARGET_ADDRESS_UNFIT, False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_no_answer_is_named_by_what_the_server_may_have_seen(
    failure: Exception, kind: type[StaffettaError], code: Code, maybe_done: bool
) -> None:
    error = raised(create, failure)
    assert (type(error), error.code) == (kind, code)
    assert getattr(error, "maybe_done", False) is maybe_done


@pytest.mark.parametrize("failure", [NoReply("x"), TooLarge("x")], ids=lambda value: type(value).__name__)
def test_a_read_without_an_answer_did_nothing(failure: OutboundError) -> None:
    error = raised(find, failure)
    assert isinstance(error, TemporaryError)
    assert not error.maybe_done


ODD = {
    "a web page": web_page(),
    "plain text": Reply(200, {"content-type": "text/plain"}, b"ok"),
    "half a body": Reply(200, {}, b'{"id": "7", "userNa'),
    "a JSON list": json_reply(200, []),
    "not UTF-8": Reply(200, {}, b"\xff\xfe{\x00}\x00"),
    "nested too deep": Reply(200, {}, b'{"id": "7", "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "an error with 200": json_reply(200, {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"]}),
}


@pytest.mark.parametrize("reply", ODD.values(), ids=ODD)
@pytest.mark.parametrize("act", [create, update], ids=["create", "update"])
def test_a_write_that_is_not_answered_in_scim_may_be_done(
    act: Callable[[ScimTarget], object], reply: Reply
) -> None:
    error = raised(act, reply)
    assert isinstance(error, TemporaryError)
    assert (error.code, error.maybe_done) == (Code.TARGET_NOT_SCIM, True)


@pytest.mark.parametrize("reply", [*ODD.values(), json_reply(200, {"ok": True})], ids=[*ODD, "another JSON"])
def test_a_search_that_is_not_answered_in_scim_never_means_nobody(reply: Reply) -> None:
    error = raised(find, reply)
    assert isinstance(error, TemporaryError)
    assert (error.code, error.maybe_done) == (Code.TARGET_NOT_SCIM, False)


def test_a_web_page_that_says_404_is_no_proof_that_an_account_is_gone() -> None:
    assert raised(update, web_page(404)).code is Code.TARGET_NOT_SCIM


def test_an_empty_404_is() -> None:
    assert type(raised(update, json_reply(404))) is AccountGoneError


@pytest.mark.parametrize("status", [400, 401, 409, 422, 429, 500])
def test_a_refusal_is_quoted_without_what_was_sent(status: int) -> None:
    said = f"'Canarytitle' of CANARY@example.test (canary-external, {TOKEN}) must not be empty"
    error = raised(create, refusal(status, said, "invalidValue"))
    assert "canary" not in str(error).lower()
    assert "must not be empty" in error.detail
    assert "invalidValue" in error.detail


def test_a_refused_search_does_not_repeat_the_question() -> None:
    error = raised(find, refusal(401, "no right to ask for canary-external"))
    assert "canary" not in str(error)


def test_a_path_that_nobody_mapped_is_never_sent() -> None:
    scim, server = target(json_reply(200, user("7")))
    with pytest.raises(PermanentError, match="nickName") as caught:
        scim.update(SEVEN, {"nickName": "Addie"})
    assert caught.value.code is Code.TARGET_ATTRIBUTE_UNKNOWN
    assert server.asked == []


@pytest.mark.parametrize("account_id", ["", ".", ".."])
def test_an_id_that_would_lead_elsewhere_is_never_sent(account_id: str) -> None:
    scim, server = target(json_reply(200, user("7")))
    with pytest.raises(PermanentError):
        scim.deactivate(AccountId(account_id))
    assert server.asked == []


def test_a_value_that_is_no_unicode_is_the_persons_fault_not_the_tenants() -> None:
    scim, server = target(json_reply(200, user("7")))
    with pytest.raises(PermanentError) as caught:
        scim.update(SEVEN, {"title": "\ud800"})
    assert caught.value.code is Code.PERSON_BAD_VALUE
    assert server.asked == []


def test_a_forbidden_write_is_blamed_on_the_row_only_if_the_same_token_may_read() -> None:
    scim, server = target(refusal(403, "the owner cannot be changed"), page(total=500))
    with pytest.raises(PermanentError) as caught:
        update(scim)
    assert (type(caught.value), caught.value.code) == (PermanentError, Code.TARGET_REFUSED)
    assert caught.value.detail == "HTTP 403: the owner cannot be changed"
    assert server.lines == ["PATCH /Users/7", "GET /Users"]
    assert server.asked[1].params == {"startIndex": "1", "count": "1"}
    assert server.asked[1].headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("look", [refusal(401), refusal(403), refusal(404), web_page()])
def test_a_forbidden_write_blocks_the_tenant_where_reading_is_refused_as_well(look: Reply) -> None:
    scim, _ = target(refusal(403), look)
    with pytest.raises(TenantBlockedError):
        update(scim)


def test_f6_a_refused_token_is_tried_once_more_and_never_again() -> None:
    scim, server = target(refusal(401), refusal(401), page())
    with pytest.raises(TenantBlockedError):
        update(scim)
    assert [line.split("?")[0] for line in server.lines] == ["PATCH /Users/7", "GET /Users"]


def test_f6_a_token_that_is_refused_once_and_not_again_is_tried_later() -> None:
    scim, server = target(refusal(401), page())
    with pytest.raises(TemporaryError) as caught:
        update(scim)
    assert (caught.value.code, caught.value.maybe_done) == (Code.TARGET_BUSY, False)
    server.replies[:] = [refusal(401), page()]
    with pytest.raises(TenantBlockedError):
        update(scim)


def test_f6_what_was_in_flight_while_a_gateway_stumbled_is_one_stumble() -> None:
    together = Barrier(4)

    def stumble(asked: Asked) -> Reply:
        if asked.method == "GET":
            return page()
        together.wait(10)
        return refusal(401)

    scim, server = target(stumble)
    assert side_by_side(4, lambda _: update(scim)) == [TemporaryError] * 4
    server.replies[:] = [json_reply(204)]
    update(scim)
    server.replies[:] = [refusal(401), page()]
    with pytest.raises(TemporaryError):
        update(scim)


def test_f6_a_token_that_may_not_write_ends_it_also_where_many_are_in_flight() -> None:
    scim, server = target(lambda asked: page() if asked.method == "GET" else refusal(401))
    failures = [kind for _ in range(2) for kind in side_by_side(4, lambda _: update(scim))]
    assert failures[4:] == [TenantBlockedError] * 4
    assert len(server.asked) <= 4 * 2 + 4


def test_a_forbidden_write_waits_where_nothing_tells_whose_fault_it_is() -> None:
    scim, _ = target(refusal(403), NoReply("GET acme.example/Users: no whole answer in time"))
    with pytest.raises(TemporaryError) as caught:
        update(scim)
    assert (caught.value.code, caught.value.maybe_done) == (Code.TARGET_UNREACHABLE, False)


def test_an_accepted_write_shows_that_the_token_may_write() -> None:
    scim, server = target(refusal(403))
    for _ in range(2):
        for number in range(MOST_FORBIDDEN):
            server.replies[:] = [refusal(403), page()]
            with pytest.raises(PermanentError):
                scim.deactivate(AccountId(f"{number}"))
        server.replies[:] = [json_reply(200, user("7"))]
        update(scim)


def test_one_account_that_is_refused_every_day_says_nothing_about_the_token() -> None:
    scim, _ = target(lambda asked: page() if asked.method == "GET" else refusal(403))
    for _ in range(MOST_FORBIDDEN + 2):
        with pytest.raises(PermanentError):
            update(scim)


def test_an_account_that_may_not_be_seen_is_refused_alone_and_not_tried_for_ever() -> None:
    scim, server = target(refusal(403, "admins are hidden"), page())
    with pytest.raises(PermanentError) as caught:
        look(scim)
    assert (caught.value.code, caught.value.detail) == (Code.TARGET_REFUSED, "HTTP 403: admins are hidden")
    assert server.lines == ["GET /Users/7", "GET /Users"]


def test_a_list_that_may_not_be_seen_once_is_asked_for_later() -> None:
    scim, _ = target(refusal(403), page())
    with pytest.raises(TemporaryError):
        scim.list_page(None)


def test_every_status_says_the_same_of_the_server_to_the_relay_and_to_the_gate() -> None:
    """What only concerns one request may wait as well, but never makes the application rest."""
    waits = {
        status for status in range(400, 600) if isinstance(raised(update, refusal(status)), TemporaryError)
    }
    assert {status for status in range(400, 600) if is_unwell(status)} == waits - {409, 412, 423, 425, 428}
