"""Send notices as mails through a mail server: text and HTML, over TLS, to all owners at once."""

import re
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from enum import StrEnum
from socket import SHUT_RDWR
from threading import Event, Thread

from adapters.channels.mail import bytes_of, mail_of, owners_in, required_mailbox
from adapters.channels.once import Once
from adapters.channels.smtp_line import Line, TlsLine
from domain.codes import Code
from domain.errors import PermanentError, TemporaryError
from domain.notices import Notice
from domain.plain import one_line
from domain.ports_channels import Delivered

PATIENCE_S = 15.0
DEADLINE_S = 60.0
"""For the whole conversation: shorter than the lease of a dispatch, however slowly the server drips."""

CUT_AGAIN_S = 0.5
LONGEST_OFFER = 60

_LINE_WITH_A_DOT = re.compile(rb"(?m)^\.")
GO_AHEAD = 354
NOT_LOGGED_IN = 530


class Security(StrEnum):
    """Name how the line to the mail server is protected; certificates are always verified."""

    STARTTLS = "starttls"
    TLS = "tls"
    PLAIN = "plain"


_HINTS = {
    Security.STARTTLS: "no greeting: does this port begin with TLS, often 465? that is smtps://",
    Security.TLS: "no greeting after the TLS handshake",
    Security.PLAIN: "no greeting: is it the port of a mail server, and one without TLS?",
}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed in."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)


