"""Dead letters: list them by cause, read one, send them again, or take them off the list."""

import re
from typing import Annotated, Any

import typer

from adapters.database.store import SqlStore
from adapters.queue.envelope import event_in
from bootstrap.cli.act_commands import known_code
from bootstrap.cli.exits import ExitCode
from bootstrap.cli.failures import CommandError
from bootstrap.cli.group import AsJson, Frame, add, new_app
from bootstrap.cli.letters_in import MOST, OF_NONE, near, only, which
from bootstrap.cli.letters_view import draw_letter, draw_letters, letter_data, message_data, sent_words
from bootstrap.cli.rooms import Here, Office, here, note, open_office, open_store, operator, tenant_of
from bootstrap.cli.voice import counted, nothing
from bootstrap.cli.words_in import tenant_and_id
from domain.ids import INSTALLATION, TenantId
from domain.letters import LetterState
from domain.tenant import may_write
from producers.replay import AT_ONCE, Chosen, Postman, Progress, Requeued, dismiss, meant, requeue

WHOSE = "The tenant's id, or - for messages that name no tenant."

MaybeTenant = Annotated[str | None, typer.Argument(metavar="TENANT", help=f"{WHOSE} Without: all.")]
Tenant = Annotated[str, typer.Argument(metavar="TENANT", help=WHOSE)]
Ids = Annotated[list[str] | None, typer.Argument(metavar="ID", help="Letters, or how their ids begin.")]
OfCause = Annotated[str | None, typer.Option("--cause", "--code", help="All of this cause: target.refused.")]
Limit = Annotated[int, typer.Option("-n", "--limit", min=1, max=MOST, help="At most so many of each tenant.")]
Changes = Annotated[list[str] | None, typer.Option("--change", help="Of this change; may be repeated.")]
Everything = Annotated[bool, typer.Option("--all", help="All that stand.")]
Key = Annotated[
    str | None,
    typer.Option("--idempotency-key", help="A name of this request: made twice, it is done once."),
]
KEY = re.compile(r"[\x21-\x7e]{1,100}")
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say which ones are meant.")]


class ListByDefault(Frame):
    """Take `letters TENANT` as `letters list TENANT`."""

    default = "list"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401  typer's inner click is private
        """Put `list` before whatever is no command of this group."""
        if not args or (args[0] not in self.commands and args[0] not in {"-h", "--help"}):
            args = [self.default, *args]
        return super().parse_args(ctx, args)


def add_to(app: typer.Typer) -> None:
    """Add `letters` with its commands."""
    letters = new_app(
        "Dead letters: changes and messages that are not tried again by themselves.", ListByDefault
    )
    add(
        letters,
        "list",
        list_letters,
        says="List letters by cause, with who can do something, and the cure. `letters acme` is enough.",
        examples=("letters acme", "letters list acme --cause target.refused --json", "letters --every-state"),
    )
    add(
        letters,
        "show",
        show,
        says="Show one letter: what died of what, how often, and what was done about it.",
        examples=("letters show 0192f0c1", "letters show acme 0192f0c1 --json"),
    )
    add(
        letters,
        "requeue",
        requeue_letters,
        says="Send letters on their way again: some, all of a cause, or all. Asked twice is done once. "
        "Exit code 3 if any is a message that this release does not understand, so that it stays.",
        examples=(
            "letters requeue acme 0192f0c1 0192f0c2",
            "letters requeue acme --cause target.refused --dry-run",
            "letters requeue acme --all",
            "letters requeue acme --all --idempotency-key 2026-03-02-night",
        ),
    )
    add(
        letters,
        "dismiss",
        dismiss_letters,
        says="Take letters off the list without sending them. They come back if the same dies again.",
        examples=("letters dismiss acme 0192f0c1", "letters dismiss acme --cause self.internal"),
    )
    app.add_typer(letters, name="letters")


def list_letters(
    ctx: typer.Context,
    tenant: MaybeTenant = None,
    *,
    cause: OfCause = None,
    limit: Limit = 200,
    every_state: Annotated[
        bool, typer.Option("--every-state", help="Also those under way, over, or dismissed.")
    ] = False,
    json: AsJson = False,
) -> None:
    """List letters."""
    at = here(ctx, json=json)
    code = None if cause is None else known_code(cause)
    states = () if every_state else (LetterState.STANDING,)
    with open_store(at.settings) as store:
        whose = _everyone(store) if tenant is None else [_whose(store, tenant)]
        with store.read() as tx:
            found = [
                each for name in whose for each in tx.letters.list(name, limit, states=states, code=code)
            ]
    at.voice.tell({"letters": [letter_data(each) for each in found]}, draw_letters)
    if not found:
        at.voice.say("There is no dead letter.")
    elif len(found) >= limit:
        at.voice.say(f"There may be more than {limit} of a tenant; see them with --limit.")


