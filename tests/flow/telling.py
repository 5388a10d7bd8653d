"""Let an application refuse some people for two causes while the mail server is away; count what is told.

`python -m tests.flow.telling --people 5000 --refused 37` prints the figures; exit 1 if any is bad.
"""

import argparse
import ssl
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from adapters.channels.file import FileChannel
from adapters.channels.smtp import EmailChannel, MailServer, Security
from bootstrap.channels import alarm
from domain.cause import Language
from domain.changes import ChangeState
from domain.codes import Code
from domain.config import Configuration
from domain.guards import OFF, Guards
from domain.ports_channels import Ways
from domain.reminders import Reminders
from simulators.personio.handle import PersonioSimulator
from simulators.personio.switches import Switches
from simulators.scim.effects import conflict, refused
from simulators.scim.handle import ScimSimulator
from tests.builders import configuration
from tests.fakes.mail_server import MailServerScript, Taken, free_port, mail_server
from tests.flow.conftest import SCIM_LINES
from tests.flow.relay import Relay, build_relay
from tests.flow.truth import accounts, differences, is_wanted, people
from workers.notify import Notifier

SENDER, OPERATOR, OWNER = "staffetta@relay.test", "operator@relay.test", "owner@acme.example"
REFUSALS = (Code.TARGET_REFUSED, Code.TARGET_KEY_TAKEN)
"""Of the operator, and of the owners."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of it, counted at the simulated company, the application and the mail server."""

    people: int
    dead: int
    incidents: int
    mails_while_away: int
    mails_of_opening: int
    requeued: int
    mails_of_the_end: int
    mails_about_others: int
    lost: int
    doubled: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Story:
    """The figures, and what the mailboxes got."""

    figures: Figures
    mails: Sequence[Taken]
    words_of_people: frozenset[str]


def tell_story(folder: Path, *, people_count: int, refused_count: int) -> Story:
    """Run it in one thread: first sync, two hours without a mail server, healing, one requeue, two syncs."""
    began = time.monotonic()
    script, port = MailServerScript(), free_port()
    with _world(folder, people_count, port) as relay:
        chosen = _refuse(relay, refused_count)
        relay.go_live()
        standing = [each for each in relay.incidents() if each.code in REFUSALS]
        dead = len(relay.rows(ChangeState.DEAD))
        for _ in range(12):
            relay.later(minutes=10)
        while_away = len(script.taken)
        with mail_server(script, port):
            relay.later(minutes=16)
            opened = len(_about_refusals(script.taken))
            relay.app.quirks.clear()
            count = relay.requeue().changes
            relay.drain()
            relay.later(minutes=1)
            relay.sync()
            relay.sync()
            relay.later(minutes=16)
        lost = [each for each in differences(relay) if not each.endswith(" manager")]
        doubled = Counter(str(each["userName"]) for each in accounts(relay).values())
        words = frozenset(
            word
            for person in people(relay)
            for word in (person.email or "", person.last_name or "")
            if len(word) >= 6
        )
    assert len(chosen) == refused_count
    return Story(
        Figures(
            people=people_count,
            dead=dead,
            incidents=len(standing),
            mails_while_away=while_away,
            mails_of_opening=opened,
            requeued=count,
            mails_of_the_end=len(_about_refusals(script.taken)) - opened,
            mails_about_others=len(script.taken) - len(_about_refusals(script.taken)),
            lost=len(lost),
            doubled=sum(times - 1 for times in doubled.values()),
            seconds=round(time.monotonic() - began, 1),
        ),
        tuple(script.taken),
        words,
    )


def _about_refusals(taken: Sequence[Taken]) -> list[Taken]:
    """Choose the mails about the two causes; a company has other troubles, such as people without e-mail."""
    return [each for each in taken if any(f": {code.value}\n" in text_of(each) for code in REFUSALS)]


def text_of(taken: Taken) -> str:
    """Read the plain part of a mail."""
    text, _ = taken.mail.iter_parts()
    return str(text.get_content()).replace("\r\n", "\n")


@contextmanager
def _world(folder: Path, people_count: int, port: int) -> Iterator[Relay]:
    with ExitStack() as ends:
        personio = ends.enter_context(
            PersonioSimulator.start(employees=people_count, seed=7, switches=Switches(rate_limits=False))
        )
        app = ends.enter_context(ScimSimulator.start())
        relay = build_relay(folder / "home", personio, app, _config(), language="de")
        ends.callback(relay.store.close)
        ends.callback(relay.desk.hands.shutdown)
        relay.notifier = _notifier(relay, folder, port)
        yield relay


def _config() -> Configuration:
    return replace(configuration(lines=SCIM_LINES), guards=Guards(creates=OFF))


def _notifier(relay: Relay, folder: Path, port: int) -> Notifier:
    server = MailServer("127.0.0.1", port, Security.PLAIN)
    mail = EmailChannel(server, SENDER, OPERATOR, ssl.create_default_context())
    files = FileChannel(folder / "outbox", SENDER, OPERATOR)
    ways = Ways((mail,), files, Language.EN)
    return Notifier(store=relay.store, ways=ways, ids=relay.desk.ids, alarm=alarm, rules=Reminders())


def _refuse(relay: Relay, count: int) -> tuple[str, ...]:
    """Let the application refuse some who shall have an account: a third as if their names were taken."""
    wanted = tuple(str(person.id) for person in people(relay) if is_wanted(person))[:count]
    taken = wanted[: count // 3]
    relay.app.quirks.add(conflict(), methods=("POST",), external_ids=taken, times=None)
    relay.app.quirks.add(refused(), methods=("POST",), external_ids=wanted[count // 3 :], times=None)
    return wanted


def main() -> None:
    """Run it at any size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=5_000)
    parser.add_argument("--refused", type=int, default=37)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        story = tell_story(Path(folder), people_count=told.people, refused_count=told.refused)
    for name, value in asdict(story.figures).items():
        sys.stdout.write(f"{name.replace('_', ' ')}: {value}\n")
    for each in story.mails:
        language, subject = each.mail["Content-Language"], each.mail["Subject"]
        sys.stdout.write(f"  to {', '.join(each.readers)} ({language}): {subject}\n")
    good = story.figures
    right = (good.mails_of_opening, good.mails_of_the_end, good.requeued) == (2, 2, told.refused)
    raise SystemExit(0 if right and not good.lost and not good.doubled else 1)


if __name__ == "__main__":
    main()
