"""A terminal without a screen: type a command into it, read what came back."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from adapters.database.store import SqlStore, open_store
from adapters.vault import MasterKey, TenantVault
from bootstrap.cli.app import build

ID = "papi-6f1c2b7e-1111-4222-8333-944455556666"
SECRET = "papi-0123456789abcdef0123456789abcdef"
TOKEN = "a-token-of-some-length-9876"


@dataclass(frozen=True)
class Answer:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:  # noqa: ANN401  JSON of any shape
        """Read standard output as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Terminal:
    """Commands typed here work in one home folder."""

    home: Path

    def type(self, *words: object, stdin: str = "", **environ: str) -> Answer:
        """Run a command to its end."""
        told = {"STAFFETTA_HOME": str(self.home), "NO_COLOR": "1", **environ}
        result = CliRunner().invoke(build(), [str(word) for word in words], input=stdin, env=told)
        return Answer(result.exit_code, result.stdout, result.stderr)

    def json(self, *words: object, stdin: str = "") -> Any:  # noqa: ANN401  as above
        """Run a command that must end well, and return its data."""
        answer = self.type(*words, "--json", stdin=stdin)
        assert answer.code == 0, answer.err
        return answer.data

    def add_tenant(self, name: str = "acme", *more: object, profile: str = "generic") -> Answer:
        """Add a tenant whose secrets come from standard input."""
        ends = ("--client-id", ID, "--target-url", "https://app.example.com/scim/v2")
        secrets = ("--client-secret-file", "-", "--target-token-file", "-")
        words = ("tenant", "add", name, "--profile", profile, *ends, *secrets, *more)
        return self.type(*words, stdin=f"{SECRET}\n{TOKEN}\n")

    @contextmanager
    def store(self) -> Iterator[SqlStore]:
        """Look behind the commands."""
        vault = TenantVault(MasterKey.from_file(self.home / "master.key"))
        opened = open_store(f"sqlite:///{self.home / 'staffetta.sqlite'}", vault)
        try:
            yield opened
        finally:
            opened.close()
