"""`check` over recorded companies: what is odd is told, and nothing of it stands in the way."""

from pathlib import Path
from typing import cast

import pytest

from domain.codes import Code
from simulators.personio.handle import PersonioSimulator
from simulators.scim.handle import ScimSimulator
from tests.integration.test_cli_check import Desk, codes
from tests.unit.cli.terminal import Terminal
from tests.unit.personio.replayed import replayed


@pytest.mark.parametrize(
    ("name", "pages", "notices"),
    [
        ("terraform_2023.json", False, set()),
        ("personio_py_2020.json", True, set()),
        ("reported_oddities.json", True, {Code.PERSON_BAD_VALUE}),
    ],
)
def test_a_recorded_company_is_checked_and_ready(
    name: str, pages: bool, notices: set[Code], tmp_path: Path
) -> None:
    with replayed(name, pages=pages) as recording, ScimSimulator.start() as app:
        desk = Desk(Terminal(tmp_path / "var"), cast("PersonioSimulator", recording), app)
        assert desk.type("init").code == 0
        assert desk.add().code == 0
        told = desk.check()
        assert (told.code, told.data["people"]) == (0, len(recording.people)), told.out
        assert notices <= codes(told, "notices")
        assert (Code.PERSON_BAD_VALUE in codes(told, "notices")) is bool(notices)
        assert desk.state() == "ready"
