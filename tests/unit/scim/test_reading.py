"""Searching and listing: what a server answers is compared, and no list is walked for ever."""

import pytest

from adapters.http import Reply
from adapters.targets.scim import searching
from domain.account import Account
from domain.codes import Code
from domain.errors import PermanentError, TemporaryError
from domain.ports_world import Lookup
from tests.unit.scim.fakes import WORK_EMAIL, Asked, Step, json_reply, page, refusal, target, user

EVERYBODY = [
    user(str(n), externalId=f"x{n}", emails=[{"type": "work", "value": f"{n}@example.test"}])
    for n in range(1, 8)
]


def ids(accounts: tuple[Account, ...]) -> list[str]:
    return [account.account_id for account in accounts]


def deaf(asked: Asked) -> Reply:
    """Page properly, but filter nothing."""
    start, count = int(asked.params.get("startIndex", 1)), int(asked.params["count"])
    return page(*EVERYBODY[start - 1 : start - 1 + count], total=len(EVERYBODY))


def without_filters(asked: Asked) -> Reply:
    return refusal(400, "no filters", "invalidFilter") if "filter" in asked.params else deaf(asked)


# Searching


@pytest.mark.parametrize(
    ("lookup", "question"),
    [
        (Lookup(external_id='a"b'), 'externalId eq "a\\"b"'),
        (Lookup(path="userName", value="ada"), 'userName eq "ada"'),
        (Lookup(path=WORK_EMAIL, value="a@b.test"), 'emails.value eq "a@b.test"'),
    ],
    ids=["external id", "user name", "e-mail"],
)
def test_a_search_asks_with_a_filter_and_then_whether_there_is_anybody(lookup: Lookup, question: str) -> None:
    scim, server = target(page())
    assert scim.find(lookup) == ()
    assert [asked.params.get("filter") for asked in server.asked] == [question, None]


def test_a_right_answer_needs_no_second_request() -> None:
    scim, server = target(page(EVERYBODY[0]))
    assert ids(scim.find(Lookup(external_id="x1"))) == ["1"]
    assert len(server.asked) == 1


def test_many_right_answers_are_all_read() -> None:
    twins = [user(str(n), title="x", externalId="same") for n in range(1, 6)]
    replies = [page(*twins[:2], total=5), page(*twins[2:4], total=5), page(*twins[4:], total=5)]
    scim, server = target(*replies)
    assert ids(scim.find(Lookup(external_id="same"))) == ["1", "2", "3", "4", "5"]
    assert len(server.asked) == 3


def test_a_wrong_answer_is_no_match() -> None:
    scim, _ = target(page(EVERYBODY[1]), page())
    assert scim.find(Lookup(external_id="x1")) == ()


def test_an_external_id_is_compared_letter_by_letter() -> None:
    scim, _ = target(page(user("1", externalId="X1")), page())
    assert scim.find(Lookup(external_id="x1")) == ()


def test_an_email_of_another_kind_is_no_match() -> None:
    home = user("1", emails=[{"type": "home", "value": "a@b.test"}])
    scim, _ = target(page(home), page())
    assert scim.find(Lookup(path=WORK_EMAIL, value="a@b.test")) == ()


@pytest.mark.parametrize("server_kind", [deaf, without_filters], ids=["ignored", "refused"])
def test_where_nothing_is_filtered_the_whole_list_is_searched(server_kind: Step) -> None:
    scim, _ = target(server_kind)
    assert ids(scim.find(Lookup(external_id="x7"))) == ["7"]
    assert ids(scim.find(Lookup(path="userName", value="USER-6"))) == ["6"]
    assert scim.find(Lookup(external_id="x8")) == ()


@pytest.mark.parametrize(
    "reply", [refusal(400), refusal(501), refusal(403, "", "tooMany"), refusal(400, "", "tooMany")]
)
def test_a_refused_filter_is_not_tried_again(reply: Reply) -> None:
    scim, server = target(reply, deaf)
    scim.find(Lookup(external_id="x1"))
    scim.find(Lookup(external_id="x2"))
    assert sum("filter" in asked.params for asked in server.asked) == 1


