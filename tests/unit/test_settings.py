"""What the environment may say, where a URL with a password may stand, and how mistakes are told."""

from base64 import b64encode
from pathlib import Path

import pytest

from bootstrap.settings import BEGINNINGS, SettingsError, read_settings

URLS = {
    "DATABASE_URL": "postgresql+psycopg://relay:canary@postgres:5432/staffetta",
    "REDIS_URL": "redis://:canary@redis:6379/0",
}
OF_NOTICES = {
    "SMTP_URL": "smtp://relay:canary@mail.example",
    "WEBHOOK_URL": "https://hooks.example/canary",
    "WEBHOOK_SECRET": "whsec_" + b64encode(b"canary" * 4).decode(),
    "SLACK_URL": "https://hooks.slack.example/services/canary",
}
names = pytest.mark.parametrize("name", BEGINNINGS)
urls = pytest.mark.parametrize("name", URLS)


def mistakes(environ: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        read_settings(environ)
    assert "canary" not in str(caught.value)
    return str(caught.value)


def test_an_empty_environment_means_sqlite_and_an_embedded_server() -> None:
    settings = read_settings({})
    assert settings.database_url == f"sqlite:///{settings.home}/staffetta.sqlite"
    assert settings.redis_url is None


@urls
def test_a_url_is_read_from_its_file_without_blanks_at_its_ends(name: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"  {URLS[name]}\n")
    settings = read_settings({f"STAFFETTA_{name}_FILE": str(file)})
    assert getattr(settings, name.lower()) == URLS[name]
    assert getattr(read_settings({f"STAFFETTA_{name}": URLS[name]}), name.lower()) == URLS[name]


@names
def test_a_url_that_is_set_twice_is_refused(name: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text((URLS | OF_NOTICES)[name])
    told = mistakes({f"STAFFETTA_{name}": (URLS | OF_NOTICES)[name], f"STAFFETTA_{name}_FILE": str(file)})
    assert told == f"STAFFETTA_{name} and STAFFETTA_{name}_FILE are both set; unset one of them"


@names
@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_named_by_its_setting(
    name: str, content: bytes | None, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    told = mistakes({f"STAFFETTA_{name}_FILE": str(file)})
    assert told.startswith(f"STAFFETTA_{name}_FILE names a file that cannot be read (")
    assert told.endswith("; name one with just that in it")


@names
@pytest.mark.parametrize("text", ["", "canary", "ftp://canary.example", "[redis://canary"])
def test_a_url_of_another_kind_is_refused_wherever_it_stands(name: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(text)
    assert f"STAFFETTA_{name} must begin with" in mistakes({f"STAFFETTA_{name}": text})
    assert f"the file of STAFFETTA_{name}_FILE holds must begin" in mistakes(
        {f"STAFFETTA_{name}_FILE": str(file)}
    )


def test_all_mistakes_are_told_at_once() -> None:
    told = mistakes(
        {
            "STAFFETTA_REDIS_URL": "canary",
            "STAFFETTA_DATABASE_URL_FILE": "",
            "STAFFETTA_LOG_LEVEL": "loud",
            "STAFFETTA_REDIS_ULR": "canary",
        }
    )
    assert len(told.splitlines()) == 4


def test_j6_a_file_of_authorities_must_hold_certificates(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("canary")
    for named in (file, tmp_path / "missing.pem"):
        assert "STAFFETTA_CA_FILE must name" in mistakes({"STAFFETTA_CA_FILE": str(named)})


SWITCHED = pytest.mark.parametrize(
    ("name", "read", "usual"),
    [("ALLOW_PRIVATE_TARGETS", "allow_private", False), ("RATE_LIMITS", "rate_limits", True)],
)


@SWITCHED
@pytest.mark.parametrize(
    ("word", "means"),
    [(word, True) for word in ("1", "yes", "true", "on", "On", "TRUE ")]
    + [(word, False) for word in ("0", "no", "false", "off", "Off", "FALSE")],
)
def test_a_switch_is_on_or_off_by_whatever_word_people_write(
    name: str, read: str, usual: bool, word: str, means: bool
) -> None:
    del usual
    assert getattr(read_settings({f"STAFFETTA_{name}": word}), read) is means


@SWITCHED
def test_a_switch_that_nobody_set_is_as_usual(name: str, read: str, usual: bool) -> None:
    assert getattr(read_settings({}), read) is usual
    assert getattr(read_settings({f"STAFFETTA_{name}": ""}), read) is usual


@SWITCHED
@pytest.mark.parametrize("word", ["canary", "nein", "2", "y", "disabled"])
def test_a_switch_with_another_word_is_refused_by_its_name_and_with_the_words(
    name: str, read: str, usual: bool, word: str
) -> None:
    del read, usual
    told = mistakes({f"STAFFETTA_{name}": word})
    assert told == f"STAFFETTA_{name} must be one of 1, yes, true, on or 0, no, false, off"


def test_private_targets_that_are_switched_off_are_no_mistake_in_production() -> None:
    settings = read_settings({"STAFFETTA_PROFILE": "production", "STAFFETTA_ALLOW_PRIVATE_TARGETS": "false"})
    assert (settings.production, settings.allow_private) == (True, False)


@pytest.mark.parametrize("name", ["HOME", "MASTER_KEY_FILE"])
def test_a_path_that_is_set_and_empty_does_not_mean_the_folder_one_stands_in(name: str) -> None:
    assert f"STAFFETTA_{name} is set and empty" in mistakes({f"STAFFETTA_{name}": ""})


@pytest.mark.parametrize(
    ("name", "text"),
    [("REDIS_URL", "redis://:canary@host:port"), ("DATABASE_URL", "postgresql://relay:canary@[host/x")],
)
def test_an_address_whose_port_is_no_number_is_refused_without_being_shown(name: str, text: str) -> None:
    assert f"STAFFETTA_{name} names no host with a port" in mistakes({f"STAFFETTA_{name}": text})
