"""One tenant whose keys or secrets do not open leaves every command that looks at all tenants working."""

from pathlib import Path

import pytest
from sqlalchemy import Table, delete, update

from adapters.database.links import store_links
from adapters.database.tables import CONFIGURATIONS, CONNECTIONS, TENANTS
from bootstrap.cli.exits import ExitCode
from domain.codes import Code
from domain.ids import TenantId
from domain.tenant import TenantState
from tests.builders import link
from tests.unit.cli.terminal import Terminal

ACME = TenantId("acme")

DAMAGES = [
    pytest.param(CONNECTIONS, "sealed", "secrets of acme", id="K12 credentials"),
    pytest.param(TENANTS, "keys", "secrets of acme", id="K12 keys"),
]


def damage(acme: Terminal, table: Table, column: str) -> None:
    """Write past Staffetta, as a failing disk does."""
    with acme.store() as store, store.write() as tx:
        here = update(table).where(table.c.tenant_id == "acme")
        assert tx.session.connection.execute(here.values({column: b"v1...no ciphertext"})).rowcount == 1


@pytest.mark.parametrize(("table", "column", "about"), DAMAGES)
def test_a_neighbour_is_added_and_kept_apart_though_nobody_can_read_the_other(
    table: Table, column: str, about: str, acme: Terminal
) -> None:
    del about
    damage(acme, table, column)
    told = acme.add_tenant("globex", "--target-url", "https://App.example.com:443/scim/v2/")
    assert told.code == 0, told.err
    config = acme.json("tenant", "show", "globex")["configuration"]
    assert (config["external_prefix"], config["match_path"]) == ("globex:", None)
    assert acme.add_tenant("initech", "--target-url", "https://own.example.com/scim").code == 0
    config = acme.json("tenant", "show", "initech")["configuration"]
    assert config["external_prefix"] == ""


@pytest.mark.parametrize(("table", "column", "about"), DAMAGES)
def test_limits_and_doctor_name_the_damaged_tenant_and_go_on(
    table: Table, column: str, about: str, acme: Terminal
) -> None:
    assert acme.add_tenant("globex").code == 0
    damage(acme, table, column)
    limits = acme.json("limits")
    assert limits["unreadable"] == ["acme"]
    assert [each["tenant"] for each in limits["targets"]] == ["acme", "globex"]
    assert "Not readable: acme" in acme.type("limits").out
    findings = {each["about"]: each for each in acme.type("doctor", "--json").data["findings"]}
    assert findings[about]["health"] == "problem"
    assert findings[about]["cure"]
    assert "secrets of globex" not in findings
    assert findings["tenant globex"]["health"] == "well"


@pytest.mark.parametrize(("table", "column", "about"), DAMAGES)
def test_tenants_are_listed_though_one_is_damaged(
    table: Table, column: str, about: str, acme: Terminal
) -> None:
    del about
    damage(acme, table, column)
    assert [each["tenant"] for each in acme.json("tenant", "list")["tenants"]] == ["acme"]


@pytest.mark.parametrize("blocked", [False, True], ids=["not noticed yet", "blocked by it"])
def test_k12_whose_credentials_do_not_open_is_shown_with_the_command_for_credentials_alone(
    acme: Terminal, blocked: bool
) -> None:
    if blocked:
        with acme.store() as store, store.write() as tx:
            for state in (TenantState.READY, TenantState.ACTIVE):
                assert tx.tenants.move(ACME, state, None)
            assert tx.tenants.move(ACME, TenantState.BLOCKED, Code.CREDENTIALS_UNREADABLE)
    damage(acme, CONNECTIONS, "sealed")
    drawn = acme.type("tenant", "show", "acme")
    assert drawn.code == ExitCode.FAILED
    assert ("blocked since" if blocked else "setup since") in drawn.out
    assert "tenant credentials acme --source-url URL --client-id ID" in drawn.err
    told = acme.type("tenant", "show", "acme", "--json").data
    assert (told["connection"], told["configuration"] is not None) == (None, True)
    assert (told["pause"] or told["shut"])["command"] == told["shut"]["command"]
    doctor = acme.type("doctor").out
    assert told["shut"]["command"] in acme.type("doctor", "--json").out
    assert "tenant configure" not in drawn.out + drawn.err + doctor
    assert "setting" not in drawn.out + drawn.err


