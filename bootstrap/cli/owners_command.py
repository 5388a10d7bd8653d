"""`tenant owners`: whom of a tenant's company messages go to."""

from collections.abc import Sequence
from typing import Annotated

import typer

from adapters.channels.mail import mailbox
from bootstrap.cli.group import AsJson, TenantName, add
from bootstrap.cli.rooms import here, note, open_store, operator, tenant_of
from bootstrap.cli.secrets_in import UsageRefusedError
from bootstrap.cli.voice import pairs
from domain.audit import About, Deed, Note


def add_to(tenants: typer.Typer) -> None:
    """Add `tenant owners`."""
    add(
        tenants,
        "owners",
        tenant_owners,
        says="Name the owners of a tenant anew: everybody who gets a mail about it. Nobody named: show them.",
        examples=("tenant owners acme", "tenant owners acme ada@acme.example bob@acme.example"),
    )


def valid_owners(given: Sequence[str], field: str) -> tuple[str, ...]:
    """Take addresses that a mail can be sent to, each once; the others are told by place and shape."""
    wrong = [
        f"{number} ({len(text)} characters, {text.count('@')} «@»)"
        for number, text in enumerate(given, 1)
        if mailbox(text) is None
    ]
    if wrong:
        raise UsageRefusedError(
            f"{field} number {', '.join(wrong)} is no e-mail address.",
            "Write plain addresses such as ada@acme.example; names and umlauts in them are not understood.",
        )
    return tuple(dict.fromkeys(text.strip() for text in given))


def tenant_owners(
    ctx: typer.Context,
    tenant: TenantName,
    owners: Annotated[list[str] | None, typer.Argument(metavar="ADDRESS", help="E-mails.")] = None,
    *,
    json: AsJson = False,
) -> None:
    """Show or replace owners."""
    at = here(ctx, json=json)
    named = valid_owners(owners or (), "ADDRESS")
    with open_store(at.settings) as store:
        found = tenant_of(store, tenant)
        if named:
            with store.write() as tx:
                tx.tenants.name_owners(found.tenant_id, named)
                about = (About.TENANT, found.tenant_id, len(named), " ".join(named))
                tx.audit.write(found.tenant_id, Note(Deed.OWNERS_CHANGED, operator(), *about))
            note("owners named", found.tenant_id, count=str(len(named)))
            found = tenant_of(store, tenant)
    at.voice.tell(
        {"tenant": found.tenant_id, "owners": list(found.owners)},
        lambda data: [pairs([("owners", ", ".join(data["owners"]) or "none; the operator reads it all")])],
    )
