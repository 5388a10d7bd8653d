"""Try the channels, see what is on its way, send again what was given up, and name owners anew."""

from base64 import b64encode
from pathlib import Path

import pytest

from domain.codes import Code
from domain.dispatches import Ending, NewDispatch, Sent, Undelivered
from domain.ids import TenantId
from domain.notices import Audience, Stage
from tests.fakes.mail_server import MailServerScript, free_port, mail_server, readers_of
from tests.unit.cli.terminal import Terminal

ACME = TenantId("acme")
OWNED = ("--owner", "ada@acme.example", "--owner", "bob@acme.example", "--language", "de")


@pytest.fixture
def acme(terminal: Terminal) -> Terminal:
    added = terminal.add_tenant("acme", *OWNED)
    assert added.code == 0, added.err
    return terminal


def mail_at(port: int) -> dict[str, str]:
    return {
        "STAFFETTA_SMTP_URL": f"smtp+plain://127.0.0.1:{port}",
        "STAFFETTA_MAIL_FROM": "staffetta@relay.test",
        "STAFFETTA_OPERATOR_EMAIL": "operator@relay.test",
    }


def undelivered(terminal: Terminal) -> None:
    """Let one message have arrived and another be given up."""
    endings: list[Ending] = [Sent(), Undelivered(Code.NOTICE_REFUSED, "answers 550")]
    with terminal.store() as store, store.write() as tx:
        for number, ending in enumerate(endings):
            new = NewDispatch(f"n-{number}", "email", Stage.OPENED, "inc-1", Audience.OWNERS)
            tx.dispatches.add(ACME, [new])
            taken = tx.dispatches.take(ACME, "token")
            assert taken is not None
            tx.dispatches.settle(taken, "token", ending)


def test_a_test_goes_over_every_channel_to_owners_and_operator(acme: Terminal) -> None:
    script = MailServerScript()
    with mail_server(script) as port:
        answer = acme.type("notify", "test", "acme", "--json", **mail_at(port))
    assert answer.code == 0, answer.err
    tried = [(row["channel"], row["to"], row["arrived"]) for row in answer.data["tried"]]
    assert tried == [
        ("log", "everybody", True),
        ("email", "owners", True),
        ("email", "operator", True),
        ("file", "owners", True),
        ("file", "operator", True),
    ]
    assert readers_of(script.taken) == [
        ("ada@acme.example", "bob@acme.example"),
        ("operator@relay.test",),
    ]
    assert "Probe" in str(script.taken[0].mail["Subject"])
    assert len(list((acme.home / "outbox").glob("acme-test-*.eml"))) == 2


def test_a_channel_that_does_not_take_it_is_named_with_its_cure_and_exit_code_1(acme: Terminal) -> None:
    answer = acme.type("notify", "test", "acme", **mail_at(free_port()))
    assert answer.code == 1
    assert "does not answer just now" in answer.out
    assert "→ Wait" in answer.out


def test_an_owner_who_takes_no_mail_is_counted(acme: Terminal) -> None:
    script = MailServerScript(replies={"bob@acme.example": "550 unknown"})
    with mail_server(script) as port:
        answer = acme.type("notify", "test", "acme", "--json", **mail_at(port))
    assert answer.code == 1
    [row] = [row for row in answer.data["tried"] if not row["arrived"]]
    assert (row["channel"], row["addresses"], row["refused"], row["detail"]) == ("email", 2, 1, "550")
    assert row["cause"]["code"] == "notice.owners-unreachable"
    assert "bob@" not in answer.out


def test_an_owner_who_takes_no_mail_is_told_from_those_who_have_it_with_the_cure(acme: Terminal) -> None:
    with mail_server(MailServerScript(replies={"bob@acme.example": "550 unknown"})) as port:
        answer = acme.type("notify", "test", "acme", **mail_at(port))
    assert answer.code == 1
    assert "1 of 2: 550" in " ".join(answer.out.split())
    assert "staffetta tenant owners acme" in " ".join(answer.out.split())