def test_who_lost_the_keys_is_shown_with_the_state(acme: Terminal) -> None:
    damage(acme, TENANTS, "keys")
    drawn = acme.type("tenant", "show", "acme")
    assert drawn.code == ExitCode.FAILED
    assert "setup since" in drawn.out
    assert "from a backup" in drawn.err


ANEW = ("--client-id", "papi-new", "--client-secret-file", "-", "--target-token-file", "token.txt")


def test_k12_credentials_that_do_not_open_are_stored_anew_with_the_command_that_is_named(
    acme: Terminal, tmp_path: Path
) -> None:
    url = str(acme.json("tenant", "show", "acme")["connection"]["target_url"])
    damage(acme, CONNECTIONS, "sealed")
    assert "staffetta tenant credentials acme" in acme.type("tenant", "show", "acme").err
    half = acme.type("tenant", "credentials", "acme", "--client-id", "papi-new")
    assert half.code == 2
    assert "Missing: --source-url, --client-secret-file, --target-url, --target-token-file." in half.err
    assert "Personio's address is https://api.personio.de" in half.err, "its usual one is not taken unseen"
    token = tmp_path / "token.txt"
    token.write_text("a-new-token-of-the-application")
    token.chmod(0o600)
    ends = (*ANEW[:-1], str(token), "--source-url", "https://personio.example.com", "--target-url", url)
    told = acme.type("tenant", "credentials", "acme", *ends, stdin="a-new-secret-of-personio")
    assert told.code == 0, told.err
    stored = acme.json("tenant", "show", "acme")["connection"]
    assert (stored["client_id"], stored["source_url"]) == ("papi-new", "https://personio.example.com")


def test_who_is_linked_follows_no_address_that_nobody_knows_any_more(acme: Terminal, tmp_path: Path) -> None:
    with acme.store() as store, store.write() as tx:
        store_links(tx.session, ACME, [(link(), b"digest", None)])
        tx.session.connection.execute(delete(CONNECTIONS))
    told = acme.type("tenant", "show", "acme")
    assert "tenant credentials acme --source-url URL" in told.err
    token = tmp_path / "token.txt"
    token.write_text("a-new-token-of-the-application")
    ends = (*ANEW[:-1], str(token), "--source-url", "https://personio.example.com")
    words = ("tenant", "credentials", "acme", *ends, "--target-url", "https://other.example.com")
    refused = acme.type(*words, stdin="a-new-secret-of-personio")
    assert refused.code == ExitCode.FAILED
    assert "restore the tenant's connection from a backup" in refused.err


def spoil_configuration(acme: Terminal, *versions: int) -> None:
    """Write past Staffetta, or store what an older release cannot read."""
    with acme.store() as store, store.write() as tx:
        theirs = CONFIGURATIONS.c.tenant_id == "globex"
        chosen = theirs & CONFIGURATIONS.c.version.in_(versions)
        tx.session.connection.execute(update(CONFIGURATIONS).where(chosen).values(content="{}"))


def test_a_configuration_that_is_stored_anew_keeps_the_tenant_apart_as_it_was(acme: Terminal) -> None:
    """External ids that begin otherwise would be those of a neighbour's people."""
    assert acme.add_tenant("globex").code == 0
    again = ("tenant", "configure", "globex", "--profile")
    assert acme.type(*again, "circula").code == 0
    assert acme.json("tenant", "show", "globex")["configuration"]["version"] == 2
    spoil_configuration(acme, 2)
    assert acme.type(*again, "generic").code == 0
    config = acme.json("tenant", "show", "globex")["configuration"]
    assert (config["version"], config["external_prefix"], config["match_path"]) == (3, "globex:", None)
    spoil_configuration(acme, 1, 2, 3)
    told = acme.type(*again, "generic")
    assert told.code == ExitCode.FAILED
    assert "how its external ids begin is not known" in told.err
    assert acme.json("tenant", "show", "globex")["configuration"] is None
