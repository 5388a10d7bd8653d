"""The e-mail channel passes the contract, and says what happened whatever the mail server does."""

import base64
import re
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.channels.smtp import DEADLINE_S, EmailChannel, MailServer, Security
from domain.codes import Code
from domain.errors import PermanentError, TemporaryError
from domain.ids import TenantId
from domain.notices import Stage
from domain.ports_channels import Channel, Delivered
from domain.setback_words import fix
from tests.contracts.channel_contract import ChannelContract, hostile
from tests.fakes.incidents import digest, notice
from tests.fakes.mail_server import MailServerScript, free_port, mail_server, readers_of
from tests.unit.http.test_tls import self_signed

SENDER, OPERATOR = "staffetta@relay.test", "operator@relay.test"
HOST = "scim.acme.example"
"""The name in the certificate that the tests of TLS made."""

TWO = replace(notice(), addressees=("ada@acme.test", "bob@acme.test"))


class TestEmailChannel(ChannelContract):
    @pytest.fixture
    def channel(self) -> Iterator[Channel]:
        self._script = MailServerScript()
        with mail_server(self._script) as port:
            yield channel_to(port)

    def delivered(self) -> Sequence[str]:
        return [str(each.mail["Message-ID"]).strip("<>").partition("@")[0] for each in self._script.taken]

    def raw(self) -> str:
        mails = [each.mail for each in self._script.taken]
        heads = [f"{name}: {value}\n" for mail in mails for name, value in mail.items()]
        parts = [part.get_content() for mail in mails for part in mail.iter_parts()]
        return "".join([*heads, *(f"> {line}\n" for text in parts for line in text.split("\n"))])


@pytest.fixture
def script() -> MailServerScript:
    return MailServerScript()


@pytest.fixture
def channel(script: MailServerScript) -> Iterator[EmailChannel]:
    with mail_server(script) as port:
        yield channel_to(port)


def channel_to(
    port: int, security: Security = Security.PLAIN, *, deadline_s: float = DEADLINE_S, **more: str
) -> EmailChannel:
    server = MailServer("127.0.0.1", port, security, **more)
    return EmailChannel(server, SENDER, OPERATOR, ssl.create_default_context(), deadline_s)


def test_a_mail_has_text_and_html_in_the_language_of_its_readers(
    channel: EmailChannel, script: MailServerScript
) -> None:
    channel.deliver(TWO)
    [taken] = script.taken
    assert (taken.sender, taken.readers) == (SENDER, ("ada@acme.test", "bob@acme.test"))
    mail = taken.mail
    assert mail.get_content_type() == "multipart/alternative"
    text, html = mail.iter_parts()
    assert "Öffnen Sie in Personio" in text.get_content()
    assert "  staffetta run run-7" in text.get_content().splitlines()
    assert "Öffnen Sie in Personio" in html.get_content()
    assert "<code>staffetta run run-7</code>" in html.get_content()
    assert '<html lang="de">' in html.get_content()
    assert mail["To"] == "ada@acme.test, bob@acme.test"
    assert mail["Message-ID"] == "<inc-1-opened@relay.test>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "de"
    assert taken.content.isascii(), "a server that knows no 8BITMIME takes it as well"
    assert max(map(len, taken.content.split(b"\r\n"))) <= 998


def test_a_command_stays_on_one_line_so_that_it_can_be_copied(
    channel: EmailChannel, script: MailServerScript
) -> None:
    command = fix(Code.CREDENTIALS_UNREADABLE, TenantId("a-company-with-a-long-name"))
    assert len(command) > 110
    channel.deliver(replace(notice(), body=f"{'a word ' * 40}\n\n  {command}\n"))
    text, _ = script.taken[0].mail.iter_parts()
    lines = text.get_content().splitlines()
    assert f"  {command}" in lines
    assert max(len(line) for line in lines if not line.startswith("  ")) <= 90


