"""Rules: the faults of a bad day, for chosen requests, as often as asked."""

from collections.abc import Iterator

import httpx
import pytest

from simulators.scim import effects
from simulators.scim.handle import ScimSimulator
from simulators.scim.quirks import Effect
from tests.simulators.scim.builders import Client, refusal, replace, user
from tests.simulators.scim.clock import SetClock


@pytest.fixture
def hasty(app: ScimSimulator) -> Iterator[Client]:
    """A client that soon gives up."""
    speaking = Client(app, timeout=0.3)
    yield speaking
    speaking.close()


def names(app: ScimSimulator) -> list[str]:
    return [account["userName"] for account in app.state.accounts()]


class TestLostAnswers:
    def test_committed_and_never_answered(self, hasty: Client, app: ScimSimulator) -> None:
        app.quirks.add(effects.commit_and_never_answer(), methods=("POST",))
        with pytest.raises(httpx.ReadTimeout):
            hasty.create()
        assert names(app) == ["ada@example.com"]
        assert refusal(hasty.send("POST", "/Users", user())) == (409, "uniqueness")

    def test_never_answered_and_not_committed(self, hasty: Client, app: ScimSimulator) -> None:
        app.quirks.add(effects.never_answer())
        with pytest.raises(httpx.ReadTimeout):
            hasty.create()
        assert names(app) == []

    def test_cut_before_the_commit(self, client: Client, app: ScimSimulator) -> None:
        app.quirks.add(effects.cut_before_commit())
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            client.create()
        assert names(app) == []
        client.create()

    def test_cut_after_the_commit(self, client: Client, app: ScimSimulator) -> None:
        app.quirks.add(effects.cut_after_commit())
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            client.create()
        assert names(app) == ["ada@example.com"]

    def test_a_lost_answer_is_counted_with_status_zero(self, client: Client, app: ScimSimulator) -> None:
        app.quirks.add(effects.cut_after_commit())
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            client.create(externalId="7")
        assert app.counters.requests("POST", "/Users", 0) == 1
        assert app.counters.creates("7") == 1

    def test_stopping_does_not_wait_for_those_who_get_no_answer(self, clock: SetClock) -> None:
        with ScimSimulator.start(clock=clock) as app:
            app.quirks.add(effects.never_answer())
            speaking = Client(app, timeout=0.2)
            with pytest.raises(httpx.ReadTimeout):
                speaking.create()
            app.stop()
            with pytest.raises(httpx.TransportError):
                speaking.get("/Users")
            speaking.close()


class TestAnswers:
    @pytest.mark.parametrize(
        ("effect", "expected"),
        [
            (effects.conflict(), (409, "uniqueness")),
            (effects.too_many_requests(), (429, None)),
            (effects.server_error(), (503, None)),
            (effects.server_error(500), (500, None)),
            (effects.unauthorised(), (401, None)),
            (effects.forbidden(), (403, None)),
            (effects.refused(), (400, "invalidValue")),
        ],
        ids=lambda value: str(getattr(value, "status", "")),
    )
    def test_an_answer_instead_of_the_deed(
        self, client: Client, app: ScimSimulator, effect: Effect, expected: tuple[int, str | None]
    ) -> None:
        app.quirks.add(effect)
        assert refusal(client.send("POST", "/Users", user())) == expected
        assert names(app) == []
        client.create()

    def test_429_says_when_to_come_back_or_does_not(self, client: Client, app: ScimSimulator) -> None:
        date = "Wed, 21 Oct 2026 07:28:00 GMT"
        for wait in (2, date, None):
            app.quirks.add(effects.too_many_requests(wait))
        waits = [client.get("/Users").headers.get("Retry-After") for _ in range(3)]
        assert waits == ["2", date, None]

    def test_401_names_the_scheme(self, client: Client, app: ScimSimulator) -> None:
        app.quirks.add(effects.unauthorised())
        assert client.get("/Users").headers["WWW-Authenticate"].startswith("Bearer")

    def test_an_error_after_the_commit(self, client: Client, app: ScimSimulator) -> None:
        app.quirks.add(effects.server_error(502, committed=True))
        assert client.send("POST", "/Users", user()).status_code == 502
        assert names(app) == ["ada@example.com"]

    def test_a_web_page_with_200(self, client: Client, app: ScimSimulator) -> None:
        app.quirks.add(effects.html_page())
        answer = client.get("/Users")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html")
        assert answer.text.startswith("<!doctype html>")

    def test_a_redirect(self, client: Client, app: ScimSimulator) -> None:
        app.quirks.add(effects.redirect("http://127.0.0.1:1/login"))
        answer = client.get("/Users")
        assert (answer.status_code, answer.headers["Location"]) == (302, "http://127.0.0.1:1/login")

    def test_a_slow_answer_is_still_the_right_one(self, client: Client, app: ScimSimulator) -> None:
        app.quirks.add(effects.slow(0.01))
        client.create()

    def test_a_refused_person_is_named_nowhere(self, client: Client, app: ScimSimulator) -> None:
        app.quirks.add(effects.refused(), external_ids=("7",), times=None)
        answer = client.send("POST", "/Users", user(externalId="7"))
        assert refusal(answer) == (400, "invalidValue")
        assert "ada" not in answer.text


