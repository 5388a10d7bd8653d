"""The log is readable by people; the doctor works when nothing is up, each finding with its cure."""

import fcntl
import json
from pathlib import Path

from bootstrap.cli.logs_command import Wanted, tail
from bootstrap.up import LOCK
from domain.codes import Code
from domain.ids import INSTALLATION, IncidentId, TenantId
from domain.tenant import TenantState
from tests.unit.cli.terminal import Terminal


def write_log(home: Path, *lines: dict[str, str]) -> None:
    (home / "log").mkdir(exist_ok=True)
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (home / "log" / "staffetta.jsonl").write_text(text, encoding="utf-8")


def told(message: str, *, level: str = "info", tenant: str = "acme", run: str = "r1") -> dict[str, str]:
    return {
        "@timestamp": "2026-11-23T09:00:00.000Z",
        "log.level": level,
        "message": message,
        "event.action": "page.fetched",
        "service.name": "staffetta-fetch",
        "tenant.id": tenant,
        "run.id": run,
    }


def test_lines_are_for_people_and_lie_in_order(terminal: Terminal) -> None:
    write_log(terminal.home, told("first"), told("second", level="warning"))
    lines = terminal.type("logs").out.splitlines()
    assert ["first" in lines[0], "second" in lines[1]] == [True, True]
    assert lines[0].startswith("2026-11-23 09:00:00.000  INFO")
    assert "run.id=r1" in lines[0]


def test_lines_are_chosen_by_tenant_run_and_level(terminal: Terminal) -> None:
    write_log(
        terminal.home,
        told("one"),
        told("two", tenant="globex"),
        told("three", run="r2"),
        told("four", level="error"),
    )
    chosen = {
        ("--tenant", "globex"): ["two"],
        ("--run", "r2"): ["three"],
        ("--level", "warning"): ["four"],
        ("--tenant", "acme", "-n", "1"): ["four"],
    }
    for words, messages in chosen.items():
        lines = terminal.type("logs", "--json", *words).out.splitlines()
        assert [json.loads(line)["message"] for line in lines] == messages


def test_a_log_that_was_cut_in_its_place_is_followed_from_its_new_beginning(terminal: Terminal) -> None:
    write_log(terminal.home, told("one"), told("two"))
    lines = tail(terminal.home / "log" / "staffetta.jsonl", 10, Wanted(None, None, 0), follow=True)
    assert [json.loads(next(lines))["message"] for _ in range(2)] == ["one", "two"]
    write_log(terminal.home, told("x"))
    assert json.loads(next(lines))["message"] == "x"


def test_a_line_that_is_no_json_cannot_steer_the_terminal(terminal: Terminal) -> None:
    (terminal.home / "log").mkdir(exist_ok=True)
    (terminal.home / "log" / "staffetta.jsonl").write_text("\x1b[31mplain words\n")
    shown = terminal.type("logs").out
    assert "plain words" in shown
    assert "\x1b" not in shown


def test_lines_of_one_tenant_are_asked_for_as_everywhere_else(terminal: Terminal) -> None:
    write_log(terminal.home, told("one"))
    assert terminal.type("logs", "acme").out == terminal.type("logs", "--tenant", "acme").out != ""
    none = terminal.type("logs", "globex")
    assert (none.code, none.out) == (0, "")
    assert "The log holds no such line" in none.err
    assert terminal.type("logs", "acme", "--tenant", "globex").code == 2


def test_no_log_and_no_such_level_are_told(tmp_path: Path, terminal: Terminal) -> None:
    assert Terminal(tmp_path / "none").type("logs").code == 7
    assert terminal.type("logs", "--level", "loud").code == 2


def test_what_nobody_foresaw_is_one_line_unless_a_traceback_is_asked_for(terminal: Terminal) -> None:
    (terminal.home / "log" / "staffetta.jsonl").mkdir(parents=True)
    told = terminal.type("logs")
    assert told.code == 1
    assert "IsADirectoryError" in told.err
    assert "Traceback" not in told.err
    assert "Traceback" in terminal.type("--debug", "logs").err


