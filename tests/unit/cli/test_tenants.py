"""Tenants come with secrets by file or standard input, are shown masked, and are kept apart."""

from datetime import timedelta
from pathlib import Path

import pytest

from domain.codes import Code
from domain.ids import SetbackId, TenantId
from domain.setbacks import Reason, Trouble, paused
from domain.tenant import TenantState
from producers.resume import CHECK_GOES_FIRST
from tests.unit.cli.terminal import ID, SECRET, TOKEN, Terminal

ACME = TenantId("acme")
CANARY = "canary-0123456789abcdef"


def test_a_tenant_is_added_with_secrets_from_standard_input(terminal: Terminal) -> None:
    told = terminal.add_tenant()
    assert told.code == 0
    assert "staffetta check acme" in told.err
    with terminal.store() as store, store.read() as tx:
        stored = tx.connections.get(ACME)
        tenant = tx.tenants.get(ACME)
    assert stored is not None
    assert (stored.client_id, stored.client_secret, stored.target_token) == (ID, SECRET, TOKEN)
    assert tenant is not None
    assert tenant.state is TenantState.SETUP


def test_secrets_in_files_lose_what_pasting_added(terminal: Terminal, tmp_path: Path) -> None:
    secret, token = tmp_path / "secret", tmp_path / "token"
    secret.write_text(f"\ufeff{SECRET} \r\n\n", encoding="utf-8")
    token.write_text(f"  {TOKEN}\n", encoding="utf-8")
    ends = ("--client-id", f" {ID} ", "--target-url", "https://app.example.com/scim")
    files = ("--client-secret-file", secret, "--target-token-file", token)
    told = terminal.type("tenant", "add", "acme", "--profile", "circula", *ends, *files)
    assert told.code == 0, told.err
    assert "chmod 600" in told.err
    with terminal.store() as store, store.read() as tx:
        stored = tx.connections.get(ACME)
    assert stored is not None
    assert (stored.client_id, stored.client_secret, stored.target_token) == (ID, SECRET, TOKEN)


def test_secrets_are_shown_by_their_end_and_a_fingerprint_only(acme: Terminal) -> None:
    told = acme.type("tenant", "show", "acme")
    assert "ends with cdef" in told.out
    assert "fingerprint" in told.out
    assert SECRET not in told.out + told.err
    assert TOKEN not in told.out + told.err
    assert SECRET not in acme.type("tenant", "show", "acme", "--json").out


