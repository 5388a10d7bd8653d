"""The environment, read once, typed, and refused at start with every mistake listed."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

PREFIX = "STAFFETTA_"
KNOWN = (
    "HOME",
    "DATABASE_URL",
    "REDIS_URL",
    "MASTER_KEY_FILE",
    "PROFILE",
    "ALLOW_PRIVATE_TARGETS",
    "LOG_LEVEL",
    "LOG_FORMAT",
    "RATE_LIMITS",
    "SWEEP_SECONDS",
    "REDIS_BINARY",
    "NO_SKIPS",
    "OPERATOR_EMAIL",
    "LEASH_FD",
)
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
    sweep_seconds: float
    operator_email: str

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
    private = found.get("ALLOW_PRIVATE_TARGETS", "") not in {"", "0", "no"}
    mistakes += _mistakes(found, production=production, private=private)
    if mistakes:
        raise SettingsError("\n".join(mistakes))
    return Settings(
        home=home,
        database_url=found.get("DATABASE_URL", f"sqlite:///{home / 'staffetta.sqlite'}"),
        redis_url=found.get("REDIS_URL"),
        master_key_file=Path(found.get("MASTER_KEY_FILE", home / "master.key")),
        production=production,
        allow_private=private,
        log_level=found.get("LOG_LEVEL", "INFO").upper(),
        log_json=found.get("LOG_FORMAT", "json") == "json",
        rate_limits=found.get("RATE_LIMITS", "on") != "off",
        sweep_seconds=float(found.get("SWEEP_SECONDS", "15")),
        operator_email=found.get("OPERATOR_EMAIL", "operator@localhost"),
    )


def _mistakes(found: Mapping[str, str], *, production: bool, private: bool) -> list[str]:
    wrong: list[str] = []
    if found.get("PROFILE", "development") not in {"development", "production"}:
        wrong.append(f"{PREFIX}PROFILE must be development or production")
    if found.get("LOG_LEVEL", "INFO").upper() not in LEVELS:
        wrong.append(f"{PREFIX}LOG_LEVEL must be one of {', '.join(LEVELS)}")
    if found.get("LOG_FORMAT", "json") not in {"json", "console"}:
        wrong.append(f"{PREFIX}LOG_FORMAT must be json or console")
    if production and private:
        wrong.append(f"{PREFIX}ALLOW_PRIVATE_TARGETS is refused with {PREFIX}PROFILE=production; unset it")
    if "DATABASE_URL" in found and not found["DATABASE_URL"].startswith(("sqlite:///", "postgresql")):
        wrong.append(f"{PREFIX}DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://")
    if "REDIS_URL" in found and urlsplit(found["REDIS_URL"]).scheme not in {"redis", "rediss", "unix"}:
        wrong.append(f"{PREFIX}REDIS_URL must begin with redis://, rediss:// or unix://")
    if not _is_seconds(found.get("SWEEP_SECONDS", "15")):
        wrong.append(f"{PREFIX}SWEEP_SECONDS must be a number of seconds between 1 and 60")
    return wrong


def _is_seconds(text: str) -> bool:
    try:
        return 1 <= float(text) <= 60
    except ValueError:
        return False


def _names() -> str:
    return ", ".join(PREFIX + name for name in KNOWN)