class TestMatching:
    def test_by_method_and_path(self, client: Client, app: ScimSimulator) -> None:
        app.quirks.add(effects.forbidden(), methods=("PUT", "PATCH"), path="/Users/", times=None)
        ada = client.create()
        assert client.patch(ada["id"], replace("title", "x")).status_code == 403
        assert client.send("PUT", f"/Users/{ada['id']}", user()).status_code == 403
        assert client.get(f"/Users/{ada['id']}").status_code == 200

    @pytest.mark.parametrize(("external_id", "name"), [(("7",), ()), ((), ("ADA@example.com",))])
    def test_by_person_whether_the_request_names_them_or_not(
        self, client: Client, app: ScimSimulator, external_id: tuple[str, ...], name: tuple[str, ...]
    ) -> None:
        ada, bob = client.create(externalId="7"), client.create("bob@example.com", externalId="8")
        app.quirks.add(effects.conflict(), external_ids=external_id, user_names=name, times=None)
        assert client.patch(ada["id"], replace("title", "x")).status_code == 409
        assert client.send("PUT", f"/Users/{ada['id']}", user("new", externalId="9")).status_code == 409
        assert client.patch(bob["id"], replace("title", "x")).status_code == 200
        assert client.send("POST", "/Users", user("eve@example.com")).status_code == 201

    def test_look_ups_apart_from_lists(self, client: Client, app: ScimSimulator) -> None:
        app.quirks.add(effects.server_error(), filtered=True, times=None)
        app.quirks.add(effects.forbidden(), filtered=False, times=None)
        assert client.get("/Users", filter="userName pr").status_code == 503
        assert client.get("/Users").status_code == 403

    def test_a_broken_body_is_matched_all_the_same(self, client: Client, app: ScimSimulator) -> None:
        app.quirks.add(effects.conflict(), methods=("POST",), user_names=("ada",))
        app.quirks.add(effects.server_error(), methods=("POST",))
        assert client.http.post("/Users", content=b"{").status_code == 503


class TestHowOften:
    def test_once_unless_told_otherwise(self, client: Client, app: ScimSimulator) -> None:
        rule = app.quirks.add(effects.server_error())
        assert [client.get("/Users").status_code for _ in range(3)] == [503, 200, 200]
        assert app.quirks.taken(rule) == 1

    def test_the_nth_request(self, client: Client, app: ScimSimulator) -> None:
        app.quirks.add(effects.server_error(), skip=1, times=2)
        assert [client.get("/Users").status_code for _ in range(5)] == [200, 503, 503, 200, 200]

    def test_for_a_time(self, client: Client, app: ScimSimulator, clock: SetClock) -> None:
        app.quirks.add(effects.server_error(), times=None, seconds=30)
        assert client.get("/Users").status_code == 503
        clock.advance(30)
        assert client.get("/Users").status_code == 200

    def test_until_it_is_taken_down(self, client: Client, app: ScimSimulator) -> None:
        rule = app.quirks.add(effects.forbidden(), times=None)
        assert client.get("/Users").status_code == 403
        app.quirks.remove(rule)
        assert client.get("/Users").status_code == 200
        assert app.quirks.is_quiet

    def test_rules_wait_in_line(self, client: Client, app: ScimSimulator) -> None:
        app.quirks.add(effects.server_error())
        app.quirks.add(effects.forbidden())
        assert [client.get("/Users").status_code for _ in range(3)] == [503, 403, 200]