def test_what_is_wished_is_shown(acme: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "acme.toml"
    file.write_text('profile = "become1"\n[policy]\nnot_seen = "nothing"\n')
    assert acme.type("tenant", "configure", "acme", "--file", file).code == 0
    told = acme.type("tenant", "show", "acme").out
    assert "any employment type" in told
    assert "not visible any more: nothing" in told


def test_a_short_secret_shows_nothing_of_itself(acme: Terminal) -> None:
    told = acme.type("tenant", "credentials", "acme", "--target-token-file", "-", stdin="short123\n")
    assert told.code == 0
    assert acme.json("tenant", "show", "acme")["connection"]["target_token"]["ends_with"] is None


@pytest.mark.parametrize("option", ["--client-secret", "--target-token"])
@pytest.mark.parametrize("command", [("add", "acme"), ("credentials", "acme")])
def test_a_secret_on_the_command_line_is_refused_unseen(
    option: str, command: tuple[str, str], terminal: Terminal
) -> None:
    told = terminal.type("tenant", *command, option, CANARY)
    assert told.code == 2
    assert f"{option}-file" in told.err
    assert CANARY not in told.out + told.err


def test_a_secret_where_a_file_name_belongs_is_not_repeated(acme: Terminal) -> None:
    told = acme.type("tenant", "credentials", "acme", "--client-secret-file", CANARY)
    assert told.code == 2
    assert CANARY not in told.out + told.err
    assert "names no readable file" in told.err


def test_swapped_id_and_secret_are_noticed(terminal: Terminal) -> None:
    told = terminal.type(
        *("tenant", "add", "acme", "--profile", "generic", "--client-id", SECRET),
        *("--client-secret-file", "-", "--target-url", "https://a.example.com", "--target-token-file", "-"),
        stdin=f"{ID}\n{TOKEN}\n",
    )
    assert told.code == 2
    assert "swapped" in told.err
    assert SECRET not in told.err


@pytest.mark.parametrize("stdin", ["", "one line only\n", "a\nb\nc\n"])
def test_standard_input_must_hold_one_line_for_each_secret(stdin: str, terminal: Terminal) -> None:
    told = terminal.type(
        *("tenant", "add", "acme", "--profile", "generic", "--client-id", ID, "--client-secret-file", "-"),
        *("--target-url", "https://a.example.com", "--target-token-file", "-"),
        stdin=stdin,
    )
    assert told.code == 2
    assert "--target-token-file" in told.err


@pytest.mark.parametrize("odd", ["two words", "schlüssel-1234567"])
def test_what_is_no_secret_is_refused(odd: str, acme: Terminal) -> None:
    told = acme.type("tenant", "credentials", "acme", "--target-token-file", "-", stdin=f"{odd}\n")
    assert told.code == 2
    assert odd not in told.err


def test_all_missing_options_are_told_at_once(terminal: Terminal) -> None:
    told = terminal.type("tenant", "add", "acme", "--profile", "generic")
    assert told.code == 2
    for option in ("--client-id", "--client-secret-file", "--target-url", "--target-token-file"):
        assert option in told.err


@pytest.mark.parametrize(
    "odd", ["eve", "Eve <eve@acme.example>", "eve@münchen.example", "e v@acme.example", ""]
)
def test_an_owner_without_a_usable_address_is_told_by_place_and_shape_and_nothing_is_added(
    odd: str, terminal: Terminal
) -> None:
    told = terminal.add_tenant("acme", "--owner", "bob@acme.example", "--owner", odd)
    assert told.code == 2
    assert f"--owner number 2 ({len(odd)} characters, {odd.count('@')} «@») is no e-mail address" in told.err
    assert "such as ada@acme.example" in told.err
    assert not odd or odd not in told.err
    assert terminal.json("tenant", "list")["tenants"] == []


def test_an_owner_in_a_tenant_file_is_looked_at_as_well(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "acme.toml"
    file.write_text('profile = "generic"\n[tenant]\nowners = ["ada@münchen.example"]\n', encoding="utf-8")
    ends = ("--client-id", ID, "--target-url", "https://app.example.com/scim/v2")
    secrets = ("--client-secret-file", "-", "--target-token-file", "-")
    told = terminal.type(
        "tenant", "add", "acme", "--file", file, *ends, *secrets, stdin=f"{SECRET}\n{TOKEN}\n"
    )
    assert told.code == 2
    assert "tenant.owners number 1 (19 characters, 1 «@»)" in told.err


@pytest.mark.parametrize("name", ["Acme", "a/b", "-a", "a" * 41, "ä"])
def test_an_id_is_short_and_plain(name: str, terminal: Terminal) -> None:
    told = terminal.type("tenant", "add", "--profile", "generic", "--", name)
    assert told.code == 2


def test_the_same_tenant_twice_is_refused_and_changes_nothing(acme: Terminal) -> None:
    told = acme.add_tenant("acme", profile="circula")
    assert told.code == 1
    assert "configure" in told.err
    assert acme.json("tenant", "show", "acme")["configuration"]["version"] == 1


def test_an_unknown_profile_gets_a_suggestion(terminal: Terminal) -> None:
    told = terminal.add_tenant("acme", profile="circulla")
    assert told.code == 2
    assert "circula" in told.err


def test_a_second_tenant_at_the_same_application_is_kept_apart(acme: Terminal) -> None:
    told = acme.add_tenant("globex")
    assert "uses the same application" in told.err
    config = acme.json("tenant", "show", "globex")["configuration"]
    assert (config["external_prefix"], config["match_path"]) == ("globex:", None)
    assert acme.json("tenant", "show", "acme")["configuration"]["external_prefix"] == ""


def test_another_configuration_keeps_the_external_ids(acme: Terminal) -> None:
    acme.add_tenant("globex")
    acme.type("tenant", "configure", "globex", "--profile", "circula")
    config = acme.json("tenant", "show", "globex")["configuration"]
    assert (config["version"], config["external_prefix"], config["match_path"]) == (2, "globex:", None)


def test_the_same_configuration_adds_no_version(acme: Terminal) -> None:
    told = acme.type("tenant", "configure", "acme", "--profile", "generic")
    assert told.code == 0
    assert "Nothing changed" in told.err


def test_another_configuration_wants_another_check(acme: Terminal) -> None:
    with acme.store() as store, store.write() as tx:
        assert tx.tenants.move(ACME, TenantState.READY, None)
    acme.type("tenant", "configure", "acme", "--profile", "circula")
    assert acme.json("tenant", "show", "acme")["state"] == "setup"


def test_a_file_with_other_addresses_is_refused(acme: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "acme.toml"
    file.write_text('profile = "generic"\n[target]\nurl = "https://elsewhere.example.com/scim"\n')
    told = acme.type("tenant", "configure", "acme", "--file", file)
    assert told.code == 2
    assert "tenant credentials acme" in told.err


def test_j5_a_secret_does_not_follow_an_address_to_another_host(acme: Terminal) -> None:
    told = acme.type("tenant", "credentials", "acme", "--target-url", "https://elsewhere.example.com/scim")
    assert told.code == 2
    assert "--target-token-file" in told.err


def test_another_path_at_the_same_host_keeps_the_secret(acme: Terminal) -> None:
    told = acme.type("tenant", "credentials", "acme", "--target-url", "https://app.example.com/v3")
    assert told.code == 0
    assert acme.json("tenant", "show", "acme")["connection"]["target_url"] == "https://app.example.com/v3"


@pytest.mark.parametrize(
    "refused",
    [
        pytest.param(
            Trouble(Reason.CREDENTIALS, Code.TARGET_CREDENTIALS_REFUSED, "HTTP 401", None), id="refused"
        ),
        pytest.param(Trouble(Reason.CONFIG, Code.CREDENTIALS_UNREADABLE, "", None), id="unreadable"),
    ],
)
def test_after_new_credentials_the_check_goes_before_our_own_probe(acme: Terminal, refused: Trouble) -> None:
    with acme.store() as store, store.write() as tx:
        for state in (TenantState.READY, TenantState.ACTIVE, TenantState.BLOCKED):
            assert tx.tenants.move(ACME, state, refused.failure)
        began = tx.now()
        tx.setbacks.put(ACME, paused(None, refused, began, SetbackId("s-1")))
    told = acme.type("tenant", "credentials", "acme", "--target-token-file", "-", stdin=f"{TOKEN}\n")
    assert told.code == 0
    with acme.store() as store, store.read() as tx:
        setback = tx.setbacks.get(ACME)
    assert setback is not None
    assert setback.due_at is not None
    assert CHECK_GOES_FIRST <= setback.due_at - began < timedelta(hours=1)


def test_another_client_id_wants_its_secret(acme: Terminal) -> None:
    assert acme.type("tenant", "credentials", "acme", "--client-id", ID.replace("1", "2")).code == 2


def test_tenants_are_listed_with_their_state(acme: Terminal) -> None:
    told = acme.type("tenant", "list")
    assert "acme" in told.out
    assert "setup" in told.out
    assert [row["tenant"] for row in acme.json("tenant", "list")["tenants"]] == ["acme"]


@pytest.mark.parametrize(
    "words",
    [
        ("tenant", "show", "nobody"),
        ("check", "nobody"),
        ("runs", "nobody"),
        ("person", "nobody", "1"),
        ("incidents", "nobody"),
        ("pause", "nobody"),
        ("letters", "requeue", "nobody", "--all"),
        ("holds", "nobody"),
        ("run", "nothing"),
    ],
    ids=" ".join,
)
def test_what_is_not_there_is_exit_code_7(words: tuple[str, ...], acme: Terminal) -> None:
    told = acme.type(*words)
    assert told.code == 7, told.err
    assert "→" in told.err


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/scim",
        "https://2130706433/scim",
        "https://localhost./scim",
        "https://169.254.169.254/latest",
        "https://[::ffff:10.0.0.1]/scim",
        "http://app.example.com/scim",
        "https://app.example.com:22/scim",
        "file:///etc/passwd",
        "gopher://app.example.com/x",
        "https://user:canary@app.example.com/scim",
    ],
)
@pytest.mark.parametrize("option", ["--target-url", "--source-url"])
def test_j1_j4_an_address_that_must_not_be_reached_is_refused_before_it_is_stored(
    option: str, url: str, acme: Terminal
) -> None:
    secret = "--target-token-file" if option == "--target-url" else "--client-secret-file"
    told = acme.type("tenant", "credentials", "acme", option, url, secret, "-", stdin=f"{TOKEN}\n")
    assert told.code == 2
    assert option in told.err
    assert "canary" not in told.err
    assert url not in str(acme.json("tenant", "show", "acme")["connection"])


def test_an_operator_may_allow_the_own_network(acme: Terminal) -> None:
    words = ("tenant", "credentials", "acme", "--target-url", "http://10.0.0.5:8080/scim")
    told = acme.type(
        *words, "--target-token-file", "-", stdin=f"{TOKEN}\n", STAFFETTA_ALLOW_PRIVATE_TARGETS="1"
    )
    assert told.code == 0, told.err


@pytest.mark.parametrize(
    "spelling",
    [
        "https://APP.Example.com/scim/v2",
        "https://app.example.com:443/scim/v2",
        "HTTPS://app.example.com/scim/v2/",
    ],
)
def test_the_same_application_spelled_otherwise_is_the_same(spelling: str, acme: Terminal) -> None:
    told = acme.add_tenant("globex", "--target-url", spelling)
    assert told.code == 0, told.err
    assert acme.json("tenant", "show", "globex")["configuration"]["external_prefix"] == "globex:"


@pytest.mark.parametrize("url", ["https://proxy.example.com/personio", "https://api.personio.de/v1/"])
def test_a_path_of_personio_that_nobody_would_ask_is_refused(url: str, acme: Terminal) -> None:
    words = ("tenant", "credentials", "acme", "--source-url", url, "--client-secret-file", "-")
    told = acme.type(*words, stdin=f"{TOKEN}\n")
    assert told.code == 2
    assert "--source-url" in told.err
    assert "https://host alone" in told.err
    assert url not in str(acme.json("tenant", "show", "acme")["connection"])


def test_a_secret_follows_another_spelling_of_the_same_host(acme: Terminal) -> None:
    told = acme.type("tenant", "credentials", "acme", "--target-url", "https://App.example.com:443/scim/v2")
    assert told.code == 0, told.err


def test_k11_a_command_under_another_master_key_starts_nothing_and_names_the_key(
    acme: Terminal, tmp_path: Path
) -> None:
    other = Terminal(tmp_path / "other")
    assert other.type("init").code == 0
    key = acme.home / "master.key"
    key.chmod(0o600)
    key.write_bytes((other.home / "master.key").read_bytes())
    key.chmod(0o400)
    told = acme.type("tenant", "list")
    assert told.code != 0
    assert "master key" in told.err.lower()
    assert TOKEN not in told.err


@pytest.fixture
def in_memory(terminal: Terminal) -> Terminal:
    words = ("--profile", "generic", "--target", "memory", "--client-id", ID, "--client-secret-file", "-")
    told = terminal.type("tenant", "add", "acme", *words, stdin=f"{SECRET}\n")
    assert told.code == 0, told.err
    return terminal


def test_the_secret_of_a_tenant_without_an_address_is_replaced(in_memory: Terminal) -> None:
    told = in_memory.type("tenant", "credentials", "acme", "--client-secret-file", "-", stdin=f"{SECRET}\n")
    assert told.code == 0, told.err


def test_a_tenant_moves_from_memory_to_an_address_with_a_secret_of_its_own(in_memory: Terminal) -> None:
    words = ("tenant", "credentials", "acme", "--target", "scim")
    told = in_memory.type(*words)
    assert (told.code, "--target-url" in told.err) == (2, True), told.err
    there = (*words, "--target-url", "https://app.example.com/scim")
    told = in_memory.type(*there)
    assert (told.code, "--target-token-file" in told.err) == (2, True), told.err
    told = in_memory.type(*there, "--target-token-file", "-", stdin=f"{TOKEN}\n")
    assert told.code == 0, told.err
    assert in_memory.json("tenant", "show", "acme")["connection"]["target"] == "scim"