def test_a_filter_that_is_refused_for_one_attribute_still_serves_another() -> None:
    scim, server = target(without_filters)
    scim.find(Lookup(path=WORK_EMAIL, value="1@example.test"))
    before = len(server.asked)
    scim.find(Lookup(external_id="x1"))
    assert "filter" in server.asked[before].params


def test_a_list_too_long_to_search_is_said_and_never_taken_for_nobody() -> None:
    def endless(asked: Asked) -> Reply:
        return page(user(asked.params.get("startIndex", "1")), total=10**6)

    scim, server = target(endless)
    with pytest.raises(PermanentError) as caught:
        scim.find(Lookup(external_id="x"))
    assert caught.value.code is Code.TARGET_FILTER_IGNORED
    assert len(server.asked) == searching.LOOKUP_PAGES


def test_asking_for_nothing_finds_nobody() -> None:
    scim, server = target(deaf)
    assert scim.find(Lookup()) == ()
    assert server.asked == []


# Listing


def walked(*replies: Step) -> tuple[list[str], int]:
    """Walk a list to its end, for at most thirty pages; tell the ids and the number of requests."""
    scim, server = target(*replies)
    found: list[str] = []
    cursor: str | None = None
    for _ in range(30):
        told = scim.list_page(cursor)
        found += ids(told.accounts)
        cursor = told.next_cursor
        if cursor is None:
            return found, len(server.asked)
    pytest.fail("the list did not end")


def test_a_list_is_read_to_its_empty_page() -> None:
    assert walked(deaf) == (["1", "2", "3", "4", "5", "6", "7"], 5)


@pytest.mark.parametrize("total", [0, 3, 6, 8, 1000])
def test_f16_a_wrong_total_loses_nobody_and_ends_all_the_same(total: int) -> None:
    def wrong(asked: Asked) -> Reply:
        start = int(asked.params.get("startIndex", 1))
        return page(*EVERYBODY[start - 1 : start + 1], total=total)

    assert walked(wrong)[0] == ["1", "2", "3", "4", "5", "6", "7"]


def test_f16_a_page_may_be_smaller_than_asked() -> None:
    def small(asked: Asked) -> Reply:
        start = int(asked.params.get("startIndex", 1))
        return page(*EVERYBODY[start - 1 : start], total=7)

    assert walked(small)[0] == ["1", "2", "3", "4", "5", "6", "7"]


@pytest.mark.parametrize("status", [400, 404])
def test_a_server_that_refuses_to_look_behind_the_end_has_ended(status: int) -> None:
    assert walked(page(*EVERYBODY[:2]), refusal(status))[0] == ["1", "2"]


def test_a_server_that_knows_no_pages_tells_everybody_at_once() -> None:
    assert walked(page(*EVERYBODY)) == (["1", "2", "3", "4", "5", "6", "7"], 2)


def test_a_list_without_accounts_may_leave_them_out_and_is_asked_for_by_an_index() -> None:
    assert walked(json_reply(200, {"totalResults": 0})) == ([], 2)


def test_a_list_that_shows_nobody_without_an_index_is_not_empty() -> None:
    """Seen at Bitwarden (bitwarden/server#4034)."""

    def shy(asked: Asked) -> Reply:
        begin = int(asked.params.get("startIndex", 0))
        return page(*[user(str(each)) for each in range(begin, 4)][:2], total=3) if begin else page()

    assert walked(shy)[0] == ["1", "2", "3"]


def test_f16_a_page_that_repeats_itself_is_an_error_and_not_a_circle() -> None:
    with pytest.raises(TemporaryError, match="repeats") as caught:
        walked(page(*EVERYBODY[:2], total=7), page(*reversed(EVERYBODY[:2]), total=7))
    assert caught.value.code is Code.TARGET_NOT_SCIM


def test_an_account_without_an_id_is_not_skipped() -> None:
    with pytest.raises(TemporaryError, match="without an id"):
        walked(page({"userName": "ada"}))