def test_messages_are_listed_undelivered_first_and_fail_the_command(acme: Terminal) -> None:
    assert "No message is on its way." in acme.type("notify", "list").out
    undelivered(acme)
    answer = acme.type("notify", "list", "acme", "--json")
    assert answer.code == 1
    told = [(row["message"], row["state"]) for row in answer.data["messages"]]
    assert told == [("n-1", "undelivered"), ("n-0", "sent")]
    assert answer.data["messages"][0]["cause"]["code"] == "notice.channel-refused"
    shown = acme.type("notify", "list")
    assert shown.code == 1
    assert "n-0" not in shown.out
    assert "staffetta notify retry acme" in shown.out


def test_what_was_given_up_is_due_again_on_request(acme: Terminal) -> None:
    undelivered(acme)
    assert acme.json("notify", "retry", "acme")["due"] == 1
    rows = acme.json("notify", "list", "acme")["messages"]
    assert [(row["message"], row["state"], row["tries"]) for row in rows] == [
        ("n-1", "due", 0),
        ("n-0", "sent", 1),
    ]


def test_the_doctor_fails_over_undelivered_messages_and_names_the_command(acme: Terminal) -> None:
    assert finding(acme)["health"] == "well"
    undelivered(acme)
    found = finding(acme)
    assert found["health"] == "problem"
    assert found["what"] == "1 undelivered, 0 on their way for more than an hour (email)"
    assert "staffetta notify test acme" in found["cure"]


def test_the_doctor_fails_over_what_has_been_on_its_way_for_more_than_an_hour(acme: Terminal) -> None:
    with acme.store() as store, store.write() as tx:
        tx.dispatches.add(ACME, [NewDispatch("n", "slack", Stage.OPENED, "inc-1", Audience.EVERYBODY)])
    assert finding(acme)["what"] == "1 on their way"
    with acme.store() as store, store.write() as tx:
        tx.session.connection.exec_driver_sql("UPDATE dispatches SET made_at = made_at - 3660000")
    assert finding(acme)["what"] == "0 undelivered, 1 on their way for more than an hour (slack)"


def finding(terminal: Terminal) -> dict[str, str]:
    [found] = [
        each for each in terminal.type("doctor", "--json").data["findings"] if each["about"] == "messages"
    ]
    return dict(found)


def test_owners_are_shown_and_named_anew(acme: Terminal) -> None:
    assert acme.json("tenant", "owners", "acme")["owners"] == ["ada@acme.example", "bob@acme.example"]
    named = acme.json("tenant", "owners", "acme", "cyd@acme.example", "cyd@acme.example")
    assert named["owners"] == ["cyd@acme.example"]
    assert acme.json("tenant", "show", "acme")["owners"] == ["cyd@acme.example"]


def test_what_is_no_address_is_refused_without_repeating_it(acme: Terminal) -> None:
    answer = acme.type("tenant", "owners", "acme", "cyd@acme.example", "Anna Canary")
    assert answer.code == 2
    assert "is no e-mail address." in answer.err
    assert "Canary" not in answer.err
    assert len(acme.json("tenant", "owners", "acme")["owners"]) == 2


@pytest.mark.parametrize("words", [("test", "globex"), ("list", "globex"), ("retry", "globex")])
def test_an_unknown_tenant_is_exit_code_7(acme: Terminal, words: tuple[str, ...]) -> None:
    assert acme.type("notify", *words).code == 7


def test_no_secret_of_a_channel_is_shown_when_a_setting_is_wrong(acme: Terminal, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("smtp://relay:canary@mail.example:canary")
    answer = acme.type("notify", "list", STAFFETTA_SMTP_URL_FILE=str(secret))
    assert answer.code == 2
    assert "canary" not in answer.out + answer.err
    assert "STAFFETTA_SMTP_URL names a port" in answer.err
    assert b64encode(b"canary").decode() not in answer.err
