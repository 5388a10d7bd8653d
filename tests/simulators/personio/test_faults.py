"""Scripted misfortunes: which request they hit, how often, and what then arrives."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import msgspec
import pytest

from simulators.personio.actions import (
    Action,
    Delay,
    Distort,
    DripFeed,
    EmptyList,
    Ending,
    ExpireToken,
    GzipBomb,
    HangUpNow,
    Html,
    Omit,
    Redirect,
    Refuse,
    RepeatPage,
    ShiftPage,
    ShortPage,
    Status,
    TooMany,
    Truncate,
    TypeDrift,
    WrongTotal,
)
from simulators.personio.changes import Erase, Hire
from simulators.personio.clock import Clock
from simulators.personio.handle import PersonioSimulator
from simulators.personio.reply import Ask, Cut, Drip
from simulators.personio.spoil import respond
from tests.simulators.personio.builders import asked, world_of
from tests.simulators.personio.client import LIST, Client


class TestWhichRequestIsHit:
    def test_once_and_then_never_again(self, client: Client, personio: PersonioSimulator) -> None:
        personio.fault(Status(status=500))
        assert [client.get().status_code for _ in range(2)] == [500, 200]

    def test_so_often(self, client: Client, personio: PersonioSimulator) -> None:
        personio.fault(Status(status=502), count=2)
        assert [client.get().status_code for _ in range(3)] == [502, 502, 200]

    def test_for_ever_until_cleared(self, client: Client, personio: PersonioSimulator) -> None:
        personio.fault(Status(status=503), count=None)
        assert [client.get().status_code for _ in range(3)] == [503, 503, 503]
        personio.clear_faults()
        assert client.get().status_code == 200

    def test_from_the_nth_on(self, client: Client, personio: PersonioSimulator) -> None:
        personio.fault(Status(status=500), nth=3)
        assert [client.get().status_code for _ in range(4)] == [200, 200, 500, 200]

    def test_by_path(self, client: Client, personio: PersonioSimulator) -> None:
        personio.fault(Status(status=500), path=f"{LIST}/attributes")
        assert client.get().status_code == 200
        assert client.get(f"{LIST}/attributes").status_code == 500

    def test_by_method_the_login_too(self, client: Client, personio: PersonioSimulator) -> None:
        personio.fault(Status(status=500), method="POST")
        assert client.get().status_code == 200
        assert client.login().status_code == 500

    def test_by_offset_where_none_is_nought(self, client: Client, personio: PersonioSimulator) -> None:
        personio.fault(Status(status=500), path=LIST, offset=10)
        personio.fault(Status(status=501), path=LIST, offset=0)
        assert client.get(query={"offset": 5}).status_code == 200
        assert client.get(query={"offset": 10}).status_code == 500
        assert client.get().status_code == 501

    def test_by_any_query_parameter(self, client: Client, personio: PersonioSimulator) -> None:
        personio.fault(Status(status=500), query={"limit": "7"})
        assert client.get(query={"limit": 8}).status_code == 200
        assert client.get(query={"limit": 7}).status_code == 500

    def test_in_the_order_of_scripting(self, client: Client, personio: PersonioSimulator) -> None:
        personio.fault(Status(status=500))
        personio.fault(Status(status=501))
        assert [client.get().status_code for _ in range(3)] == [500, 501, 200]


class TestAnotherAnswerInstead:
    def test_a_status_with_json(self, client: Client, personio: PersonioSimulator) -> None:
        personio.fault(Status(status=504, json={"late": True}, headers={"X-Trace": "1"}))
        answer = client.get()
        assert (answer.status_code, answer.json()) == (504, {"late": True})
        assert answer.headers["X-Trace"] == "1"

    def test_a_status_with_text(self, client: Client, personio: PersonioSimulator) -> None:
        personio.fault(Status(status=431, text="Request Header Fields Too Large"))
        answer = client.get()
        assert (answer.text, answer.headers["Content-Type"]) == (
            "Request Header Fields Too Large",
            "text/plain",
        )

    def test_a_status_with_nothing(self, client: Client, personio: PersonioSimulator) -> None:
        personio.fault(Status(status=500))
        assert client.get().content == b""

    def test_a_web_page_with_status_200(self, client: Client, personio: PersonioSimulator) -> None:
        personio.fault(Html())
        answer = client.get()
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html")
        assert answer.text.startswith("<!doctype html>")

    def test_success_false_with_status_200(self, client: Client, personio: PersonioSimulator) -> None:
        personio.fault(Refuse(code=500))
        answer = client.get()
        assert answer.status_code == 200
        expected = {"code": 500, "message": "Something went wrong"}
        assert answer.json() == {"success": False, "error": expected}

    def test_a_redirect_to_another_host(self, client: Client, personio: PersonioSimulator) -> None:
        personio.fault(Redirect(location="https://evil.example.com/v1"))
        answer = client.get()
        assert (answer.status_code, answer.headers["Location"]) == (302, "https://evil.example.com/v1")

    @pytest.mark.parametrize(("given", "expected"), [(None, None), (7, "7"), (0.5, "0.5")])
    def test_too_many_with_a_hint_in_seconds_or_none(
        self, client: Client, personio: PersonioSimulator, given: float | None, expected: str | None
    ) -> None:
        personio.fault(TooMany(retry_after=given))
        answer = client.get()
        assert (answer.status_code, answer.headers.get("Retry-After")) == (429, expected)

    def test_too_many_with_a_hint_as_a_date(self) -> None:
        world = world_of(20, Clock(lambda: datetime(2026, 11, 22, 9, tzinfo=UTC)))
        world.faults.script(asked(TooMany(retry_after="http-date", seconds=3_600)))
        reply = respond(world, Ask("GET", LIST))
        assert reply.headers == {"Retry-After": "Sun, 22 Nov 2026 10:00:01 GMT"}

    def test_a_gzip_bomb_is_small_on_the_wire_and_large_in_memory(
        self, client: Client, personio: PersonioSimulator
    ) -> None:
        personio.fault(GzipBomb(megabytes=8))
        headers = {"Authorization": f"Bearer {client.token}"}
        with client.http.stream("GET", LIST, headers=headers) as answer:
            packed = b"".join(answer.iter_raw())
        assert answer.headers["Content-Encoding"] == "gzip"
        assert len(packed) < 64 * 1024
        assert len(gzip.decompress(packed)) > 8 * 1024 * 1024

    @pytest.mark.parametrize("by", ["close", "half-close", "reset"])
    def test_no_answer_at_all(self, client: Client, personio: PersonioSimulator, by: Ending) -> None:
        personio.fault(HangUpNow(by=by))
        with pytest.raises(httpx.TransportError):
            client.get()
        assert client.get().status_code == 200


class TestTheTrueAnswerSpoiled:
    @pytest.mark.parametrize("by", ["close", "half-close", "reset"])
    @pytest.mark.parametrize("share", [0.0, 0.5])
    def test_truncated_content_length_says_more_than_arrives(
        self, client: Client, personio: PersonioSimulator, by: Ending, share: float
    ) -> None:
        personio.fault(Truncate(share=share, by=by))
        with pytest.raises(httpx.TransportError):
            client.get()
        assert client.get().status_code == 200

    def test_late(self) -> None:
        world = world_of(20)
        world.faults.script(asked(Delay(seconds=30)))
        reply = respond(world, Ask("GET", LIST))
        assert (reply.status, reply.wait) == (401, 30)

    def test_late_over_the_wire(self, client: Client, personio: PersonioSimulator) -> None:
        personio.fault(Delay(seconds=0.05))
        assert client.get().status_code == 200

    def test_latency_of_a_page(self) -> None:
        world = world_of(20)
        world.turn(world.switches.with_(latency_ms=150))
        credential = world.desk.credential(None)
        token = world.desk.login(credential.client_id, credential.client_secret, world.clock.now(), 60)
        assert token is not None
        reply = respond(world, Ask("GET", LIST, authorization=f"Bearer {token.text}"))
        assert (reply.status, reply.wait) == (200, 0.15)

    def test_drop_by_drop(self, client: Client, personio: PersonioSimulator) -> None:
        personio.fault(DripFeed())
        headers = {"Authorization": f"Bearer {client.token}"}
        with client.http.stream("GET", LIST, headers=headers) as answer:
            assert next(answer.iter_raw()) == b"{"
            assert int(answer.headers["Content-Length"]) > 1_000

    def test_a_drip_that_is_fast_enough_arrives_whole(
        self, client: Client, personio: PersonioSimulator
    ) -> None:
        personio.fault(DripFeed(bytes_per_second=1_000_000))
        assert len(client.page().ids) == 20

    @pytest.mark.parametrize(("action", "expected"), [(Truncate(), Cut), (DripFeed(), Drip)])
    def test_counted_as_what_they_are(self, action: Action, expected: type) -> None:
        world = world_of(20)
        world.faults.script(asked(action))
        assert isinstance(respond(world, Ask("GET", LIST)).delivery, expected)

    def test_numbers_as_texts(self, client: Client, personio: PersonioSimulator) -> None:
        true = client.page()
        personio.fault(TypeDrift())
        drifted = client.page()
        assert (drifted.body["offset"], drifted.body["limit"]) == ("0", "100")
        assert drifted.ids == [str(number) for number in true.ids]

    def test_attributes_left_out_of_all_records_but_one(
        self, client: Client, personio: PersonioSimulator
    ) -> None:
        spared = int(str(client.page().ids[2]))
        personio.fault(Omit(attributes=["position"], spared=[spared]))
        assert ["position" in person for person in client.page().people[:4]] == [False, False, True, False]

    def test_attributes_emptied_on_all_records(self, client: Client, personio: PersonioSimulator) -> None:
        personio.fault(Omit(attributes=["position"], empty=True))
        assert {person["position"]["value"] for person in client.page().people} == {None}

    def test_ids_alone_as_texts_inside_references_too(
        self, client: Client, personio: PersonioSimulator
    ) -> None:
        personio.fault(TypeDrift(offset_as_text=False))
        page = client.page()
        assert page.body["offset"] == 0
        office = next(office for person in page.people if (office := person["office"]["value"]))
        assert isinstance(office, dict)
        assert isinstance(office["attributes"]["id"], str)


class TestAListThatIsWrong:
    def test_the_page_before_comes_again(self, client: Client, personio: PersonioSimulator) -> None:
        personio.fault(RepeatPage(), offset=5)
        first = client.page(0, 5)
        again = client.page(5, 5)
        assert again.ids == first.ids
        assert again.body["offset"] == 5

    @pytest.mark.parametrize(("by", "first"), [(2, 7), (-2, 3), (-50, 0)])
    def test_the_rows_are_shifted(
        self, client: Client, personio: PersonioSimulator, by: int, first: int
    ) -> None:
        everybody = client.page().ids
        personio.fault(ShiftPage(by=by), offset=5)
        assert client.page(5, 5).ids == everybody[first : first + 5]

    @pytest.mark.parametrize(("action", "total"), [(WrongTotal(total=3), 3), (WrongTotal(add=-1), 19)])
    def test_the_total_is_wrong(
        self, client: Client, personio: PersonioSimulator, action: WrongTotal, total: int
    ) -> None:
        personio.fault(action)
        page = client.page()
        assert (page.total, len(page.ids)) == (total, 20)

    @pytest.mark.parametrize(("action", "total"), [(EmptyList(), 20), (EmptyList(total=0), 0)])
    def test_the_list_is_empty(
        self, client: Client, personio: PersonioSimulator, action: EmptyList, total: int
    ) -> None:
        personio.fault(action)
        page = client.page()
        assert (page.ids, page.total) == ([], total)

    def test_the_page_is_short(self, client: Client, personio: PersonioSimulator) -> None:
        everybody = client.page().ids
        personio.fault(ShortPage(rows=3))
        page = client.page()
        assert (page.ids, page.total) == (everybody[:3], 20)

    @pytest.mark.parametrize(
        ("lie", "expected", "total"),
        [
            (Distort(drop=(0, 2), cut=3), lambda ids: [ids[1], ids[3], ids[4]], 20),
            (Distort(drop=(0, 99), honest_total=False), lambda ids: ids[1:], 19),
            (Distort(repeat=(1,)), lambda ids: [*ids[:2], *ids[1:]], 20),
            (Distort(cut=0, honest_total=False), lambda _: [], 0),
        ],
        ids=["cut", "dropped", "told twice", "nobody"],
    )
    def test_the_list_is_bent_as_a_whole_whatever_its_pages(
        self,
        client: Client,
        personio: PersonioSimulator,
        lie: Distort,
        expected: Callable[[list[object]], list[object]],
        total: int,
    ) -> None:
        everybody = client.page().ids
        personio.fault(msgspec.structs.replace(lie, page_rows=4), path=LIST, count=None)
        told: list[object] = []
        while page := client.page(len(told)).ids:
            assert len(page) <= 4
            told += page
        assert told == expected(everybody)
        assert client.page().total == total

    def test_the_list_is_reordered_the_same_way_on_each_page(
        self, client: Client, personio: PersonioSimulator
    ) -> None:
        everybody = client.page().ids
        personio.fault(Distort(shuffle=3), path=LIST, count=None)
        told = client.page(0, 10).ids + client.page(10, 10).ids
        assert told != everybody
        assert sorted(map(str, told)) == sorted(map(str, everybody))

    def test_a_list_fault_does_no_harm_to_a_single_employee(
        self, client: Client, personio: PersonioSimulator
    ) -> None:
        number = client.page().ids[0]
        personio.fault(EmptyList())
        assert client.get(f"{LIST}/{number}").status_code == 200


class TestTokensThatDie:
    @pytest.mark.parametrize("status", [401, 403])
    def test_the_request_is_refused_and_the_next_login_gets_another_token(
        self, client: Client, personio: PersonioSimulator, status: int
    ) -> None:
        old = client.token
        personio.fault(ExpireToken(status=401 if status == 401 else 403), nth=2)
        assert client.get().status_code == 200
        assert client.get().status_code == status
        assert client.get().status_code == 403
        client.login()
        assert client.token != old
        assert client.get().status_code == 200

    def test_without_a_token_all_of_them_die(self, client: Client, personio: PersonioSimulator) -> None:
        personio.fault(ExpireToken())
        client.http.get(LIST)
        assert client.get().status_code == 403


class TestDriftWhilePaging:
    def test_a_hire_after_a_page_repeats_a_row(self, client: Client, personio: PersonioSimulator) -> None:
        personio.after_page(0, Hire())
        first, second = client.page(0, 5), client.page(5, 5)
        assert first.ids[-1] == second.ids[0]
        assert (first.total, second.total) == (20, 21)

    def test_an_erasure_after_a_page_hides_a_row(self, client: Client, personio: PersonioSimulator) -> None:
        everybody = client.page().ids
        gone = everybody[0]
        assert isinstance(gone, int)
        personio.after_page(0, Erase(person_id=gone))
        client.page(0, 5)
        second = client.page(5, 5)
        assert second.ids[0] == everybody[6]
        assert second.total == 19

    def test_a_hook_springs_only_once_and_on_its_own_page(
        self, client: Client, personio: PersonioSimulator
    ) -> None:
        personio.after_page(1, Hire())
        assert [client.page(offset, 5).total for offset in (0, 5, 10, 5)] == [20, 20, 21, 21]


def test_faults_are_counted_by_kind_and_dropped_answers_as_such(
    client: Client, personio: PersonioSimulator
) -> None:
    personio.reset_counters()
    personio.fault(Status(status=500))
    personio.fault(HangUpNow())
    client.get()
    with pytest.raises(httpx.TransportError):
        client.get()
    counted = personio.counters()
    assert counted.faults == {"status": 1, "hang-up": 1}
    assert counted.requests == {f"GET {LIST}": {"500": 1, "hangup": 1}}
