"""Both ends of a tenant as an operator names them: checked, kept apart from others, stored."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from adapters.http import AddressPolicy, place_of
from bootstrap.catalogue import OVER_HTTP, TARGETS
from bootstrap.cli.addresses_in import checked_source_url, checked_url, one_spelling
from bootstrap.cli.failures import CommandError
from bootstrap.cli.rooms import operator
from bootstrap.cli.secrets_in import Asked, UsageRefusedError, check_not_swapped, read_secrets
from bootstrap.cli.voice import Voice
from bootstrap.tenant_files import TenantWishes, from_profile, read_tenant_file
from domain.audit import About, Deed, Note
from domain.config import Configuration
from domain.ids import TenantId
from domain.plain import one_line
from domain.ports import Transaction
from domain.records import Connection
from domain.tenant import Tenant, TenantState

PERSONIO = "https://api.personio.de"
SCIM = "scim"
TENANT_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class Company:
    """Who a new tenant is."""

    name: str
    language: str
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """What the options say about both ends of a tenant; secrets by the place where they are."""

    source_url: str | None = None
    client_id: str | None = None
    client_secret_file: str | None = None
    target: str | None = None
    target_url: str | None = None
    target_token_file: str | None = None

    @property
    def secrets(self) -> tuple[Asked, Asked]:
        """Name the two secrets and where they come from."""
        return (
            Asked("--client-secret-file", self.client_secret_file),
            Asked("--target-token-file", self.target_token_file),
        )


def valid_id(text: str) -> TenantId:
    """Take a tenant's id; it stands in URLs, file names and external ids."""
    if TENANT_ID.fullmatch(text) is None:
        raise UsageRefusedError(
            f"«{one_line(text, 60)}» is no tenant id.",
            "Use up to 40 small letters, digits and hyphens, such as acme or acme-2.",
        )
    return TenantId(text)


def valid_language(text: str) -> str:
    """Take a language that we speak."""
    if text not in {"de", "en"}:
        raise UsageRefusedError(
            "The language must be de or en.", "Mails are written in it; write --language de"
        )
    return text


def read_wishes(file: Path | None, profile: str | None) -> TenantWishes:
    """Read the tenant file, the profile, or both."""
    if file is not None:
        return read_tenant_file(file, profile)
    if profile is None:
        raise UsageRefusedError(
            "Nobody says what to carry where.", "Name --profile generic, or --file tenant.toml"
        )
    return from_profile(profile)


def new_connection(
    given: Given, wishes: TenantWishes, policy: AddressPolicy, voice: Voice, *, usual: str = PERSONIO
) -> Connection:
    """Build a connection; everything that is missing is told at once, and Personio's address may be usual."""
    kind = _kind(given.target or wishes.target_kind or SCIM)
    source_url = given.source_url or wishes.source_url or usual
    client_id = (given.client_id or wishes.client_id or "").strip()
    target_url = given.target_url or wishes.target_url or ""
    needed: dict[str, str | None] = {"--source-url": source_url, "--client-id": client_id}
    needed["--client-secret-file"] = given.client_secret_file
    if kind in OVER_HTTP:
        needed |= {"--target-url": target_url, "--target-token-file": given.target_token_file}
    missing = [option for option, value in needed.items() if not value]
    if missing:
        anew = f"Name all of both ends; where no proxy is in front, Personio's address is {PERSONIO}"
        cure = "See the examples of: staffetta tenant add --help" if usual else anew
        raise UsageRefusedError(f"Missing: {', '.join(missing)}.", cure)
    source_url = checked_source_url(source_url, policy)
    target_url = checked_url(target_url, "--target-url", policy) if target_url else ""
    secret, token = read_secrets(given.secrets, voice)
    check_not_swapped(client_id, secret or "")
    return Connection(source_url, client_id, secret or "", kind, target_url, token or "")


def replaced(given: Given, old: Connection, policy: AddressPolicy, voice: Voice) -> Connection:
    """Lay what was named over the connection; a secret never follows an address to another origin."""
    source_url = checked_source_url(given.source_url, policy) if given.source_url else old.source_url
    target_url = checked_url(given.target_url, "--target-url", policy) if given.target_url else old.target_url
    _same_origin(old.source_url, source_url, given.client_secret_file, "--client-secret-file")
    kind = _kind(given.target or old.target_kind)
    if kind in OVER_HTTP:
        if not target_url:
            raise UsageRefusedError(
                f"An application of kind «{kind}» needs an address.",
                "Name it: --target-url https://host/path",
            )
        _same_origin(old.target_url, target_url, given.target_token_file, "--target-token-file")
    if given.client_id and not given.client_secret_file:
        raise UsageRefusedError(
            "Another client id has another secret.", "Name it too: --client-secret-file FILE|-"
        )
    secret, token = read_secrets(given.secrets, voice)
    client_id = (given.client_id or old.client_id).strip()
    if secret is not None:
        check_not_swapped(client_id, secret)
    return Connection(
        source_url,
        client_id,
        secret or old.client_secret,
        kind,
        target_url,
        token or old.target_token,
    )


def stored_anew(given: Given, policy: AddressPolicy, voice: Voice) -> Connection:
    """Build a connection where none can be read: nothing of an old one stays, so all of it is named.

    Personio's address as well: its usual one would take the place of a proxy or a simulator unseen.
    """
    voice.say("No connection of this tenant can be read: name both ends, they are stored anew.")
    return new_connection(given, read_wishes(None, "generic"), policy, voice, usual="")


