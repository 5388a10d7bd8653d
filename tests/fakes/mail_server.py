"""A mail server on this machine that speaks real SMTP, refuses by appointment, and keeps what it took."""

import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from select import select

MOST_DRIPS = 500


@dataclass(frozen=True)
class Taken:
    """One mail as it was handed in: the envelope, and what was in it."""

    sender: str
    readers: tuple[str, ...]
    content: bytes

    @property
    def mail(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=SMTP)


@dataclass
class MailServerScript:
    """What the server does. Replies by address or by word; `silent_after_data` takes a mail and hangs up.

    `hangs_up_at` is the word that it does not answer any more; «connect» stands for its greeting. To that in
    `drips_at` it answers for ever, byte by byte; «.» stands for the end of a mail. `cut_off` tells that
    somebody put an end to that.
    """

    greeting: str = "220 mail.test"
    offers: tuple[str, ...] = ("8BITMIME",)
    replies: dict[str, str] = field(default_factory=dict)
    after_data: str = "250 taken"
    after_data_end: str = "\r\n"
    silent_after_data: int = 0
    hangs_up_at: str = ""
    drips_at: str = ""
    cut_off: threading.Event = field(default_factory=threading.Event)
    login: str | None = None
    tls: ssl.SSLContext | None = None
    tls_at_once: bool = False
    taken: list[Taken] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    on_taken: Callable[[], None] = lambda: None

    @property
    def ids(self) -> list[str]:
        """List what a mailbox would show: a repeated Message-ID once."""
        found = [str(each.mail["Message-ID"]).strip("<>").partition("@")[0] for each in self.taken]
        return list(dict.fromkeys(found))


class _Conversation(socketserver.StreamRequestHandler):
    script: MailServerScript

    def handle(self) -> None:
        if self.script.tls is not None and self.script.tls_at_once:
            self._protect()
        if self.script.hangs_up_at == "connect":
            return
        if self.script.drips_at == "connect":
            self._drip()
            return
        self._say(self.script.greeting)
        self._sender, self._readers = "", list[str]()
        while line := self.rfile.readline():
            said = line.decode("ascii").rstrip("\r\n")
            if said.upper() == self.script.hangs_up_at or not self._heard(said):
                return

    def finish(self) -> None:
        super().finish()
        self.request.close()  # a protected line has a socket of its own

    def _heard(self, line: str) -> bool:
        drips = line.split(" ", 1)[0].upper() == self.script.drips_at
        return self._drip() if drips else self._answer(line)

    def _answer(self, line: str) -> bool:
        word = line.split(" ", 1)[0].upper()
        self.script.said.append(line)
        if word in self.script.replies:
            self._say(self.script.replies[word])
        elif word == "EHLO":
            self._say(*(f"250-{offer}" for offer in self.script.offers), "250 HELP")
        elif word == "STARTTLS":
            self._say("220 go ahead")
            self._protect()
        elif word == "AUTH":
            self._say("235 welcome" if line.rsplit(maxsplit=1)[-1] == self.script.login else "535 no")
        elif word == "MAIL":
            self._sender, self._readers = _address(line), []
            self._say("250 ok")
        elif word == "RCPT":
            self._say(self._recipient(_address(line)))
        elif word == "DATA":
            return self._data()
        else:
            self._say("221 bye" if word == "QUIT" else "250 ok")
        return word != "QUIT"

    def _recipient(self, address: str) -> str:
        reply = self.script.replies.get(address, "250 ok")
        self._readers += [address] if reply.startswith("2") else []
        return reply

    def _data(self) -> bool:
        self._say("354 go on")
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line[1:] if line.startswith(b"..") else line)
        if self.script.after_data.startswith("2"):
            self.script.taken.append(Taken(self._sender, tuple(self._readers), b"".join(lines)))
            self.script.on_taken()
        if self.script.silent_after_data:
            self.script.silent_after_data -= 1
            return False
        if self.script.drips_at == ".":
            return self._drip()
        self._say(self.script.after_data, end=self.script.after_data_end)
        return bool(self.script.after_data_end)

    def _drip(self) -> bool:
        """Answer a byte now and then, until the other side has enough."""
        with suppress(OSError):
            for _ in range(MOST_DRIPS):
                self.wfile.write(b"2")
                if self.request in select([self.request], [], [], 0.02)[0]:
                    self.script.cut_off.set()
                    break
        return False

    def _protect(self) -> None:
        assert self.script.tls is not None
        self.request = self.script.tls.wrap_socket(self.request, server_side=True)
        self.rfile = self.request.makefile("rb")
        self.wfile = self.request.makefile("wb", buffering=0)

    def _say(self, *lines: str, end: str = "\r\n") -> None:
        self.wfile.write("".join(f"{line}{end}" for line in lines).encode("ascii"))


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that breaks off is what some tests are about."""


@contextmanager
def mail_server(script: MailServerScript, port: int = 0) -> Iterator[int]:
    """Serve on loopback; the port is what the test gets."""
    handler = type("Conversation", (_Conversation,), {"script": script})
    with _Server(("127.0.0.1", port), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join(5)


def free_port() -> int:
    """Find a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _address(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]


def readers_of(taken: Sequence[Taken]) -> list[tuple[str, ...]]:
    """List who was written to, mail by mail."""
    return [each.readers for each in taken]
