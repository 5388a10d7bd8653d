"""How we log in, what a refusal means, and what every other answer means for the run."""

import json
import traceback
from contextlib import suppress
from datetime import timedelta

import pytest

from adapters.http import AddressPolicy, Outbound
from adapters.sources.personio.client import LONGEST_LIFETIME, UNKNOWN_LIFETIME
from domain.budget import Ask
from domain.codes import Code
from domain.errors import FeedBrokenError, StaffettaError, TemporaryError, TenantBlockedError
from domain.ids import PersonId
from domain.ports_world import Budget, Token
from tests.unit.personio.scripted import (
    BAD_TOKEN,
    BLACKLISTED,
    MISSING_RIGHT,
    NO_TOKEN,
    NOW,
    WANTED,
    WRONG_CREDENTIALS,
    Answer,
    CountingBudget,
    SetClock,
    SharedTokens,
    login,
    make_source,
    page,
    personio,
    record,
    refused,
    told,
)

ONE = page(record(1))
STORED = Token("papi-old", NOW + timedelta(hours=1))
HTML = Answer(b"<html>canary</html>", 200, "text/html; charset=utf-8")
HTML_403 = Answer(b"<html>Forbidden by firewall</html>", 403, "text/html")


# --- logging in


def test_1_1_credentials_travel_in_the_json_body_and_nowhere_else() -> None:
    with personio(ONE) as desk:
        desk.source.page(None)
        asked, read = desk.script.asked
        assert (asked.method, asked.path, asked.query) == ("POST", "/v1/auth", ())
        assert json.loads(asked.body) == {"client_id": "papi-client", "client_secret": "canary-secret"}
        assert asked.headers["content-type"] == "application/json"
        assert "canary-secret" not in str((asked.headers, read))


def test_1_3_every_request_says_who_we_are() -> None:
    with personio(ONE) as desk:
        desk.source.page(None)
        assert [asked.headers["x-personio-app-id"] for asked in desk.script.asked] == ["STAFFETTA"] * 2
        assert desk.script.reads[0].headers["authorization"] == "Bearer papi-1"


def test_a_stored_token_is_used_without_logging_in() -> None:
    with personio(ONE, stored=STORED) as desk:
        desk.source.page(None)
        assert desk.script.reads[0].headers["authorization"] == "Bearer papi-old"
        assert desk.script.logged_in == 0


def test_a_token_whose_time_is_over_is_not_used() -> None:
    with personio(ONE, stored=Token("papi-old", NOW)) as desk:
        desk.source.page(None)
        assert desk.script.reads[0].headers["authorization"] == "Bearer papi-1"


def test_one_login_serves_many_requests() -> None:
    with personio(ONE) as desk:
        for _ in range(3):
            desk.source.page(None)
        assert desk.script.logged_in == 1


