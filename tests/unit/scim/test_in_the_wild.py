"""What servers in the wild do, answer by answer; docs/guides/scim-servers.md tells who was seen to do it."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier

import pytest

from adapters.http import Reply
from adapters.targets.scim import ScimTarget
from domain.account import AccountDraft, Finding
from domain.codes import Code
from domain.errors import AccountGoneError, KeyTakenError, PermanentError, TemporaryError
from domain.ids import AccountId
from domain.ports_world import Lookup
from tests.unit.scim.fakes import (
    CORE,
    ENTERPRISE,
    WORK_EMAIL,
    Asked,
    Step,
    json_reply,
    page,
    refusal,
    side_by_side,
    target,
    user,
    web_page,
)

SEVEN = AccountId("7")
THERE = json_reply(200, user("7", title="Miss", emails=[{"value": "old@example.test", "type": "work"}]))
CLOSED = json_reply(200, user("7", active=False))
UNTYPED = json_reply(200, user("7", emails=[{"value": "old@example.test", "primary": True}]))


# A 404 is not believed at once


@pytest.mark.parametrize("no", [refusal(404), web_page(404), json_reply(404, {"message": "Not Found"})])
def test_a_patch_that_has_no_route_never_closes_a_door_on_paper_only(no: Reply) -> None:
    scim, server = target(no, THERE, no, THERE, CLOSED)
    scim.deactivate(SEVEN)
    assert server.lines == [*["PATCH /Users/7", "GET /Users/7"] * 2, "PUT /Users/7"]
    assert server.asked[-1].body["active"] is False
    scim.reactivate(SEVEN, {})
    assert server.lines[5:7] == ["GET /Users/7", "PUT /Users/7"]


@pytest.mark.parametrize("no", [refusal(404), json_reply(404, {"message": "no such manager"})])
def test_a_404_about_what_a_change_names_turns_patch_off_for_nobody(no: Reply) -> None:
    """A PUT of everybody from then on would wipe what a GET does not show."""
    scim, server = target(no, THERE, refusal(400, "no operations"), CLOSED)
    with pytest.raises(PermanentError, match="although the account is there"):
        scim.set_manager(SEVEN, AccountId("99"))
    assert server.asked[2].body["Operations"] == []
    scim.deactivate(AccountId("8"))
    assert server.lines[3:] == ["PATCH /Users/8"]


def test_a_question_about_patch_that_gets_no_answer_refuses_nothing_for_good() -> None:
    scim, _ = target(refusal(404), THERE, refusal(503, retry_after="9"))
    with pytest.raises(TemporaryError) as caught:
        scim.deactivate(SEVEN)
    assert not caught.value.maybe_done


def test_a_404_with_a_scim_type_of_its_own_is_no_proof_that_an_account_is_gone() -> None:
    scim, _ = target(refusal(404, "no such path", "noTarget"), THERE)
    with pytest.raises(PermanentError, match="although the account is there"):
        scim.deactivate(SEVEN)


def test_a_missing_route_is_learned_only_where_putting_serves() -> None:
    scim, server = target(refusal(404), THERE, refusal(404), THERE, refusal(404), THERE)
    with pytest.raises(PermanentError):
        scim.deactivate(SEVEN)
    server.replies[:] = [CLOSED]
    scim.deactivate(AccountId("8"))
    assert server.lines[-1] == "PATCH /Users/8"


def test_a_server_that_cannot_delete_says_so_by_404_and_is_not_believed() -> None:
    scim, _ = target(refusal(404), THERE)
    with pytest.raises(PermanentError, match="although the account is there"):
        scim.delete(SEVEN)


def test_a_web_page_for_a_missing_account_is_believed_where_another_account_is_told() -> None:
    scim, server = target(web_page(404), web_page(404), page(user("9")), json_reply(200, user("9")))
    with pytest.raises(AccountGoneError):
        scim.deactivate(SEVEN)
    assert server.lines == ["PATCH /Users/7", "GET /Users/7", "GET /Users", "GET /Users/9"]


def test_web_pages_for_every_account_prove_nothing() -> None:
    scim, _ = target(web_page(404), web_page(404), page(user("9")), web_page(404))
    with pytest.raises(TemporaryError) as caught:
        scim.deactivate(SEVEN)
    assert caught.value.code is Code.TARGET_NOT_SCIM


# Look-ups


def blind_to(attribute: str) -> Step:
    """Answer every filter on one attribute with nobody, as django-scim2 does with those it does not know."""

    def answer(asked: Asked) -> Reply:
        asks = asked.params.get("filter", "")
        found = [user("1", externalId="x1"), user("2", externalId="x2")]
        if asks.startswith(attribute):
            return page()
        return page(*[one for one in found if not asks or f'"{one["userName"]}"' in asks])

    return answer


def test_nobody_is_believed_only_of_a_server_that_was_seen_to_find() -> None:
    scim, _ = target(blind_to("externalId"))
    assert [one.account_id for one in scim.find(Lookup(external_id="x2"))] == ["2"]
    assert scim.find(Lookup(external_id="x3")) == ()


def test_a_server_that_found_once_is_believed_without_a_second_question() -> None:
    scim, server = target(blind_to("externalId"))
    for name in ("user-1", "user-8", "user-9"):
        scim.find(Lookup(path="userName", value=name))
    assert len(server.asked) == 3


def test_a_filter_refused_for_one_odd_value_still_serves_all_others() -> None:
    def picky(asked: Asked) -> Reply:
        asks = asked.params.get("filter", "")
        return refusal(400, "bad filter") if '\\"' in asks else page(user("1", externalId='o"b'))

    scim, server = target(picky)
    assert [one.account_id for one in scim.find(Lookup(external_id='o"b'))] == ["1"]
    scim.find(Lookup(external_id="plain"))
    assert 'externalId eq "plain"' in [asked.params.get("filter") for asked in server.asked]


def test_a_list_that_ends_before_its_total_is_not_taken_for_everybody() -> None:
    scim, _ = target(page(user("1"), user("2"), total=7), refusal(400, "startIndex is not supported"))
    first = scim.list_page(None)
    with pytest.raises(TemporaryError, match="before its total"):
        scim.list_page(first.next_cursor)


def test_a_cursor_that_leads_to_itself_is_an_error_and_not_a_circle() -> None:
    def circle(asked: Asked) -> Reply:
        document = {"Resources": [user("1"), user("2")], "nextCursor": "same"}
        return json_reply(200, document | {"totalResults": 2})

    scim, _ = target(circle)
    with pytest.raises(TemporaryError, match="repeats"):
        scim.list_page(scim.list_page(None).next_cursor)


@pytest.mark.parametrize("total", ["2", 2.0, None, "", "many", True])
def test_a_total_may_be_anything(total: object) -> None:
    scim, _ = target(json_reply(200, {"totalResults": total, "Resources": [user("1"), user("2")]}))
    assert len(scim.list_page(None).accounts) == 2


# Writes


def test_brackets_are_given_up_once_and_lists_replaced_whole() -> None:
    no_brackets = refusal(400, "no complex paths", "invalidPath")
    scim, server = target(no_brackets, THERE, json_reply(204), THERE, json_reply(204))
    for address in ("new@example.test", "newer@example.test"):
        scim.update(SEVEN, {WORK_EMAIL: address})
    assert server.lines == ["PATCH /Users/7", *["GET /Users/7", "PATCH /Users/7"] * 2]
    assert server.asked[-1].body["Operations"] == [
        {"op": "replace", "path": "emails", "value": [{"value": "newer@example.test", "type": "work"}]}
    ]


@pytest.mark.parametrize("no", [refusal(400), json_reply(204)], ids=["refused", "skipped"])
def test_brackets_beside_what_is_so_already_are_given_up_too(no: Reply) -> None:
    looks = 0 if no.status == 400 else 1
    scim, server = target(no, *[THERE] * (looks + 1), no, *[THERE] * looks, json_reply(204))
    scim.update(SEVEN, {WORK_EMAIL: "new@example.test", "title": "Miss"})
    (operation,) = server.asked[-1].body["Operations"]
    assert (operation["path"], server.lines.count("PATCH /Users/7")) == ("emails", 3)


def test_an_only_email_without_a_type_is_the_one_that_is_meant() -> None:
    scim, server = target(refusal(400, "", "noTarget"), UNTYPED, json_reply(204))
    scim.update(SEVEN, {WORK_EMAIL: "new@example.test"})
    assert server.asked[-1].body["Operations"] == [
        {"op": "replace", "path": "emails", "value": [{"value": "new@example.test", "primary": True}]}
    ]


def test_two_emails_without_types_are_not_guessed_at() -> None:
    emails = [{"value": "a@example.test"}, {"value": "b@example.test"}]
    scim, _ = target(page(user("7", emails=emails)))
    assert scim.list_page(None).accounts[0].values[WORK_EMAIL] is None


def test_what_is_empty_or_loose_is_not_sent_back() -> None:
    shown = user("7", active="True", nickName=None, photos=[], emails=[{"value": "", "primary": True}])
    scim, server = target(refusal(501), json_reply(200, shown), json_reply(200, user("7")))
    scim.update(SEVEN, {"title": "Countess"})
    body = server.asked[-1].body
    assert body["active"] is True
    assert not body.keys() & {"nickName", "photos", "emails"}


@pytest.mark.parametrize("manager", [9, "9", {"value": 9}, {"value": "9", "displayName": "B", "$ref": "x"}])
def test_a_manager_is_read_in_every_shape(manager: object) -> None:
    scim, _ = target(page(user("7", **{ENTERPRISE: {"manager": manager}})))
    assert scim.list_page(None).accounts[0].manager == "9"


def test_a_version_that_must_be_named_is_named_from_then_on() -> None:
    versioned = json_reply(200, user("7"), etag='W/"3"')
    scim, server = target(refusal(428), versioned, CLOSED, versioned, CLOSED)
    scim.deactivate(SEVEN)
    scim.deactivate(SEVEN)
    assert [asked.headers.get("if-match") for asked in server.asked if asked.method == "PATCH"] == [
        None,
        'W/"3"',
        'W/"3"',
    ]


def insisting(hands: int, *, etag: str | None) -> Step:
    """Refuse a write without a version, once all hands have sent theirs."""
    together = Barrier(hands)

    def answer(asked: Asked) -> Reply:
        if asked.method == "GET":
            return json_reply(200, user("7"), **({"etag": etag} if etag else {}))
        if "if-match" in asked.headers:
            return json_reply(204)
        together.wait(10)
        return refusal(428)

    return answer


def test_hands_that_all_learn_at_once_that_versions_must_be_named_lose_no_change() -> None:
    scim, server = target(insisting(4, etag='W/"3"'))
    assert side_by_side(4, lambda number: scim.deactivate(AccountId(f"{number}"))) == [None] * 4
    assert sorted(asked.path for asked in server.asked if "if-match" in asked.headers) == [
        f"/Users/{number}" for number in range(4)
    ]


def test_a_version_that_must_be_named_and_is_never_told_may_be_any() -> None:
    scim, server = target(insisting(1, etag=None))
    scim.deactivate(SEVEN)
    scim.delete(SEVEN)
    writes = [asked.headers.get("if-match") for asked in server.asked if asked.method != "GET"]
    assert writes == [None, "*", "*"]


def test_hands_that_all_learn_at_once_that_a_manager_is_an_id_lose_no_change() -> None:
    together = Barrier(4)

    def old_fashioned(asked: Asked) -> Reply:
        (operation,) = asked.body["Operations"]
        if isinstance(operation["value"], str):
            return json_reply(204)
        together.wait(10)
        return refusal(400, "a text is wanted", "invalidValue")

    scim, server = target(old_fashioned)
    assert side_by_side(4, lambda _: scim.set_manager(SEVEN, AccountId("9"))) == [None] * 4
    scim.set_manager(SEVEN, AccountId("9"))
    assert len(server.asked) == 4 * 2 + 1


def test_an_unknown_manager_does_not_make_a_server_forget_how_it_wants_them() -> None:
    """Another hand learns it while the manager that is unknown is said once more, as an id."""

    def old_fashioned(asked: Asked) -> Reply:
        (operation,) = asked.body["Operations"]
        if operation["value"] == "unknown":
            scim.set_manager(SEVEN, AccountId("9"))
        known = operation["value"] == "9"
        return json_reply(204) if known else refusal(400, "a text is wanted, of an account that is there")

    scim, server = target(old_fashioned)
    with pytest.raises(PermanentError):
        scim.set_manager(SEVEN, AccountId("unknown"))
    server.asked.clear()
    scim.set_manager(SEVEN, AccountId("9"))
    assert len(server.asked) == 1


@pytest.mark.parametrize("trouble", [refusal(503), refusal(429)])
def test_a_stumble_over_another_wording_does_not_make_the_first_refusal_stand(trouble: Reply) -> None:
    scim, _ = target(refusal(400, "a text is wanted"), trouble)
    with pytest.raises(TemporaryError):
        scim.set_manager(SEVEN, AccountId("9"))


def test_an_account_that_others_edit_is_read_again_also_where_that_is_a_conflict() -> None:
    scim, server = target(refusal(501), THERE, refusal(409), THERE, json_reply(200, user("7")))
    scim.update(SEVEN, {"title": "Countess"})
    assert server.lines == ["PATCH /Users/7", *["GET /Users/7", "PUT /Users/7"] * 2]


def test_a_name_that_is_taken_is_no_edit_of_others() -> None:
    scim, server = target(refusal(501), THERE, refusal(409))
    with pytest.raises(KeyTakenError):
        scim.update(SEVEN, {"userName": "ada"})
    assert server.lines.count("PUT /Users/7") == 1


def test_the_first_email_of_a_new_account_is_its_primary_one() -> None:
    scim, server = target(json_reply(201, user("7")))
    scim.create(AccountDraft("1", {"userName": "user-7", WORK_EMAIL: "a@example.test"}))
    assert server.asked[0].body["emails"] == [{"value": "a@example.test", "type": "work", "primary": True}]


def test_a_server_that_breaks_over_a_taken_name_is_understood() -> None:
    scim, _ = target(refusal(500), page(user("9", userName="ada")))
    with pytest.raises(KeyTakenError):
        scim.update(SEVEN, {"userName": "ada"})


def test_a_server_that_breaks_over_a_taken_name_is_understood_when_somebody_comes_back() -> None:
    scim, _ = target(refusal(500), page(user("9", userName="ada")))
    with pytest.raises(KeyTakenError):
        scim.reactivate(SEVEN, {"userName": "ada"})


def test_a_server_that_breaks_for_another_reason_is_tried_again() -> None:
    scim, _ = target(refusal(500), page(user("7", userName="ada")))
    with pytest.raises(TemporaryError):
        scim.update(SEVEN, {"userName": "ada"})


@pytest.mark.parametrize(
    "body",
    [
        {"message": "Name is too long"},
        {"Errors": {"description": "Name is too long", "code": 400}},
        {"errors": [{"message": "Name is too long"}]},
        {"schemas": "x", "Detail": "Name is too long", "status": 400},
    ],
)
def test_a_refusal_in_words_of_its_own_is_quoted(body: object) -> None:
    scim, _ = target(json_reply(400, body))
    with pytest.raises(PermanentError, match="HTTP 400: Name is too long"):
        scim.update(SEVEN, {"title": "x"})


# The check


def test_a_check_says_that_filters_find_nobody() -> None:
    answer = blind_to("externalId")
    assert callable(answer)
    scim, _ = target(lambda asked: answer(asked) if asked.path == "/Users" else refusal(404))
    report = scim.check()
    (found,) = report.problems
    assert (found.code, found.subject, found.blocks) == (Code.TARGET_FILTER_IGNORED, "externalId", False)
    assert not report.capabilities.filter


def test_a_check_knows_the_older_scim_by_its_accounts() -> None:
    old = user("1", schemas=["urn:scim:schemas:core:1.0"])
    scim, _ = target(lambda asked: page(old) if asked.path == "/Users" else refusal(404))
    (found,) = scim.check().problems
    assert (found.code, found.blocks) == (Code.TARGET_NOT_SCIM, True)
    assert "SCIM 1.1" in found.detail


def test_a_check_names_what_new_accounts_must_have() -> None:
    attributes = [{"name": "userName", "required": True}, {"name": "displayName", "required": True}]

    def answer(asked: Asked) -> Reply:
        if asked.path == "/Schemas":
            return json_reply(200, {"Resources": [{"id": CORE, "attributes": attributes}]})
        return page() if asked.path == "/Users" else refusal(404)

    scim, _ = target(answer, paths=frozenset({"userName"}))
    assert scim.check().problems == (Finding(Code.TARGET_ATTRIBUTE_REQUIRED, "displayName", blocks=False),)


# An agreement that is none


@pytest.mark.parametrize("answer", [web_page(200), Reply(200, {}, refusal(403, "no").body)])
def test_a_portal_that_answers_everything_removes_nobody_on_paper(answer: Reply) -> None:
    scim, _ = target(answer)
    with pytest.raises(TemporaryError) as caught:
        scim.delete(SEVEN)
    assert (caught.value.code, caught.value.maybe_done) == (Code.TARGET_NOT_SCIM, True)


@pytest.mark.parametrize(
    ("status", "told", "is_ours"),
    [(200, "4712", False), (200, "4711", True), (200, None, True), (201, "4712", True)],
)
def test_a_create_that_is_answered_with_somebody_elses_account_takes_nobody_over(
    status: int, told: str | None, is_ours: bool
) -> None:
    scim, server = target(json_reply(status, user("7", externalId=told)))
    if is_ours:
        assert scim.create(AccountDraft("4711", {"userName": "user-7"})).account_id == "7"
    else:
        with pytest.raises(KeyTakenError, match="bears another id"):
            scim.create(AccountDraft("4711", {"userName": "user-7"}))
    assert server.lines == ["POST /Users"]


# Which JSON they take


def test_a_server_that_knows_no_json_of_scim_gets_plain_json_and_that_is_learned() -> None:
    scim, server = target(refusal(415), json_reply(201, user("7", externalId="4711")), json_reply(204))
    scim.create(AccountDraft("4711", {"userName": "user-7"}))
    scim.update(SEVEN, {"title": "Countess"})
    assert server.lines == ["POST /Users", "POST /Users", "PATCH /Users/7"]
    assert [asked.kind for asked in server.asked] == ["application/scim+json", *["application/json"] * 2]


def test_a_server_that_takes_no_json_at_all_is_heard_after_the_second_no() -> None:
    scim, server = target(refusal(415, "XML, please"))
    for _ in range(2):
        with pytest.raises(PermanentError, match="XML, please"):
            scim.create(AccountDraft("4711", {"userName": "user-7"}))
    assert [asked.kind for asked in server.asked] == ["application/scim+json", "application/json"] * 2


# Seen at servers of others


def minding_capitals(*names: str) -> Step:
    """Compare user names as Zulip did (zulip/zulip#21758), and Open WebUI (open-webui/open-webui#18039)."""

    def answer(asked: Asked) -> Reply:
        asks = asked.params.get("filter")
        known = [user(str(at), userName=name) for at, name in enumerate(names, start=1)]
        return page(*[one for one in known if asks is None or f'"{one["userName"]}"' in asks])

    return answer


def test_a2_an_account_that_a_filter_hides_for_its_capitals_is_found() -> None:
    scim, _ = target(minding_capitals("ada@example.test", "eve@example.test"))
    assert [one.account_id for one in scim.find(Lookup(path="userName", value="Ada@Example.test"))] == ["1"]
    assert scim.find(Lookup(path="userName", value="Zoe@Example.test")) == ()


def test_a_name_in_small_letters_is_asked_for_once() -> None:
    scim, server = target(minding_capitals("eve@example.test"))
    scim.find(Lookup(path="userName", value="zoe@example.test"))
    scim.find(Lookup(path="userName", value="ida@example.test"))
    assert len([one for one in server.asked if "example.test" in one.params.get("filter", "")]) == 3


def denying(*, filters: bool) -> Step:
    """Say 404 where a filter finds nobody, as scimgateway did (jelhub/scimgateway#18), or to every filter."""

    def answer(asked: Asked) -> Reply:
        asks = asked.params.get("filter", "")
        known = [user(str(at), externalId=f"x{at}") for at in range(1, 5)]
        if not asks:
            begin = int(asked.params.get("startIndex", 1)) - 1
            return page(*known[begin : begin + 2], total=4)
        found = [one for one in known if filters and f'"{one["externalId"]}"' in asks]
        return page(*found) if found else refusal(404, "no such user")

    return answer


def test_a_filter_that_says_404_where_nobody_matches_is_a_filter() -> None:
    scim, server = target(denying(filters=True))
    for name in ("x8", "x9"):
        assert scim.find(Lookup(external_id=name)) == ()
    assert [one.account_id for one in scim.find(Lookup(external_id="x4"))] == ["4"]
    assert not [one for one in server.asked if "startIndex" in one.params]


def test_a_404_to_every_filter_means_nobody_to_nobody() -> None:
    scim, _ = target(denying(filters=False))
    assert [one.account_id for one in scim.find(Lookup(external_id="x4"))] == ["4"]


LIMITED = [
    refusal(403, "secondary rate limit", retry_after="60"),
    refusal(403, "API rate limit exceeded", x_ratelimit_remaining="0", x_ratelimit_reset="1772366460"),
    json_reply(403, {"message": "You have exceeded a secondary rate limit."}),
]


@pytest.mark.parametrize("limited", LIMITED, ids=["a time", "none left", "words"])
@pytest.mark.parametrize("act", [lambda scim: scim.deactivate(SEVEN), lambda scim: scim.list_page(None)])
def test_a_403_to_who_asks_too_often_refuses_nobody_and_blocks_no_tenant(
    act: Callable[[ScimTarget], object], limited: Reply
) -> None:
    """GitHub says it so, beside 429 (docs.github.com, «Rate limits for the REST API»)."""
    scim, server = target(limited)
    with pytest.raises(TemporaryError) as caught:
        act(scim)
    assert (caught.value.code, caught.value.maybe_done) == (Code.TARGET_BUSY, False)
    assert caught.value.retry_after in {timedelta(seconds=60), None}
    assert len(server.asked) == 1


def test_a_filter_that_is_turned_away_for_a_while_is_not_given_up() -> None:
    scim, server = target(LIMITED[0], page(user("1", externalId="x1")))
    with pytest.raises(TemporaryError):
        scim.find(Lookup(external_id="x1"))
    assert scim.find(Lookup(external_id="x1"))
    assert all("filter" in one.params for one in server.asked)


def test_an_account_whose_id_is_told_in_other_capitals_is_not_gone() -> None:
    scim, _ = target(json_reply(200, user("AB-7")))
    found = scim.get(AccountId("ab-7"))
    assert found is not None
    assert found.account_id == "ab-7"


def test_an_answer_about_another_account_never_means_that_one_is_gone() -> None:
    scim, _ = target(json_reply(200, user("8")))
    with pytest.raises(TemporaryError, match="told another"):
        scim.get(SEVEN)
