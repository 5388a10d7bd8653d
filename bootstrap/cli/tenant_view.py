"""Show tenants: what they want, where their ends are, and how they are; secrets only by their end."""

from collections.abc import Iterable
from dataclasses import asdict

from rich.console import RenderableType

from bootstrap.cli.changes_view import cause_data
from bootstrap.cli.configuration_view import configuration_data, draw_mapping, spoken_configuration
from bootstrap.cli.secrets_in import masked
from bootstrap.cli.shut_view import shut
from bootstrap.cli.voice import Data, cell, pairs, table
from domain.cause import Language
from domain.ports import Transaction
from domain.ports_world import Vault
from domain.records import Connection
from domain.setback_words import way_back
from domain.tenant import Tenant, runs_by_itself
from domain.timetable import next_start, timetable
from producers.reconfigure import readable


def tenant_row(tx: Transaction, tenant: Tenant) -> Data:
    """Write down how a tenant is."""
    config = readable(tx, tenant.tenant_id)
    runs = tx.runs.newest(tenant.tenant_id, 1)
    goes = config is not None and runs_by_itself(tenant.state)
    table = timetable(config.schedule, tenant.tenant_id) if config and goes else None
    return {
        "tenant": tenant.tenant_id,
        "name": tenant.name,
        "state": tenant.state.value,
        "why": cause_data(tenant.why),
        "since": tenant.since,
        "pause": pause_data(tx, tenant),
        "linked": tx.links.count(tenant.tenant_id),
        "last_run": runs[0].run_id if runs else None,
        "last_run_at": runs[0].created_at if runs else None,
        "last_outcome": (runs[0].outcome or runs[0].phase).value if runs else None,
        "next_run_at": table and next_start(table, tx.now()),
        "incidents": len(tx.incidents.standing(tenant.tenant_id)),
    }


def tenant_data(tx: Transaction, tenant: Tenant, vault: Vault) -> Data:
    """Write everything about a tenant down."""
    config = readable(tx, tenant.tenant_id)
    closed = shut(tx, tenant.tenant_id)
    connection = None if closed else tx.connections.get(tenant.tenant_id)
    return tenant_row(tx, tenant) | {
        "language": tenant.language,
        "owners": list(tenant.owners),
        "configuration": None if config is None else configuration_data(config),
        "connection": None if connection is None else _connection_data(connection, tenant, vault),
        "shut": closed,
    }


def pause_data(tx: Transaction, tenant: Tenant) -> Data | None:
    """Write down what keeps a tenant from syncing by itself, and how it comes back."""
    found = way_back(tenant, tx.setbacks.get(tenant.tenant_id), Language.EN)
    if found is None:
        return None
    return asdict(found) | {"code": found.code.value if found.code is not None else None}


def _connection_data(connection: Connection, tenant: Tenant, vault: Vault) -> Data:
    return {
        "source_url": connection.source_url,
        "client_id": connection.client_id,
        "client_secret": masked(vault, tenant.tenant_id, connection.client_secret),
        "target": connection.target_kind,
        "target_url": connection.target_url,
        "target_token": masked(vault, tenant.tenant_id, connection.target_token),
    }


def draw_tenants(data: Data) -> Iterable[RenderableType]:
    """Draw one row for each tenant."""
    drawn = table(
        "tenant",
        "name",
        "state",
        "linked",
        "last run",
        "outcome",
        "next run",
        "incidents",
        numbers=("linked",),
    )
    names = ("tenant", "name", "state", "linked", "last_run_at", "last_outcome", "next_run_at", "incidents")
    for row in data["tenants"]:
        drawn.add_row(*(cell(row[name]) for name in names))
    if data["tenants"]:
        yield drawn


def draw_tenant(data: Data) -> Iterable[RenderableType]:
    """Draw one tenant."""
    yield pairs(_facts(data))
    if data["configuration"]:
        yield from draw_mapping(data["configuration"])


def _facts(data: Data) -> Iterable[tuple[str, object]]:
    yield "tenant", f"{data['tenant']} ({data['name']})"
    yield "state", f"{data['state']} since {data['since']:%Y-%m-%d %H:%M}"
    if data["why"]:
        yield "because", data["why"]["sentence"]
        yield "cure", data["why"]["cure"]
    if data["pause"]:
        yield from _pause(data["pause"])
    yield "owners", ", ".join(data["owners"])
    yield "linked people", data["linked"]
    yield "last run", f"{data['last_run']}, {data['last_outcome']}" if data["last_run"] else None
    yield "next run", data["next_run_at"]
    yield "open incidents", data["incidents"]
    if data["connection"]:
        yield from _ends(data["connection"])
    if data["configuration"]:
        yield from spoken_configuration(data["configuration"])


def _pause(pause: Data) -> Iterable[tuple[str, object]]:
    told = (
        ("rests since", pause["since"]),
        ("what happened", pause["detail"]),
        ("comes back", pause["ended_by"]),
        ("fix it with", pause["command"]),
        ("run again at" if pause["reason"] == "retry" else "next probe", pause["probe_at"]),
        ("stopped for good", pause["ends_at"]),
    )
    yield from ((name, value) for name, value in told if value)


def _ends(ends: Data) -> Iterable[tuple[str, object]]:
    yield "Personio", ends["source_url"]
    yield "client id", ends["client_id"]
    yield "client secret", _secret(ends["client_secret"])
    yield "target", f"{ends['target']} {ends['target_url']}".strip()
    yield "target token", _secret(ends["target_token"])


def _secret(told: Data) -> str:
    if not told["there"]:
        return "none"
    end = f"ends with {told['ends_with']}, " if told["ends_with"] else ""
    return f"stored; {end}fingerprint {told['fingerprint']}"