def test_a_subject_begins_on_the_line_that_names_it(channel: EmailChannel, script: MailServerScript) -> None:
    subject = "[Staffetta] Acme: Please act: The target application refused a change."
    channel.deliver(replace(notice(), subject=subject))
    assert script.taken[0].content.startswith(f"Subject: {subject}\r\n".encode())


def test_the_end_hangs_below_the_opening_in_a_mailbox(
    channel: EmailChannel, script: MailServerScript
) -> None:
    channel.deliver(notice(Stage.RESOLVED))
    channel.deliver(digest())
    assert [each.mail["References"] for each in script.taken] == ["<inc-1-opened@relay.test>", None]


def test_j7_text_becomes_html_without_becoming_markup(
    channel: EmailChannel, script: MailServerScript
) -> None:
    body = "<img src=x onerror=alert(1)>\n\n  staffetta run <b>&amp;\n"
    channel.deliver(replace(notice(), body=body))
    _, html = script.taken[0].mail.iter_parts()
    assert "<img" not in html.get_content()
    assert "&lt;img src=x onerror=alert(1)&gt;" in html.get_content()
    assert "<code>staffetta run &lt;b&gt;&amp;amp;</code>" in html.get_content()


@pytest.mark.parametrize(
    "address",
    [
        "a@b.test\r\nRCPT TO:<x@y.test>",
        "a@b.test>\nDATA",
        "<a@b.test>",
        "a b@c.test",
        "@b.test",
        "a@",
        "ü@b.test",
    ],
)
def test_j7_an_address_that_is_none_is_never_said_to_the_server(
    channel: EmailChannel, script: MailServerScript, address: str
) -> None:
    done = channel.deliver(replace(notice(), addressees=(address, "ada@acme.test")))
    assert done == Delivered(1, "no e-mail address")
    assert readers_of(script.taken) == [("ada@acme.test",)]
    assert [said for said in script.said if "@" in said][1:] == ["rcpt TO:<ada@acme.test>"]


def test_j7_a_hostile_notice_goes_to_the_operator_alone(
    channel: EmailChannel, script: MailServerScript
) -> None:
    assert channel.deliver(hostile()) == Delivered(1, "no e-mail address")
    assert readers_of(script.taken) == [(OPERATOR,)]
    assert script.taken[0].mail["Bcc"] is None


def test_l4_one_owner_who_is_unknown_keeps_the_other_not_uninformed(
    channel: EmailChannel, script: MailServerScript
) -> None:
    script.replies["bob@acme.test"] = "550 no such user"
    assert channel.deliver(TWO) == Delivered(1, "550")
    assert readers_of(script.taken) == [("ada@acme.test",)]
    assert script.taken[0].mail["To"] == "ada@acme.test"


def test_l4_where_no_owner_takes_mail_the_operator_gets_it(
    channel: EmailChannel, script: MailServerScript
) -> None:
    script.replies |= {"ada@acme.test": "550 no", "bob@acme.test": "553 no"}
    assert channel.deliver(TWO) == Delivered(2, "550, 553")
    assert readers_of(script.taken) == [(OPERATOR,)]


def test_l5_a_mail_that_the_operator_does_not_take_either_never_arrives(
    channel: EmailChannel, script: MailServerScript
) -> None:
    script.replies |= dict.fromkeys(("ada@acme.test", "bob@acme.test", OPERATOR), "550 no such user")
    with pytest.raises(PermanentError, match=re.escape("the operator's address, too (550)")):
        channel.deliver(TWO)
    with pytest.raises(PermanentError, match=re.escape("the operator's address (550)")):
        channel.deliver(replace(TWO, addressees=()))


def test_a_refusal_that_may_pass_puts_the_whole_mail_off_as_long_as_we_are_patient(
    channel: EmailChannel, script: MailServerScript
) -> None:
    script.replies["bob@acme.test"] = "451 grey list"
    with pytest.raises(TemporaryError):
        channel.deliver(TWO, patient=True)
    assert script.taken == []
    assert channel.deliver(TWO) == Delivered(1, "451")
    assert readers_of(script.taken) == [("ada@acme.test",)]