def show(
    ctx: typer.Context,
    words: Annotated[
        list[str], typer.Argument(metavar="[TENANT] ID", help="A letter's id, or its beginning.")
    ],
    *,
    json: AsJson = False,
) -> None:
    """Show one letter."""
    at = here(ctx, json=json)
    tenant, text = tenant_and_id(words)
    with open_store(at.settings) as store:
        whose = _everyone(store) if tenant is None else [_whose(store, tenant)]
        with store.read() as tx:
            found = only([each for name in whose for each in near(tx, name, text)], text)
            body = tx.letters.message(found.tenant_id, found.letter_id)
    at.voice.tell(letter_data(found) | message_data(body), draw_letter)


def requeue_letters(
    ctx: typer.Context,
    tenant: Tenant,
    ids: Ids = None,
    *,
    cause: OfCause = None,
    change: Changes = None,
    everything: Everything = False,
    key: Key = None,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> None:
    """Send letters on their way again."""
    at = here(ctx, json=json)
    if key is not None and KEY.fullmatch(key) is None:
        raise CommandError(
            f"--idempotency-key has {len(key)} characters, or others than visible ASCII.",
            "Name 1 to 100 letters, digits and signs without a space, such as a UUID.",
            ExitCode.USAGE,
        )
    with open_office(at.settings) as office:
        whose = _whose(office.store, tenant)
        chosen = which(office.store, whose, ids, change, cause, everything=everything)
        if dry_run:
            _tell_meant(at, office.store, whose, chosen)
            return
        postman = Postman(
            by=operator(),
            store=office.store,
            publisher=office.publisher,
            ring_more=office.ring_more,
            decode=event_in,
            key=key or "",
        )
        done = requeue(whose, chosen, postman=postman, progress=_progress(at))
        _tell_sent(at, office, whose, done)
    note("letters requeue", whose, chosen=str(chosen), changes=str(done.changes), messages=str(done.messages))
    if done.unknown:
        raise typer.Exit(ExitCode.PARTIAL)


def dismiss_letters(
    ctx: typer.Context,
    tenant: Tenant,
    ids: Ids = None,
    *,
    cause: OfCause = None,
    change: Changes = None,
    everything: Everything = False,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> None:
    """Take letters off the list."""
    at = here(ctx, json=json)
    with open_store(at.settings) as store:
        whose = _whose(store, tenant)
        chosen = which(store, whose, ids, change, cause, everything=everything)
        if dry_run:
            _tell_meant(at, store, whose, chosen)
            return
        count = dismiss(whose, chosen, by=operator(), store=store)
    note("letters dismiss", whose, chosen=str(chosen), count=str(count))
    at.voice.tell({"tenant": whose, "dismissed": count}, nothing)
    took = f"{counted(count, 'letter')} off the list." if count else "No such letter stands any more."
    at.voice.say(f"{took} See all with: staffetta letters {tenant} --every-state")


def _whose(store: SqlStore, name: str) -> TenantId:
    return INSTALLATION if name == OF_NONE else tenant_of(store, name).tenant_id


def _everyone(store: SqlStore) -> list[TenantId]:
    with store.read() as tx:
        return [*(each.tenant_id for each in tx.tenants.everyone()), INSTALLATION]


def _tell_meant(at: Here, store: SqlStore, whose: TenantId, chosen: Chosen) -> None:
    letters = meant(whose, chosen, store)
    data = {"tenant": whose, "meant": len(letters), "letters": [letter_data(each) for each in letters]}
    at.voice.tell(data, draw_letters)
    at.voice.say(f"{counted(len(letters), 'letter')} meant. Nothing was done.")


def _tell_sent(at: Here, office: Office, whose: TenantId, done: Requeued) -> None:
    data = {"tenant": whose, "requeued": done.changes, "messages": done.messages, "left": done.left}
    at.voice.tell(data | {"not_understood": done.unknown}, nothing)
    for told in sent_words(done, _when(office, whose, done), whose or OF_NONE):
        at.voice.say(told)


def _when(office: Office, whose: TenantId, done: Requeued) -> str:
    with office.store.read() as tx:
        tenant = tx.tenants.get(whose) if done.changes else None
    if tenant is not None and not may_write(tenant.state):
        return f" They wait, because {tenant.tenant_id} is {tenant.state}."
    return "" if office.up or not done.changes else " They are tried as soon as Staffetta is up."


def _progress(at: Here) -> Progress:
    def tell(done: int, of: int) -> None:
        if of > AT_ONCE:
            at.voice.say(f"{done} of {of} …")

    return tell