class EmailChannel:
    """Hand each notice to the mail server once.

    The server's word is final: a mail that it accepted is sent. If the line breaks between the end of the
    mail and its answer nobody knows; then it is handed in once more, under the same Message-ID.
    """

    name = "email"
    addressed = True
    doubles_harmless = False

    def __init__(
        self,
        server: MailServer,
        sender: str,
        operator: str,
        trust: ssl.SSLContext,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._server = server
        self._sender = required_mailbox(sender, "the sender of notices")
        self._operator = required_mailbox(operator, "the operator's address")
        self._trust = trust
        self._deadline_s = deadline_s
        self._once = Once()

    def deliver(self, notice: Notice, *, patient: bool = False) -> Delivered:
        """Send one mail to all owners, or to the operator where no owner takes it."""
        return self._once.deliver(notice.notice_id, lambda: self._sent(notice, patient=patient))

    def _sent(self, notice: Notice, *, patient: bool) -> Delivered:
        owners, wrong = owners_in(notice)
        with self._session() as session:
            taken, refusals = _offer(session, self._sender, owners, patient=patient)
            if not taken:
                taken, final = _offer(session, self._sender, [self._operator], patient=True)
                if not taken:
                    too = ", too" if notice.addressees else ""
                    raise PermanentError(Code.NOTICE_REFUSED, f"the operator's address{too} ({final[0]})")
            _hand_over(session, bytes_of(mail_of(notice, self._sender, taken, html=True)))
        told = [str(code) for code in sorted(set(refusals))] + ["no e-mail address"] * bool(wrong)
        return Delivered(len(refusals) + wrong, ", ".join(told))

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        """Connect, protect the line and log in; at the deadline whatever hangs is cut off, also «bye»."""
        session, over = self._client(), Event()
        Thread(target=_cut_at, args=(self._deadline_s, session, over), daemon=True).start()
        try:
            with _named_failures():
                self._greet(session)
            yield session
        finally:
            with suppress(smtplib.SMTPException, OSError):  # what was accepted is sent, whatever QUIT says
                session.quit()
            over.set()
            session.close()

    def _client(self) -> smtplib.SMTP:
        """Make a client that is not connected yet; it names itself without asking the DNS."""
        own = self._sender.domain
        if self._server.security is Security.TLS:
            return TlsLine(local_hostname=own, timeout=PATIENCE_S, context=self._trust)
        return Line(local_hostname=own, timeout=PATIENCE_S)

    def _greet(self, session: smtplib.SMTP) -> None:
        session._host = self._server.host  # type: ignore[attr-defined]  # noqa: SLF001  the name that TLS checks: only its constructor sets it, and that connects at once
        try:
            code, _ = session.connect(self._server.host, self._server.port)
        except smtplib.SMTPServerDisconnected:
            raise TemporaryError(Code.NOTICE_AWAY, _HINTS[self._server.security]) from None
        if code != 220:
            raise smtplib.SMTPConnectError(code, b"")
        if self._server.security is Security.STARTTLS:
            session.starttls(context=self._trust)
        session.ehlo_or_helo_if_needed()
        if self._server.user:
            self._log_in(session)

    def _log_in(self, session: smtplib.SMTP) -> None:
        try:
            session.login(self._server.user, self._server.password)
        except smtplib.SMTPException as error:
            if (
                type(error) is not smtplib.SMTPException
            ):  # which is how smtplib says that none of its ways will do
                raise
            offered = one_line(session.esmtp_features.get("auth", ""), LONGEST_OFFER)
            detail = f"the mail server takes no login by password; it offers {offered}"
            raise TemporaryError(Code.NOTICE_REFUSED, detail) from None


def _cut_at(deadline_s: float, session: smtplib.SMTP, over: Event) -> None:
    """Cut a line that is not over in time, again and again: while it connects, there is none to be cut."""
    wait_s = deadline_s
    while not over.wait(wait_s):
        wait_s = CUT_AGAIN_S
        with suppress(OSError, AttributeError):
            if session.sock is not None:
                session.sock.shutdown(SHUT_RDWR)


def _offer(
    session: smtplib.SMTP, sender: Address, readers: Sequence[Address], *, patient: bool
) -> tuple[list[Address], list[int]]:
    """Name the readers; return who is taken, and the codes of those who are not.

    A refusal that may pass puts the whole mail off, as long as we are patient: whoever has it already would
    get it twice later. Out of patience, one full mailbox keeps no other owner uninformed.
    """
    if not readers:
        return [], []
    taken: list[Address] = []
    refusals: list[int] = []
    with _named_failures():
        session.rset()
        _accepted(session.mail(sender.addr_spec)[0], "the sender")
        for reader in readers:
            code = session.rcpt(reader.addr_spec)[0]
            _logged_in(code)
            if _is_yes(code):
                taken.append(reader)
            else:
                refusals.append(code)
    passing = [code for code in refusals if code < 500]
    if passing and (patient or not taken):
        raise TemporaryError(Code.NOTICE_PUT_OFF, f"the mail server puts a reader off ({passing[0]})")
    return taken, refusals


def _hand_over(session: smtplib.SMTP, content: bytes) -> None:
    """Hand over the mail itself; a line that breaks before its first byte left has brought nothing."""
    with _named_failures():
        code = session.docmd("DATA")[0]
    if code == GO_AHEAD:
        code = _answer_to(session, content)
        if _is_yes(code):
            return
    if code >= 500:
        raise PermanentError(Code.NOTICE_REFUSED, f"the mail server refuses this mail ({code})")
    raise TemporaryError(Code.NOTICE_AWAY, f"the mail server puts this mail off ({code})")


def _answer_to(session: smtplib.SMTP, content: bytes) -> int:
    """Send the mail; from now on a broken line, or an answer that is none, means that it may have arrived."""
    dotted = _LINE_WITH_A_DOT.sub(b"..", content)
    try:
        session.send(dotted.removesuffix(b"\r\n") + b"\r\n.\r\n")
        code = session.getreply()[0]
    except (smtplib.SMTPException, OSError) as error:
        detail = f"no answer after the mail: {type(error).__name__}"
        raise TemporaryError(Code.NOTICE_AWAY, detail, maybe_done=True) from None
    if code < 200 or code == GO_AHEAD:
        raise TemporaryError(Code.NOTICE_AWAY, "no answer of SMTP after the mail", maybe_done=True)
    return code


def _accepted(code: int, what: str) -> None:
    _logged_in(code)
    if not _is_yes(code):
        raise TemporaryError(_reason_of(code), f"the mail server does not accept {what} ({code})")


def _logged_in(code: int) -> None:
    """Raise what is said of the line to the server, and of no sender and no reader."""
    if code == NOT_LOGGED_IN:
        raise TemporaryError(Code.NOTICE_REFUSED, f"the mail server wants STARTTLS or a login first ({code})")


def _reason_of(code: int) -> Code:
    """Tell what an operator must mend from what passes by itself."""
    return Code.NOTICE_REFUSED if code >= 500 else Code.NOTICE_AWAY


def _is_yes(code: int) -> bool:
    """Judge by the first digit, as RFC 5321 (4.2.1) asks: 250 is the usual yes, not the only one."""
    return 200 <= code < 300


@contextmanager
def _named_failures() -> Iterator[None]:
    """Turn failures before the mail itself into «later»: what an operator can mend must lose nothing.

    Words of the server are left out; they may repeat an address.
    """
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        code = error.smtp_code
        raise TemporaryError(_reason_of(code), f"login refused ({code})") from None
    except smtplib.SMTPNotSupportedError:
        detail = "the mail server does not offer what the settings ask for (STARTTLS or login)"
        raise TemporaryError(Code.NOTICE_REFUSED, detail) from None
    except smtplib.SMTPResponseException as error:
        told = error.smtp_code if error.smtp_code > 0 else "what is no SMTP"
        raise TemporaryError(Code.NOTICE_AWAY, f"the mail server answers {told}") from None
    except ssl.SSLCertVerificationError as error:
        detail = f"no trusted TLS: its certificate is refused (X.509 error {error.verify_code})"
        raise TemporaryError(Code.NOTICE_REFUSED, detail) from None
    except ssl.SSLError:
        detail = "no TLS: does this port begin without it, often 587? that is smtp://"
        raise TemporaryError(Code.NOTICE_REFUSED, detail) from None
    except (smtplib.SMTPException, OSError) as error:
        raise TemporaryError(Code.NOTICE_AWAY, f"the mail server: {type(error).__name__}") from None