@pytest.mark.parametrize(
    ("word", "reply", "code"),
    [
        ("EHLO", "421 too busy", Code.NOTICE_AWAY),
        ("MAIL", "550 not with this sender", Code.NOTICE_REFUSED),
        ("MAIL", "451 later", Code.NOTICE_AWAY),
        ("DATA", "451 later", Code.NOTICE_AWAY),
        ("MAIL", "530 authentication required", Code.NOTICE_REFUSED),
        ("ada@acme.test", "530 authentication required", Code.NOTICE_REFUSED),
    ],
)
def test_what_an_operator_or_time_can_mend_loses_nothing(
    channel: EmailChannel, script: MailServerScript, word: str, reply: str, code: Code
) -> None:
    script.replies |= {word: reply} | ({"HELO": reply} if word == "EHLO" else {})
    with pytest.raises(TemporaryError) as caught:
        channel.deliver(TWO, patient=True)
    assert (caught.value.code, caught.value.maybe_done) == (code, False)
    del script.replies[word]
    script.replies.pop("HELO", None)
    channel.deliver(TWO)
    assert len(script.taken) == 1


def test_l1_a_server_that_is_away_means_later() -> None:
    with pytest.raises(TemporaryError) as caught:
        channel_to(free_port()).deliver(notice())
    assert caught.value.code is Code.NOTICE_AWAY
    assert not caught.value.maybe_done


def test_l2_a_line_that_breaks_after_the_mail_says_that_it_may_have_arrived(
    channel: EmailChannel, script: MailServerScript
) -> None:
    script.silent_after_data = 1
    with pytest.raises(TemporaryError) as caught:
        channel.deliver(notice())
    assert caught.value.maybe_done
    channel.deliver(notice())
    assert len(script.taken) == 2
    assert script.ids == ["inc-1-opened"], "a mailbox that looks at the Message-ID shows one"


def test_l2_a_line_that_breaks_before_the_mail_left_has_brought_nothing(
    channel: EmailChannel, script: MailServerScript
) -> None:
    script.hangs_up_at = "DATA"
    with pytest.raises(TemporaryError) as caught:
        channel.deliver(notice())
    assert (caught.value.code, caught.value.maybe_done) == (Code.NOTICE_AWAY, False)


def test_l2_an_answer_that_is_none_says_that_the_mail_may_have_arrived(
    channel: EmailChannel, script: MailServerScript
) -> None:
    script.after_data = "ok, taken"
    with pytest.raises(TemporaryError) as caught:
        channel.deliver(notice())
    assert caught.value.maybe_done


def test_l2_any_yes_is_a_yes_and_nothing_is_sent_twice(
    channel: EmailChannel, script: MailServerScript
) -> None:
    script.replies |= {"MAIL": "251 fine", "bob@acme.test": "252 will try"}
    script.after_data = "200 taken"
    assert channel.deliver(TWO) == Delivered()
    channel.deliver(TWO)
    assert len(script.taken) == 1


def test_a_line_that_begins_with_a_dot_arrives_as_it_is(
    channel: EmailChannel, script: MailServerScript
) -> None:
    channel.deliver(replace(notice(), body="one\n.\n..two\n"))
    text, _ = script.taken[0].mail.iter_parts()
    assert text.get_content().splitlines() == ["one", ".", "..two"]


@pytest.mark.parametrize(
    ("security", "hint"),
    [(Security.STARTTLS, "465"), (Security.PLAIN, "without TLS"), (Security.TLS, "587")],
)
def test_a_port_of_another_kind_is_named_as_the_likely_reason(
    script: MailServerScript, security: Security, hint: str
) -> None:
    script.hangs_up_at = "" if security is Security.TLS else "connect"
    with mail_server(script) as port, pytest.raises(TemporaryError, match=hint):
        channel_to(port, security).deliver(notice())


