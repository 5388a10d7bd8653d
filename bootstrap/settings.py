"""The environment, read once, typed, and refused at start with every mistake listed."""

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bootstrap.notice_settings import NOTICE_URLS, NOTICES, NoticeSettings, read_notice_settings

PREFIX = "STAFFETTA_"
KNOWN = (
    "HOME",
    "DATABASE_URL",
    "DATABASE_URL_FILE",
    "REDIS_URL",
    "REDIS_URL_FILE",
    "MASTER_KEY_FILE",
    "PROFILE",
    "ALLOW_PRIVATE_TARGETS",
    "LOG_LEVEL",
    "LOG_FORMAT",
    "RATE_LIMITS",
    "SOURCE_ADDRESS",
    "SWEEP_SECONDS",
    "REDIS_BINARY",
    "NO_SKIPS",
    "CA_FILE",
    "LEASH_FD",
    *NOTICES,
    *(name + suffix for name in NOTICE_URLS for suffix in ("", "_FILE")),
)
BEGINNINGS = {
    "DATABASE_URL": ("sqlite:///", "postgresql+psycopg://", "postgresql://"),
    "REDIS_URL": ("redis://", "rediss://", "unix://"),
    **NOTICE_URLS,
}
"""Settings that hold a secret, so each may stand in a file instead (name + _FILE); what they begin with."""

SWEEP_SECONDS = "5"
"""With the longest lease, 75 seconds for a run's turn, work of a killed process goes on within 90."""

ON = ("1", "yes", "true", "on")
OFF = ("0", "no", "false", "off")
SWITCHES = {"ALLOW_PRIVATE_TARGETS": False, "RATE_LIMITS": True}
"""Settings that are on or off, and how they are where nobody says so, or with nothing behind the «=»."""

