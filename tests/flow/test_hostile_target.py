"""An application that answers with pages, redirects and nonsense, and values that look like commands."""

import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, update

from adapters.database.tables import CONNECTIONS
from domain.changes import ChangeState
from domain.codes import Code
from domain.config import Configuration, Policy
from domain.ids import TenantId
from domain.run import Outcome
from domain.tenant import TenantState
from domain.transforms import Prefix, Replace, Suffix, Transform
from simulators.scim.handle import ScimSimulator
from simulators.scim.quirks import Effect, Respond
from tests.flow.relay import ACME, Relay
from tests.flow.test_main_job import live, somebody
from tests.flow.truth import accounts, differences

__all__ = ["live"]

WRITES = ("POST", "PATCH", "PUT", "DELETE")
OTHER = TenantId("globex")
TEMPLATES = (
    "{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{0.__class__.__mro__}", "{first_name.__class__}", "%(x)s",
    "$(reboot)", "`reboot`", "__import__('os').system('true')", "'; DROP TABLE people; --", "${jndi:ldap://x}",
)  # fmt: skip


@pytest.fixture
def stranger() -> Iterator[ScimSimulator]:
    """Another application, which must never hear of us."""
    with ScimSimulator.start() as running:
        yield running


def page(status: int = 200) -> Effect:
    return Respond(status=status, media_type="text/html", body="<h1>Please log in</h1>")


def not_gzip() -> Effect:
    return Respond(status=200, headers={"content-encoding": "gzip"}, body=gzip.compress(b"x").hex())


def elsewhere(url: str) -> Effect:
    return Respond(status=307, headers={"location": f"{url}/Users"})


@pytest.mark.parametrize(
    "effect", [page(), page(404), page(503), not_gzip()], ids=["page", "page 404", "page 503", "not gzip"]
)
def test_f17_an_answer_that_is_no_scim_is_waited_out_and_concludes_nothing(
    live: Relay, effect: Effect
) -> None:
    person = live.personio.company.hire(first_name="Nora", last_name="Neu", email="nora@example.com")
    live.app.quirks.add(effect, methods=("POST",), times=1)
    assert live.sync().outcome is Outcome.PARTIAL
    assert [row.why for row in live.rows(ChangeState.WAITING)] == [waits_for(live)]
    for _ in range(3):
        live.later(minutes=2)
    assert differences(live) == []
    assert accounts(live)[str(person)]["userName"] == "nora@example.com"
    assert live.app.counters.creates(str(person)) == 1


def waits_for(live: Relay) -> Code | None:
    """Name the cause of the one row that waits; whichever it is, it is a temporary one of the target."""
    why = live.rows(ChangeState.WAITING)[0].why
    assert why in {Code.TARGET_NOT_SCIM, Code.TARGET_BUSY, Code.TARGET_UNREACHABLE}
    return why


def test_j3_f17_a_redirect_takes_neither_the_token_nor_the_person_elsewhere(
    live: Relay, stranger: ScimSimulator
) -> None:
    live.personio.company.hire(first_name="Nora", last_name="Neu", email="nora@example.com")
    live.app.quirks.add(elsewhere(stranger.url), methods=WRITES, times=None)
    live.sync()
    live.later(minutes=2)
    assert stranger.counters.requests() == 0
    live.app.quirks.clear()
    for _ in range(4):
        live.later(minutes=3)
    assert differences(live) == []


def test_f15_nobody_is_deleted_unless_the_tenant_says_so_by_cause_and_days(live: Relay) -> None:
    policy = Policy()
    asked = (policy.left_deleted_after, policy.left_filter_deleted_after, policy.not_seen_deleted_after)
    assert asked == (None, None, None)
    leaver = somebody(live)
    live.personio.company.terminate(int(leaver))
    live.sync()
    live.later(days=400)
    assert accounts(live)[str(leaver)]["active"] is False


@pytest.mark.parametrize("payload", TEMPLATES)
def test_k9_what_looks_like_code_arrives_as_the_text_that_it_is(live: Relay, payload: str) -> None:
    person = live.personio.company.hire(
        first_name=payload, last_name="Neu", email="nora@example.com", position=payload
    )
    live.sync()
    account = accounts(live)[str(person)]
    assert (account["name.givenName"], account["title"]) == (payload, payload)


def test_k9_steps_that_would_fill_the_memory_spoil_one_value_of_one_person(
    live: Relay, config: Configuration
) -> None:
    grow: Transform = Replace("a", "a" * 200)
    steps: tuple[Transform, ...] = (Prefix("a"), *[grow] * 12, Suffix("a"))
    lines = tuple(replace(line, transforms=steps if line.path == "title" else ()) for line in config.lines)
    live.configure(replace(config, lines=lines))
    person = live.personio.company.hire(
        first_name="Nora", last_name="Neu", email="n@example.com", position="a"
    )
    run = live.sync()
    assert accounts(live)[str(person)]["userName"] == "n@example.com"
    assert "title" not in accounts(live)[str(person)]
    assert live.figures(run).warnings[Code.PERSON_BAD_VALUE] > 0


def test_a11_k8_a_text_made_to_exhaust_backtracking_passes_every_step(
    live: Relay, config: Configuration
) -> None:
    """There is no regular expression for tenants; our own read a text once, however it is made."""
    evil = "a" * 9_000 + "!"
    person = live.personio.company.hire(first_name="Nora", last_name=evil, email="n@example.com")
    live.sync()
    assert accounts(live)[str(person)]["name.familyName"] == evil


def test_k12_credentials_copied_from_another_tenant_block_this_one_and_reach_nobody(
    live: Relay, config: Configuration, stranger: ScimSimulator, tmp_path: Path
) -> None:
    """Whoever may write the database can swap rows; what was sealed for one tenant opens for no other."""
    with live.store.write() as tx:
        assert tx.tenants.add(OTHER, "Globex", "en", [])
        tx.tenants.configure(OTHER, config, "test")
        ours = tx.connections.get(ACME)
        assert ours is not None
        tx.connections.put(OTHER, replace(ours, target_url=stranger.url, target_token=stranger.token))
    copy_connection(tmp_path, OTHER, ACME)
    live.personio.company.terminate(int(somebody(live)))
    asked = live.personio.counters().total, live.app.counters.requests(), stranger.counters.requests()
    run = live.sync()
    assert (run.outcome, run.code) == (Outcome.FAILED, Code.CREDENTIALS_UNREADABLE)
    assert live.state() is TenantState.BLOCKED
    assert asked == (
        live.personio.counters().total,
        live.app.counters.requests(),
        stranger.counters.requests(),
    )


def copy_connection(tmp_path: Path, source: TenantId, onto: TenantId) -> None:
    """Copy the sealed credentials of one row onto another, as an attacker with the database would."""
    engine = create_engine(f"sqlite:///{tmp_path / 'home' / 'store.sqlite'}")
    with engine.begin() as connection:
        sealed = connection.scalar(select(CONNECTIONS.c.sealed).where(CONNECTIONS.c.tenant_id == source))
        connection.execute(update(CONNECTIONS).where(CONNECTIONS.c.tenant_id == onto).values(sealed=sealed))
    engine.dispose()