def test_a_server_that_does_not_stop_greeting_fills_no_memory() -> None:
    script = MailServerScript(greeting="\r\n".join(["220-welcome"] * 100_000 + ["220 at last"]))
    with mail_server(script) as port, pytest.raises(TemporaryError) as caught:
        channel_to(port).deliver(notice())
    assert (caught.value.code, script.said) == (Code.NOTICE_AWAY, [])


def test_l2_what_was_accepted_counts_even_if_the_farewell_fails(
    channel: EmailChannel, script: MailServerScript
) -> None:
    script.replies["QUIT"] = "500 never heard of it"
    assert channel.deliver(notice()) == Delivered()
    channel.deliver(notice())
    assert len(script.taken) == 1


def test_l2_a_farewell_that_drips_is_cut_off_and_holds_nobody(script: MailServerScript) -> None:
    script.drips_at = "QUIT"
    with mail_server(script) as port:
        assert channel_to(port, deadline_s=0.3).deliver(notice()) == Delivered()
        assert script.cut_off.wait(5), "a lease that runs out while we wait for «bye» would double the mail"


@pytest.mark.parametrize("word", ["connect", "EHLO", "MAIL", "RCPT"])
def test_l1_a_server_that_drips_is_cut_off_wherever_it_begins_to(script: MailServerScript, word: str) -> None:
    script.drips_at = word
    with mail_server(script) as port, pytest.raises(TemporaryError) as caught:
        channel_to(port, deadline_s=0.3).deliver(notice())
    assert (caught.value.code, caught.value.maybe_done) == (Code.NOTICE_AWAY, False)


def test_l2_a_server_that_drips_after_the_mail_may_have_it(script: MailServerScript) -> None:
    script.drips_at = "."
    with mail_server(script) as port, pytest.raises(TemporaryError) as caught:
        channel_to(port, deadline_s=0.3).deliver(notice())
    assert caught.value.maybe_done


def test_l2_an_answer_that_breaks_off_is_none(channel: EmailChannel, script: MailServerScript) -> None:
    script.after_data, script.after_data_end = "250 ta", ""
    with pytest.raises(TemporaryError) as caught:
        channel.deliver(notice())
    assert caught.value.maybe_done


def test_a_mail_that_the_server_refuses_for_good_is_not_tried_again(
    channel: EmailChannel, script: MailServerScript
) -> None:
    script.after_data = "554 looks like spam from anna.mueller@acme.test"
    with pytest.raises(PermanentError) as caught:
        channel.deliver(notice())
    assert caught.value.detail == "the mail server refuses this mail (554)", "words of the server stay out"


def test_over_starttls_the_password_is_said_after_the_line_is_safe(tmp_path: Path) -> None:
    script = secured(tmp_path)
    script.offers += ("STARTTLS", "AUTH PLAIN")
    with mail_server(script) as port:
        trusting(tmp_path, port, Security.STARTTLS).deliver(notice())
    assert [said.split()[0].upper() for said in script.said[:4]] == ["EHLO", "STARTTLS", "EHLO", "AUTH"]
    assert len(script.taken) == 1


def test_over_tls_everything_is_said_after_the_line_is_safe(tmp_path: Path) -> None:
    script = secured(tmp_path)
    script.offers += ("AUTH PLAIN",)
    script.tls_at_once = True
    with mail_server(script) as port:
        trusting(tmp_path, port, Security.TLS).deliver(notice())
    assert len(script.taken) == 1


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_certificate_that_nobody_vouches_for_gets_no_password(tmp_path: Path, security: Security) -> None:
    script = secured(tmp_path)
    script.offers += ("STARTTLS", "AUTH PLAIN")
    script.tls_at_once = security is Security.TLS
    with mail_server(script) as port, pytest.raises(TemporaryError) as caught:
        channel_to(port, security, user="relay", password="canary").deliver(notice())
    assert caught.value.code is Code.NOTICE_REFUSED
    assert not any(said.upper().startswith("AUTH") for said in script.said)