@pytest.mark.parametrize(
    ("more", "lifetime"),
    [
        pytest.param({"expires_in": 86400}, timedelta(seconds=86340), id="§1.1 a day"),
        pytest.param({"expires_in": 90}, timedelta(seconds=81), id="§1.2 what remains of a shared token"),
        pytest.param({"expires_in": "3600"}, timedelta(seconds=3540), id="as text"),
        pytest.param({"expires_in": 3600.0}, timedelta(seconds=3540), id="as float"),
        pytest.param({}, UNKNOWN_LIFETIME - timedelta(seconds=60), id="§1.1 absent: only token is certain"),
        pytest.param({"expires_in": 0}, UNKNOWN_LIFETIME - timedelta(seconds=60), id="zero"),
        pytest.param({"expires_in": -1}, UNKNOWN_LIFETIME - timedelta(seconds=60), id="negative"),
        pytest.param({"expires_in": True}, UNKNOWN_LIFETIME - timedelta(seconds=60), id="true"),
        pytest.param({"expires_in": [1]}, UNKNOWN_LIFETIME - timedelta(seconds=60), id="list"),
        pytest.param({"expires_in": 10**15}, LONGEST_LIFETIME - timedelta(seconds=60), id="absurd"),
    ],
)
def test_a_token_is_kept_for_the_time_it_has_left(more: dict[str, object], lifetime: timedelta) -> None:
    with personio(ONE, logins=(login("papi-1", **more),)) as desk:
        desk.source.page(None)
        assert desk.tokens.token == Token("papi-1", NOW + lifetime)


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        pytest.param(
            WRONG_CREDENTIALS, TenantBlockedError, Code.SOURCE_CREDENTIALS_REFUSED, id="§6.2 403 code 0"
        ),
        pytest.param(NO_TOKEN, TenantBlockedError, Code.SOURCE_CREDENTIALS_REFUSED, id="§6.2 401"),
        pytest.param(
            refused(422, 422, "x"), TenantBlockedError, Code.SOURCE_CREDENTIALS_REFUSED, id="§6.2 422"
        ),
        pytest.param(
            refused(200, 0, "Wrong"), TenantBlockedError, Code.SOURCE_CREDENTIALS_REFUSED, id="200, refused"
        ),
        pytest.param(
            Answer(b"", 403, ""), TenantBlockedError, Code.SOURCE_CREDENTIALS_REFUSED, id="bare 403"
        ),
        pytest.param(HTML_403, FeedBrokenError, Code.SOURCE_NOT_PERSONIO, id="403 of a firewall"),
        pytest.param(HTML, FeedBrokenError, Code.SOURCE_NOT_PERSONIO, id="HTML"),
        pytest.param(
            login("bad\ntoken"), FeedBrokenError, Code.SOURCE_NOT_PERSONIO, id="token with a line break"
        ),
        pytest.param(login(""), FeedBrokenError, Code.SOURCE_NOT_PERSONIO, id="empty token"),
        pytest.param(told({}), FeedBrokenError, Code.FEED_BROKEN, id="no token"),
        pytest.param(Answer(b"", 404, ""), FeedBrokenError, Code.SOURCE_NOT_PERSONIO, id="404"),
        pytest.param(Answer(b"", 502, ""), TemporaryError, Code.SOURCE_UNREACHABLE, id="502"),
    ],
)
def test_a_failed_login_says_whose_turn_it_is(answer: Answer, kind: type[StaffettaError], code: Code) -> None:
    with personio(ONE, logins=(answer,)) as desk:
        with pytest.raises(kind) as caught:
            desk.source.page(None)
        assert caught.value.code == code
        logins = 2 if kind is TenantBlockedError and answer.status in {401, 403} else 1
        assert (desk.script.logged_in, desk.script.reads, desk.tokens.written) == (logins, [], [])


def test_d1_a_login_that_is_refused_once_is_no_refusal() -> None:
    with personio(ONE, logins=(WRONG_CREDENTIALS, login("papi-1"))) as desk:
        assert len(desk.source.page(None).employees) == 1
        assert desk.script.logged_in == 2


def test_1_1_too_many_logins_cool_down_for_a_minute() -> None:
    with personio(ONE, logins=(refused(429, 429, "Too many"),)) as desk:
        with pytest.raises(TemporaryError) as caught:
            desk.source.page(None)
        assert (caught.value.code, caught.value.retry_after) == (Code.SOURCE_BUSY, timedelta(seconds=60))


# --- a refused token


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(BAD_TOKEN, id="§6.2 403 not valid"),
        pytest.param(NO_TOKEN, id="§6.2 401 not provided"),
        pytest.param(BLACKLISTED, id="§6.2 401 blacklisted"),
        pytest.param(MISSING_RIGHT, id="§1.4 right given while the old token lives"),
    ],
)
def test_a_refused_token_is_minted_again_and_shared(refusal: Answer) -> None:
    with personio(refusal, ONE, stored=STORED, logins=(login("papi-new"),)) as desk:
        assert len(desk.source.page(None).employees) == 1
        assert desk.tokens.token is not None
        assert desk.tokens.token.text == "papi-new"


