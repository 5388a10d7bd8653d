"""The guide tells the truth: every action it shows exists, and every action that exists is shown."""

import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from simulators.personio.actions import Action
from simulators.personio.switches import Switches

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "simulate-personio.md"
SHOWN = re.findall(r'^\| `(\{"kind".*?\})` \|', GUIDE.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("shown", SHOWN)
def test_every_action_in_the_guide_is_understood(shown: str) -> None:
    msgspec.json.decode(shown, type=Action)


def test_every_action_is_in_the_guide() -> None:
    kinds = {str(one.__struct_config__.tag) for one in get_args(Action)}
    assert {msgspec.json.decode(shown)["kind"] for shown in SHOWN} == kinds


def test_every_switch_is_in_the_guide_or_on_the_command_line() -> None:
    text = GUIDE.read_text(encoding="utf-8").replace("-", "_")
    limits = {name for name in Switches.__struct_fields__ if "per_" in name or name.endswith("_seconds")}
    named = {name for name in Switches.__struct_fields__ if name in text}
    assert set(Switches.__struct_fields__) - named - limits == {"echo_authorization"}