PLACES = ("HOME", "MASTER_KEY_FILE")

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class SettingsError(Exception):
    """Say everything that is wrong with the environment at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this installation runs. `redis_url` None means: start the embedded server in `home`."""

    home: Path
    database_url: str
    redis_url: str | None
    master_key_file: Path
    production: bool
    allow_private: bool
    log_level: str
    log_json: bool
    rate_limits: bool
    source_address: str
    sweep_seconds: float
    notices: NoticeSettings
    ca_file: Path | None = None

    @property
    def database_file(self) -> Path | None:
        """Tell in which file SQLite keeps everything; None for a server, or for one in memory."""
        scheme, _, rest = self.database_url.partition("://")
        path = rest.partition("?")[0].removeprefix("/")
        named = scheme.startswith("sqlite") and path not in {"", ":memory:"} and not path.startswith("file:")
        return Path(path) if named else None

    @property
    def redis_folder(self) -> Path:
        """Tell where the embedded server keeps its data."""
        return self.home / "redis"

    @property
    def outbox(self) -> Path:
        """Tell where mails are written to."""
        return self.home / "outbox"


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the environment; raises SettingsError with one line for each mistake and its cure."""
    found = {key.removeprefix(PREFIX): value for key, value in environ.items() if key.startswith(PREFIX)}
    mistakes = [
        f"{PREFIX}{key} is not known; known are {_names()}" for key in sorted(set(found) - set(KNOWN))
    ]
    home = Path(found.get("HOME", "var")).absolute()
    production = found.get("PROFILE", "development") == "production"
    switched = {name: _switch(found, name) for name in SWITCHES}
    private = switched["ALLOW_PRIVATE_TARGETS"] is True
    urls, wrong = _urls(found)
    notices, unclear = read_notice_settings(found, urls, production=production, private=private)
    mistakes += wrong + _mistakes(found, production=production, private=private) + unclear
    if mistakes:
        raise SettingsError("\n".join(mistakes))
    return Settings(
        home=home,
        database_url=urls["DATABASE_URL"] or f"sqlite:///{home / 'staffetta.sqlite'}",
        redis_url=urls["REDIS_URL"],
        master_key_file=Path(found.get("MASTER_KEY_FILE", home / "master.key")),
        production=production,
        allow_private=private,
        log_level=found.get("LOG_LEVEL", "INFO").upper(),
        log_json=found.get("LOG_FORMAT", "json") == "json",
        rate_limits=switched["RATE_LIMITS"] is not False,
        source_address=found.get("SOURCE_ADDRESS", "all"),
        sweep_seconds=float(found.get("SWEEP_SECONDS", SWEEP_SECONDS)),
        notices=notices,
        ca_file=Path(found["CA_FILE"]) if found.get("CA_FILE") else None,
    )


def _mistakes(found: Mapping[str, str], *, production: bool, private: bool) -> list[str]:
    wrong: list[str] = []
    if found.get("PROFILE", "development") not in {"development", "production"}:
        wrong.append(f"{PREFIX}PROFILE must be development or production")
    if found.get("LOG_LEVEL", "INFO").upper() not in LEVELS:
        wrong.append(f"{PREFIX}LOG_LEVEL must be one of {', '.join(LEVELS)}")
    if found.get("LOG_FORMAT", "json") not in {"json", "console"}:
        wrong.append(f"{PREFIX}LOG_FORMAT must be json or console")
    wrong += [
        f"{PREFIX}{name} must be one of {', '.join(ON)} or {', '.join(OFF)}"
        for name in SWITCHES
        if _switch(found, name) is None
    ]
    wrong += [
        f"{PREFIX}{name} is set and empty; name a path, or unset it"
        for name in PLACES
        if not found.get(name, "var")
    ]
    if production and private:
        wrong.append(f"{PREFIX}ALLOW_PRIVATE_TARGETS is refused with {PREFIX}PROFILE=production; unset it")
    if found.get("CA_FILE") and not _holds_certificates(found["CA_FILE"]):
        wrong.append(f"{PREFIX}CA_FILE must name a readable file with certificates (PEM)")
    if not found.get("SOURCE_ADDRESS", "all").replace("-", "").isalnum():
        wrong.append(
            f"{PREFIX}SOURCE_ADDRESS must be letters, digits and «-»: a name for the address from which this "
            "machine reaches Personio; machines behind one address share one name"
        )
    if not _is_seconds(found.get("SWEEP_SECONDS", SWEEP_SECONDS)):
        wrong.append(f"{PREFIX}SWEEP_SECONDS must be a number of seconds between 1 and 60")
    return wrong


def _switch(found: Mapping[str, str], name: str) -> bool | None:
    """Read a setting that is on or off; None if nobody can tell which is meant."""
    word = found.get(name, "").strip().lower()
    if not word:
        return SWITCHES[name]
    return word in ON if word in ON + OFF else None


def _urls(found: Mapping[str, str]) -> tuple[dict[str, str | None], list[str]]:
    urls: dict[str, str | None] = dict.fromkeys(BEGINNINGS)
    wrong: list[str] = []
    for name, beginnings in BEGINNINGS.items():
        try:
            urls[name] = _url(found, name, beginnings)
        except SettingsError as error:
            wrong.append(str(error))
    return urls, wrong


def _url(found: Mapping[str, str], name: str, beginnings: tuple[str, ...]) -> str | None:
    """Return what a setting or its file says, None if neither is there; an error never shows it."""
    file = found.get(f"{name}_FILE")
    if file is not None and name in found:
        raise SettingsError(f"{PREFIX}{name} and {PREFIX}{name}_FILE are both set; unset one of them")
    url = found.get(name) if file is None else _text_of(file, f"{PREFIX}{name}_FILE")
    if url is not None and not url.startswith(beginnings):
        where = f"{PREFIX}{name}" if file is None else f"what the file of {PREFIX}{name}_FILE holds"
        raise SettingsError(f"{where} must begin with {' or '.join(beginnings)}")
    if url is not None and name not in NOTICE_URLS and not _is_address(url):
        where = f"{PREFIX}{name}" if file is None else f"what the file of {PREFIX}{name}_FILE holds"
        raise SettingsError(f"{where} names no host with a port that is a number, as in host:6379")
    return url


def _is_address(url: str) -> bool:
    try:
        urlsplit(url).port  # noqa: B018  it is judged when it is asked for
    except ValueError:
        return False
    return True


def _text_of(file: str, setting: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
    raise SettingsError(f"{setting} names a file that cannot be read ({why}); name one with just that in it")


def _holds_certificates(file: str) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except (OSError, ValueError):
        return False
    return True


def _is_seconds(text: str) -> bool:
    try:
        return 1 <= float(text) <= 60
    except ValueError:
        return False


def _names() -> str:
    return ", ".join(PREFIX + name for name in KNOWN)