def test_the_token_that_another_worker_minted_is_taken_instead_of_logging_in() -> None:
    class Overtaken(SharedTokens):
        def read(self) -> Token | None:
            found, self.token = self.token, Token("papi-theirs", NOW + timedelta(hours=1))
            return found

    with personio(BAD_TOKEN, ONE) as desk:
        source = make_source(desk.outbound, Overtaken(STORED), SetClock(), CountingBudget(), WANTED, 100)
        source.page(None)
        assert [asked.headers["authorization"] for asked in desk.script.reads] == [
            "Bearer papi-old",
            "Bearer papi-theirs",
        ]
        assert desk.script.logged_in == 0


@pytest.mark.parametrize("stored", [None, STORED], ids=["logged in just now", "stored token"])
@pytest.mark.parametrize(
    ("refusal", "code", "kept"),
    [
        (BAD_TOKEN, Code.SOURCE_CREDENTIALS_REFUSED, False),
        (NO_TOKEN, Code.SOURCE_CREDENTIALS_REFUSED, False),
        (Answer(b"", 401, ""), Code.SOURCE_CREDENTIALS_REFUSED, False),
        (MISSING_RIGHT, Code.SOURCE_RIGHT_MISSING, True),
    ],
    ids=["bad token", "no token", "bare 401", "missing right"],
)
def test_a_fresh_token_refused_again_blocks_the_tenant_without_a_storm(
    refusal: Answer, code: Code, kept: bool, stored: Token | None
) -> None:
    with personio(refusal, stored=stored) as desk:
        with pytest.raises(TenantBlockedError) as caught:
            desk.source.page(None)
        assert caught.value.code == code
        assert desk.script.logged_in == 1
        assert len(desk.script.reads) == (1 if stored is None else 2)
        assert (desk.tokens.token is not None) is kept


@pytest.mark.parametrize(
    ("worked", "login_refused", "right_missing"),
    [
        (True, Code.SOURCE_CREDENTIALS_REFUSED, Code.SOURCE_RIGHT_MISSING),
        (False, Code.SOURCE_CREDENTIALS_WRONG, Code.SOURCE_RIGHT_NOT_GIVEN),
    ],
    ids=["it worked before", "it never worked"],
)
def test_a_credential_that_never_worked_is_told_from_one_that_was_generated_again(
    worked: bool, login_refused: Code, right_missing: Code
) -> None:
    for answers, logins, code in (
        ((), (WRONG_CREDENTIALS, WRONG_CREDENTIALS), login_refused),
        ((), (refused(200, 0, "Wrong"),), login_refused),
        ((BAD_TOKEN,), (login(),), login_refused),
        ((MISSING_RIGHT,), (login(),), right_missing),
    ):
        with personio(*answers, logins=logins) as desk:
            desk.tokens.reads_before = worked
            with pytest.raises(TenantBlockedError) as caught:
                desk.source.page(None)
            assert caught.value.code == code


def test_the_403_of_a_firewall_is_no_refusal_of_credentials() -> None:
    with personio(HTML_403, stored=STORED) as desk:
        with pytest.raises(FeedBrokenError) as caught:
            desk.source.page(None)
        assert caught.value.code == Code.SOURCE_NOT_PERSONIO
        assert desk.script.logged_in == 0


