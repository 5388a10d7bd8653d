"""Take secrets in by file or standard input, never by a flag or the environment, and show none."""

import hashlib
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

from bootstrap.cli.exits import ExitCode
from bootstrap.cli.failures import CommandError
from bootstrap.cli.voice import Voice
from domain.ids import TenantId
from domain.ports_world import Vault

STDIN = "-"
LONGEST = 4_096
LONG_ENOUGH_TO_SHOW_ITS_END = 16
PERSONIO_MARK = "papi-"


@dataclass(frozen=True, slots=True)
class Asked:
    """One secret that a command wants: the option that brings it, and the file or «-» that it was given."""

    option: str
    place: str | None


class UsageRefusedError(CommandError):
    """Say how secrets come in, as a mistake in the use of a command."""

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(what, cure, ExitCode.USAGE)


def refuse_flag(option: str, value: str | None) -> None:
    """Refuse a secret that was written on the command line, without repeating it."""
    if value is not None:
        raise UsageRefusedError(
            f"{option} shows the secret to everybody on this machine and to the shell's history.",
            f"Use {option}-file FILE, or {option}-file - for standard input. Replace this secret at its"
            " issuer if others could read it.",
        )


def read_secrets(asked: tuple[Asked, ...], voice: Voice) -> tuple[str | None, ...]:
    """Read each secret that was named. Several «-» are lines of standard input, in this order."""
    piped = [one for one in asked if one.place == STDIN]
    lines = _typed(piped) if sys.stdin.isatty() else iter(_lines(piped))
    return tuple(
        None if one.place is None else next(lines) if one.place == STDIN else _from_file(one, voice)
        for one in asked
    )


def _typed(piped: list[Asked]) -> Iterator[str]:
    for one in piped:
        name = one.option.removeprefix("--").removesuffix("-file").replace("-", " ")
        yield _clean(typer.prompt(f"{name} (not shown)", hide_input=True, err=True), one)


def _lines(piped: list[Asked]) -> list[str]:
    if not piped:
        return []
    told = [line for line in sys.stdin.read(LONGEST * 2).splitlines() if line.strip()]
    if len(told) != len(piped):
        names = ", then ".join(one.option for one in piped)
        raise UsageRefusedError(
            f"Standard input holds {len(told)} lines; needed: {len(piped)} ({names}).",
            "Pipe exactly one line for each secret.",
        )
    return [_clean(line, one) for line, one in zip(told, piped, strict=True)]


def _from_file(one: Asked, voice: Voice) -> str:
    path = Path(one.place or "")
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise UsageRefusedError(
            f"{one.option} names no readable file ({reason}; {len(str(path))} characters were given).",
            f"Write the secret into a file (chmod 600) and name it, or use {one.option} - for stdin.",
        ) from None
    if stat.S_IMODE(mode) & 0o077:
        voice.say(f"Others may read the file of {one.option}; make it private with: chmod 600")
    return _clean(text, one)


def _clean(text: str, one: Asked) -> str:
    """Take off what pasting adds at the ends; anything odd inside is a mistake worth stopping for."""
    secret = text.strip().strip("\ufeff\u200b").strip()
    if not secret:
        raise UsageRefusedError(f"The secret of {one.option} is empty.", "Copy the whole secret once more.")
    if len(secret) > LONGEST or not secret.isascii() or not secret.isprintable() or " " in secret:
        raise UsageRefusedError(
            f"What {one.option} brings is no secret: {len(secret)} characters, with blanks, line breaks or"
            " letters that none has.",
            "Copy the secret alone, without its name and without quotation marks.",
        )
    return secret


def check_not_swapped(client_id: str, secret: str) -> None:
    """Notice that id and secret of Personio changed places, or are the same."""
    if client_id == secret:
        raise UsageRefusedError(
            "Client id and client secret are the same text.", "Copy both from Personio once more."
        )
    if _is_client_id(secret) and not _is_client_id(client_id):
        raise UsageRefusedError(
            "Client id and client secret seem to be swapped: what came as the secret looks like an id.",
            "Personio's client ids read papi-, then five groups with hyphens. If this secret was written as"
            " --client-id, replace it at Personio: it stands in the shell's history.",
        )


def _is_client_id(text: str) -> bool:
    groups = text.removeprefix(PERSONIO_MARK).split("-")
    return text.startswith(PERSONIO_MARK) and [len(group) for group in groups] == [8, 4, 4, 4, 12]


def masked(vault: Vault, tenant_id: TenantId, secret: str) -> dict[str, object]:
    """Describe a stored secret: its end if it is long, and a fingerprint to compare it by."""
    if not secret:
        return {"there": False}
    digest = vault.digest(tenant_id, "shown-secret", secret.encode())
    end = secret[-4:] if len(secret) >= LONG_ENOUGH_TO_SHOW_ITS_END else None
    return {"there": True, "ends_with": end, "fingerprint": hashlib.sha256(digest).hexdigest()[:8]}