def _same_origin(old: str, new: str, secret: str | None, option: str) -> None:
    """Bind a secret to its host; from an address that is none, every address leads to another one."""
    if not secret and old != new and _origin(old) != _origin(new):
        raise UsageRefusedError(
            f"The address leads to another host ({urlsplit(new).hostname}); secrets never follow.",
            f"Name the secret for that host too: {option} FILE|-",
        )


def _origin(url: str) -> str | None:
    try:
        return place_of(url).origin
    except ValueError:
        return None


def _kind(kind: str) -> str:
    if kind not in TARGETS:
        raise UsageRefusedError(
            f"There is no kind of application «{one_line(kind, 40)}».",
            f"Known are {', '.join(sorted(TARGETS))}.",
        )
    return kind


def store_tenant(
    tx: Transaction,
    tenant_id: TenantId,
    company: Company,
    connection: Connection,
    config: Configuration,
    voice: Voice,
) -> None:
    """Store a new tenant with everything that belongs to it."""
    if not tx.tenants.add(tenant_id, company.name, company.language, company.owners):
        raise CommandError(
            f"There is a tenant «{tenant_id}» already.",
            f"Change it with: staffetta tenant configure {tenant_id}, or tenant credentials {tenant_id}",
        )
    tx.tenants.configure(tenant_id, apart_from_others(tx, tenant_id, connection, config, voice), operator())
    tx.connections.put(tenant_id, connection)
    _tell_audit(tx, tenant_id, Deed.TENANT_ADDED, connection)


def apart_from_others(
    tx: Transaction, tenant_id: TenantId, connection: Connection, config: Configuration, voice: Voice
) -> Configuration:
    """Keep tenants apart that share one application: own external ids, and no matching by value.

    Neighbours are found by the fingerprint of their address, so none of them has to be readable.
    """
    if connection.target_kind not in OVER_HTTP:
        return config
    others = [other for other in tx.connections.tenants_at(connection) if other != tenant_id]
    if not others:
        return config
    voice.say(
        f"«{others[0]}» uses the same application: external ids of «{tenant_id}» begin with"
        f" «{tenant_id}:», and nobody is matched by user name."
    )
    return replace(config, external_prefix=f"{tenant_id}:", match_path=None)


def as_apart(config: Configuration, before: Configuration | None) -> Configuration:
    """Keep the external ids of a tenant as they are, whatever its new configuration says."""
    if before is None or not before.external_prefix:
        return config
    return replace(config, external_prefix=before.external_prefix, match_path=None)


def put_connection(
    tx: Transaction, tenant: Tenant, old: Connection | None, new: Connection, voice: Voice
) -> None:
    """Store a connection; a tenant whose people are linked to accounts cannot move to other accounts."""
    moves = tenant.tenant_id not in tx.connections.tenants_at(new)
    if old is not None:
        moves = (old.target_url, old.target_kind) != (new.target_url, new.target_kind)
    linked = tx.links.count(tenant.tenant_id) if moves else 0
    if linked and old is None:
        raise CommandError(
            f"{linked} people of «{tenant.tenant_id}» are linked to accounts, and not at this address.",
            "Name the address where they are, or restore the tenant's connection from a backup.",
        )
    if linked:
        raise CommandError(
            f"{linked} people of «{tenant.tenant_id}» are linked to accounts at the old address.",
            "For another application add another tenant: staffetta tenant add",
        )
    config = tx.tenants.configuration(tenant.tenant_id)
    if moves and config is not None and not config.external_prefix:
        apart = apart_from_others(tx, tenant.tenant_id, new, config, voice)
        tx.tenants.configure(tenant.tenant_id, apart, operator())
    tx.connections.put(tenant.tenant_id, new)
    _tell_audit(tx, tenant.tenant_id, Deed.CREDENTIALS_REPLACED, new)


def _tell_audit(tx: Transaction, tenant_id: TenantId, deed: Deed, ends: Connection) -> None:
    """Bind the entry to both places, and to no secret, not even by its fingerprint."""
    said = f"{ends.source_url}|{ends.client_id}|{ends.target_kind}|{ends.target_url}"
    tx.audit.write(tenant_id, Note(deed, operator(), About.TENANT, tenant_id, meant=said))


def back_to_setup(tx: Transaction, tenant: Tenant, *, changed: bool) -> None:
    """Ask for another check before the first activation: the last one was of something else."""
    if changed and tenant.state is TenantState.READY:
        tx.tenants.move(tenant.tenant_id, TenantState.SETUP, None)


def check_same_places(wishes: TenantWishes, connection: Connection | None, tenant_id: TenantId) -> None:
    """Refuse a file that names other addresses: they need secrets, and files hold none."""
    if connection is None:
        return
    differing = [
        name
        for name, wanted, stored in (
            ("[source] url", _spelt(wishes.source_url), connection.source_url),
            ("[source] client_id", wishes.client_id, connection.client_id),
            ("[target] url", _spelt(wishes.target_url), connection.target_url),
            ("[target] kind", wishes.target_kind, connection.target_kind),
        )
        if wanted is not None and wanted != stored
    ]
    if differing:
        raise UsageRefusedError(
            f"The file names another {', '.join(differing)} than is stored.",
            f"Change connections with: staffetta tenant credentials {tenant_id}",
        )


def _spelt(url: str | None) -> str | None:
    """Spell a file's address as addresses are stored; one that is none differs from them all."""
    try:
        return None if url is None else one_spelling(url)
    except ValueError:
        return url