# --- every other answer


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        pytest.param(HTML, FeedBrokenError, Code.SOURCE_NOT_PERSONIO, id="D6 HTML"),
        pytest.param(
            Answer(ONE.body, 200, "text/plain"), FeedBrokenError, Code.SOURCE_NOT_PERSONIO, id="D6 text/plain"
        ),
        pytest.param(Answer(ONE.body[:-9]), FeedBrokenError, Code.FEED_BROKEN, id="D7 truncated JSON"),
        pytest.param(Answer(b""), FeedBrokenError, Code.FEED_BROKEN, id="D7 empty body"),
        pytest.param(Answer(b"null"), FeedBrokenError, Code.FEED_BROKEN, id="null"),
        pytest.param(Answer(b"[]"), FeedBrokenError, Code.FEED_BROKEN, id="list"),
        pytest.param(Answer(b"[" * 50_000), FeedBrokenError, Code.FEED_BROKEN, id="D23 deep nesting"),
        pytest.param(
            refused(200, 500, "x"), FeedBrokenError, Code.FEED_BROKEN, id="§6.2 200 with success:false"
        ),
        pytest.param(
            Answer(b'{"success":false,"data":[]}'),
            FeedBrokenError,
            Code.FEED_BROKEN,
            id="success:false with data",
        ),
        pytest.param(Answer(b'{"data":[]}'), FeedBrokenError, Code.FEED_BROKEN, id="no success"),
        pytest.param(Answer(b'{"success":true}'), FeedBrokenError, Code.FEED_BROKEN, id="no data"),
        pytest.param(told({}), FeedBrokenError, Code.FEED_BROKEN, id="data is no list"),
        pytest.param(
            Answer(MISSING_RIGHT.body),
            TenantBlockedError,
            Code.SOURCE_RIGHT_MISSING,
            id="§6.2 forbidden with 200",
        ),
        pytest.param(told([None]), FeedBrokenError, Code.FEED_ROW_UNREADABLE, id="null record"),
        pytest.param(
            told([{"type": "Employee"}]), FeedBrokenError, Code.FEED_ROW_UNREADABLE, id="no attributes"
        ),
        pytest.param(page(record(None)), FeedBrokenError, Code.FEED_ROW_UNREADABLE, id="id null"),
        pytest.param(page(record("")), FeedBrokenError, Code.FEED_ROW_UNREADABLE, id="id empty"),
        pytest.param(page(record(1.5)), FeedBrokenError, Code.FEED_ROW_UNREADABLE, id="id with a fraction"),
        pytest.param(page(record(person_id=True)), FeedBrokenError, Code.FEED_ROW_UNREADABLE, id="id true"),
        pytest.param(page(record(-1)), FeedBrokenError, Code.FEED_ROW_UNREADABLE, id="id negative"),
        pytest.param(page(record("1/2")), FeedBrokenError, Code.FEED_ROW_UNREADABLE, id="id with a slash"),
        pytest.param(
            told([{"type": "Employee", "attributes": {}}]),
            FeedBrokenError,
            Code.FEED_ROW_UNREADABLE,
            id="no id",
        ),
        pytest.param(Answer(b"", 302, ""), FeedBrokenError, Code.SOURCE_NOT_PERSONIO, id="redirect"),
        pytest.param(refused(422, 422, "x"), FeedBrokenError, Code.FEED_BROKEN, id="§6.2 422"),
        pytest.param(
            Answer(b"", 404, ""), FeedBrokenError, Code.SOURCE_NOT_PERSONIO, id="404 of somebody else"
        ),
        pytest.param(
            refused(500, 500, "Something went wrong"), TemporaryError, Code.SOURCE_UNREACHABLE, id="§6.2 500"
        ),
        pytest.param(Answer(b"", 502, ""), TemporaryError, Code.SOURCE_UNREACHABLE, id="D5 502"),
        pytest.param(Answer(b"", 504, ""), TemporaryError, Code.SOURCE_UNREACHABLE, id="504"),
        pytest.param(Answer(b"", 503, ""), TemporaryError, Code.SOURCE_BUSY, id="503"),
        *[
            pytest.param(Answer(b"", status, ""), TemporaryError, Code.SOURCE_UNREACHABLE, id=f"{status}")
            for status in (407, 408, 421, 425)
        ],
        pytest.param(Answer(b"", 429, ""), TemporaryError, Code.SOURCE_BUSY, id="429"),
    ],
)
def test_an_answer_that_is_no_page_says_why_and_quotes_nothing(
    answer: Answer, kind: type[StaffettaError], code: Code
) -> None:
    with personio(answer, stored=STORED) as desk:
        with pytest.raises(kind) as caught:
            desk.source.page(None)
        assert caught.value.code == code
        assert len(desk.script.reads) == (2 if answer.status == 403 else 1)
        shown = "".join(traceback.format_exception(caught.value))
        assert "canary" not in shown
        assert "papi-" not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        pytest.param(None, timedelta(seconds=1), id="§6.1 absent: at least a second"),
        pytest.param("0", timedelta(seconds=1), id="D3 zero"),
        pytest.param("-3", timedelta(seconds=1), id="D3 negative"),
        pytest.param("30", timedelta(seconds=30), id="D3 seconds"),
        pytest.param("Sun, 22 Nov 2026 09:02:00 GMT", timedelta(minutes=2), id="D3 date"),
        pytest.param("999999999", timedelta(hours=24), id="D3 absurd"),
        pytest.param("soon", timedelta(seconds=1), id="D3 words"),
    ],
)
def test_429_says_how_long_to_wait(header: str | None, wait: timedelta) -> None:
    answer = Answer(b"", 429, "", {} if header is None else {"Retry-After": header})
    with personio(answer, stored=STORED) as desk:
        with pytest.raises(TemporaryError) as caught:
            desk.source.page(None)
        assert caught.value.retry_after == wait


