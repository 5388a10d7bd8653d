"""Every message that any release ever sent is still understood; one of the future is not guessed at."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.queue.codec import UnknownMessageError, decode, encode
from adapters.queue.envelope import NotOursError, event_in, open_envelope, same_as, sealed, tenant_in
from domain.codes import Code
from domain.events import (
    ConcludeDue,
    EmployeeChanged,
    Event,
    IncidentChanged,
    NoticesDue,
    PageDue,
    ProbeDue,
    Queue,
    RunDue,
)
from domain.ids import INSTALLATION, ChangeId, EnvelopeId, IncidentId, RunId, SetbackId, TenantId

GOLDEN = Path(__file__).parents[1] / "fixtures" / "messages"
"""Bodies as they were on the queue, one file for each type and version. Files are added, never edited."""

ACME, RUN = TenantId("acme"), RunId("019c7a10-0000-7000-8000-000000000001")
CHANGES = tuple(ChangeId(f"019c7a10-0000-7000-8000-00000000001{number}") for number in range(2))
ENVELOPE = EnvelopeId("019c7a10-0000-7000-8000-000000000002")
MEANS: dict[str, Event] = {
    "run-due.1": RunDue(ACME, RUN),
    "page-due.1": PageDue(ACME, RUN, 7),
    "conclude-due.1": ConcludeDue(ACME, RUN),
    "employee-changed.1": EmployeeChanged(ACME, RUN, ENVELOPE, CHANGES, Queue.URGENT),
    "notices-due.1": NoticesDue(ACME),
    "probe-due.1": ProbeDue(ACME, SetbackId("019c7a10-0000-7000-8000-000000000004"), 2),
    "incident-changed.1": IncidentChanged(ACME, IncidentId("019c7a10-0000-7000-8000-000000000003")),
}
FUTURE = ("employee-changed.2", "team-changed.1")


def golden(name: str) -> bytes:
    return (GOLDEN / f"{name}.json").read_bytes()


@pytest.mark.parametrize("name", MEANS, ids=[f"A9 {name}" for name in MEANS])
def test_a_message_of_every_release_means_what_it_meant(name: str) -> None:
    assert event_in(golden(name)) == MEANS[name]


def test_a9_every_type_and_version_that_we_send_has_a_golden_message() -> None:
    sent = {str(encode(event)["type"]).replace("/", ".") for event in MEANS.values()}
    assert {type(event) for event in MEANS.values()} == set(Event.__args__)
    assert sent | set(FUTURE) == {path.stem for path in GOLDEN.glob("*.json")}


@pytest.mark.parametrize("name", FUTURE, ids=[f"A9 {name}" for name in FUTURE])
def test_a_message_of_a_newer_release_is_named_but_not_guessed_at(name: str) -> None:
    with pytest.raises(UnknownMessageError, match=name.replace(".", "/")):
        decode(open_envelope(golden(name)).payload)
    assert event_in(golden(name)) is None
    assert tenant_in(golden(name)) == "acme"


@pytest.mark.parametrize("name", MEANS)
def test_a_payload_that_was_kept_without_its_envelope_is_the_same_message(name: str) -> None:
    body = sealed(open_envelope(golden(name)).payload)
    assert event_in(body) == MEANS[name]
    assert same_as(body, Code.MESSAGE_UNKNOWN, "") == same_as(golden(name), Code.MESSAGE_UNKNOWN, "")


@pytest.mark.parametrize("name", ["incident-changed.1", "notices-due.1"])
def test_what_the_installation_has_to_tell_travels_like_what_a_tenant_has(name: str) -> None:
    event = replace(MEANS[name], tenant_id=INSTALLATION)
    assert decode(encode(event)) == event


@pytest.mark.parametrize("name", ["run-due.1", "employee-changed.1", "probe-due.1"])
def test_work_that_is_nobodys_is_no_message(name: str) -> None:
    with pytest.raises(UnknownMessageError):
        decode(encode(replace(MEANS[name], tenant_id=INSTALLATION)))


CANARY = "anna.muster@example.com"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{not json " + CANARY.encode(), id="A7 no json"),
        pytest.param(b"", id="A7 empty"),
        pytest.param(b"\xff\xfe\x00" + CANARY.encode(), id="A7 no text"),
        pytest.param(b"[" * 60_000, id="A7 deeply nested"),
        pytest.param(json.dumps(["a", CANARY]).encode(), id="A7 a list"),
        pytest.param(json.dumps({"args": [CANARY]}).encode(), id="A7 half an envelope"),
        pytest.param(
            json.dumps(
                {"message_id": "1", "queue_name": "fetch", "actor_name": CANARY, "args": [1, 2]}
            ).encode(),
            id="A7 two arguments",
        ),
        pytest.param(json.dumps({"a": CANARY * 10_000}).encode(), id="B10 huge"),
    ],
)
def test_what_is_no_message_is_told_without_repeating_any_of_it(body: bytes) -> None:
    with pytest.raises(NotOursError) as caught:
        open_envelope(body)
    assert CANARY not in str(caught.value)
    assert tenant_in(body) is None
    assert event_in(body) is None


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param({"type": CANARY}, id="K2 a person as the type"),
        pytest.param({"type": "run-due/1", "tenant": 7, "run": CANARY}, id="K2 wrong types"),
        pytest.param({"type": "run-due/1", "tenant": "acme"}, id="B10 a field is missing"),
        pytest.param({"type": "employee-changed/1", "tenant": "acme", "changes": CANARY}, id="B10 no list"),
        pytest.param(CANARY, id="K2 a text"),
        pytest.param(None, id="B10 nothing"),
    ],
)
def test_an_unknown_payload_is_told_without_its_values(payload: object) -> None:
    with pytest.raises(UnknownMessageError) as caught:
        decode(payload)
    assert CANARY not in str(caught.value)