def test_a_certificate_of_another_host_gets_no_password(tmp_path: Path) -> None:
    script = secured(tmp_path)
    script.offers += ("STARTTLS", "AUTH PLAIN")
    with mail_server(script) as port, pytest.raises(TemporaryError) as caught:
        trusting(tmp_path, port, Security.STARTTLS, any_name=False).deliver(notice())
    assert caught.value.code is Code.NOTICE_REFUSED
    assert not any(said.upper().startswith("AUTH") for said in script.said)


def test_a_server_without_starttls_gets_neither_password_nor_mail() -> None:
    script = MailServerScript()
    with mail_server(script) as port, pytest.raises(TemporaryError) as caught:
        channel_to(port, Security.STARTTLS, user="relay", password="canary").deliver(notice())
    assert caught.value.code is Code.NOTICE_REFUSED
    assert script.taken == []


def test_a_password_that_is_refused_can_be_mended_and_is_in_no_error(tmp_path: Path) -> None:
    script = secured(tmp_path)
    script.offers += ("STARTTLS", "AUTH PLAIN")
    script.login = "another"
    with mail_server(script) as port, pytest.raises(TemporaryError) as caught:
        trusting(tmp_path, port, Security.STARTTLS).deliver(notice())
    assert caught.value.detail == "login refused (535)"
    assert "canary" not in repr(MailServer("h", 1, Security.TLS, "relay", "canary"))


def test_a_login_that_fails_for_a_while_is_no_wrong_password(tmp_path: Path) -> None:
    script = secured(tmp_path)
    script.offers += ("STARTTLS", "AUTH PLAIN")
    script.replies["AUTH"] = "454 4.7.0 temporary authentication failure"
    with mail_server(script) as port, pytest.raises(TemporaryError) as caught:
        trusting(tmp_path, port, Security.STARTTLS).deliver(notice())
    assert (caught.value.code, caught.value.detail) == (Code.NOTICE_AWAY, "login refused (454)")


def test_a_server_that_wants_another_kind_of_login_is_named_as_that(tmp_path: Path) -> None:
    script = secured(tmp_path)
    script.offers += ("STARTTLS", "AUTH XOAUTH2 NTLM")
    with mail_server(script) as port, pytest.raises(TemporaryError, match="XOAUTH2") as caught:
        trusting(tmp_path, port, Security.STARTTLS).deliver(notice())
    assert caught.value.code is Code.NOTICE_REFUSED


def test_l4_what_was_said_of_owners_is_said_again_where_the_record_was_lost(
    channel: EmailChannel, script: MailServerScript
) -> None:
    script.replies["bob@acme.test"] = "550 unknown"
    assert channel.deliver(TWO) == channel.deliver(TWO) == Delivered(1, "550")
    assert len(script.taken) == 1


@pytest.mark.parametrize("address", ["", "operator", "x@relay.test\r\nBcc: y@z.test"])
def test_a_wrong_address_of_ours_is_refused_at_the_start(address: str) -> None:
    server = MailServer("127.0.0.1", 1, Security.PLAIN)
    with pytest.raises(ValueError, match="no e-mail address"):
        EmailChannel(server, SENDER, address, ssl.create_default_context())
    with pytest.raises(ValueError, match="no e-mail address"):
        EmailChannel(server, address, OPERATOR, ssl.create_default_context())


def secured(folder: Path) -> MailServerScript:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(folder))
    login = base64.b64encode(b"\0relay\0canary").decode()
    return MailServerScript(tls=context, login=login)


def trusting(folder: Path, port: int, security: Security, *, any_name: bool = True) -> EmailChannel:
    """Trust that one certificate, whose name is another than the address of this machine."""
    trust = ssl.create_default_context(cafile=folder / "self-signed.pem")
    trust.check_hostname = not any_name
    server = MailServer("127.0.0.1", port, security, "relay", "canary")
    return EmailChannel(server, SENDER, OPERATOR, trust)