def test_a_server_that_cannot_be_reached_is_temporary() -> None:
    with personio(ONE) as desk:
        origin = desk.origin
    outbound = Outbound(origin, policy=AddressPolicy(allow_private=True))
    source = make_source(outbound, SharedTokens(), SetClock(), CountingBudget(), WANTED, 100)
    with pytest.raises(TemporaryError) as caught:
        source.page(None)
    assert (caught.value.code, caught.value.maybe_done) == (Code.SOURCE_UNREACHABLE, False)


def test_a_forbidden_address_blocks_the_tenant_under_a_name_of_its_own() -> None:
    outbound = Outbound("https://inside.example", policy=AddressPolicy(), resolver=lambda *_: ["10.0.0.1"])
    source = make_source(outbound, SharedTokens(), SetClock(), CountingBudget(), WANTED, 100)
    with pytest.raises(TenantBlockedError) as caught:
        source.page(None)
    assert caught.value.code == Code.SOURCE_FORBIDDEN_ADDRESS


def test_an_answer_beyond_the_cap_is_no_page() -> None:
    with personio(ONE) as desk:
        origin = desk.origin
        outbound = Outbound(origin, policy=AddressPolicy(allow_private=True), raw_cap=100)
        source = make_source(outbound, SharedTokens(STORED), SetClock(), CountingBudget(), WANTED, 100)
        with pytest.raises(FeedBrokenError) as caught:
            source.page(None)
        outbound.close()
        assert caught.value.code == Code.FEED_BROKEN


def test_every_request_asks_the_budget_first_also_the_login() -> None:
    budget = CountingBudget()
    with personio(ONE, budget=budget) as desk:
        desk.source.page(None)
        desk.source.page(None)
        assert budget.spent == len(desk.script.asked) == 3


def test_the_list_waits_first_and_briefly_and_a_question_about_one_person_longer() -> None:
    budget = CountingBudget()
    with personio(ONE, ONE, budget=budget) as desk:
        desk.source.page(None)
        with suppress(FeedBrokenError):
            desk.source.person(PersonId("1"))
    (login, _), (listing, short), (named, longer) = budget.asked
    assert (login, listing, named) == (Ask.LOGIN, Ask.LIST, Ask.NAMED)
    assert short < longer < timedelta(seconds=70)


def test_a_wait_that_eats_the_whole_time_is_temporary_and_sends_nothing() -> None:
    clock = SetClock()

    class Exhausted(Budget):
        def wait(self, ask: Ask, patience: timedelta) -> None:
            clock.pass_(timedelta(seconds=70))

    with personio(ONE, stored=STORED, budget=Exhausted(), clock=clock) as desk:
        with pytest.raises(TemporaryError) as caught:
            desk.source.page(None)
        assert caught.value.code == Code.SOURCE_BUSY
        assert desk.script.asked == []


@pytest.mark.parametrize("cursor", ["", "-1", "abc", "1.0", "٣"])
def test_a_cursor_that_is_no_row_count_is_refused(cursor: str) -> None:
    with personio(ONE) as desk:
        with pytest.raises(FeedBrokenError, match="row count"):
            desk.source.page(cursor)
        assert desk.script.asked == []


def test_secrets_do_not_show_in_representations() -> None:
    with personio(ONE, stored=STORED) as desk:
        assert "canary-secret" not in repr(desk.source._client)