def test_a_file_that_is_no_database_is_a_finding(acme: Terminal) -> None:
    for path in acme.home.glob("staffetta.sqlite*"):
        path.unlink()
    (acme.home / "staffetta.sqlite").write_bytes(b"no database at all, but long enough to be read" * 200)
    assert findings(acme)["database"]["health"] == "problem"
    told = acme.type("tenant", "list")
    assert told.code == 1
    assert "Traceback" not in told.err


def findings(terminal: Terminal) -> dict[str, dict[str, str]]:
    answer = terminal.type("doctor", "--json")
    assert answer.code == 1, answer.err
    return {each["about"]: each for each in answer.data["findings"]}


def test_the_doctor_works_before_anything_was_set_up(tmp_path: Path) -> None:
    found = findings(Terminal(tmp_path / "none"))
    assert "staffetta init" in found["home"]["cure"]


def test_a_house_that_is_up_and_does_not_answer_is_not_to_be_started_a_second_time(acme: Terminal) -> None:
    with (acme.home / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = acme.type("sync", "acme")
        findings = {each["about"]: each for each in acme.type("doctor", "--json").data["findings"]}
    assert told.code == 75
    assert "Staffetta is up here, but its Redis or its workers do not answer" in told.err
    assert "start it again: staffetta up" in told.err
    assert findings["Redis"]["what"].startswith("Staffetta is up here, but")


def test_the_doctor_says_that_nothing_is_up(acme: Terminal) -> None:
    found = findings(acme)
    assert found["Redis"]["health"] == "problem"
    assert "staffetta up" in found["Redis"]["cure"]
    assert {found[name]["health"] for name in ("home", "master key", "database", "work")} == {"well"}
    assert "staffetta up" in acme.type("doctor").out


def test_b9_the_doctor_says_what_to_do_about_a_damaged_file_of_the_queue(acme: Terminal) -> None:
    log = acme.home / "redis" / "redis.log"
    log.parent.mkdir(mode=0o700, exist_ok=True)
    log.write_text("# Bad file format reading the append only file\n", encoding="utf-8")
    found = findings(acme)["Redis"]
    assert found["what"] == "the file of the queue is damaged"
    assert found["cure"].startswith("move ")
    assert "staffetta up" in found["cure"]


def test_the_doctor_sees_an_open_home_and_a_wrong_key(terminal: Terminal, tmp_path: Path) -> None:
    other = Terminal(tmp_path / "other")
    other.type("init")
    (terminal.home / "master.key").write_bytes((other.home / "master.key").read_bytes())
    terminal.home.chmod(0o755)
    found = findings(terminal)
    assert "chmod 700" in found["home"]["cure"]
    assert found["database"]["health"] == "problem"


def test_the_doctor_says_why_a_tenant_is_blocked(acme: Terminal) -> None:
    with acme.store() as store, store.write() as tx:
        for state in (TenantState.READY, TenantState.ACTIVE):
            tx.tenants.move(TenantId("acme"), state, None)
        tx.tenants.move(TenantId("acme"), TenantState.BLOCKED, Code.SOURCE_CREDENTIALS_REFUSED)
    assert "staffetta check acme" in findings(acme)["tenant acme"]["cure"]


def test_the_doctor_names_what_stands_about_the_installation_itself(acme: Terminal) -> None:
    with acme.store() as store, store.write() as tx:
        tx.incidents.open(INSTALLATION, IncidentId("i1"), Code.MESSAGE_UNKNOWN, "no JSON", 1, None)
    found = {each["about"]: each for each in acme.type("doctor", "--json").data["findings"]}
    assert "no JSON" in found["installation"]["what"]
    assert "staffetta letters - --cause self.message-unknown" in found["installation"]["cure"]


def test_a_redis_that_is_away_is_a_finding_and_not_a_failure(acme: Terminal) -> None:
    answer = acme.type("doctor", "--json", STAFFETTA_REDIS_URL="redis://127.0.0.1:9/0")
    assert answer.code == 1
    assert "STAFFETTA_REDIS_URL" in json.dumps(answer.data)
