"""The filter in a tenant file: pleasant to write, exact about mistakes."""

import re
from pathlib import Path

import pytest

from adapters.database.configurations import read_configuration, write_configuration
from bootstrap.tenant_files import read_tenant_file
from domain.scope_tree import AllOf, AnyOf, Clause, Not, Operator, Today
from tests.unit.test_tenant_files import mistakes, write

FILTER = """
profile = "generic"
[scope]
employment_types = []

[[scope.where]]
attribute = "subcompany"
in = ["Acme GmbH", "Acme AG"]

[[scope.where]]
any = [
  { attribute = "hire_date", on_or_before = "today+14d" },
  { not = { attribute = "dynamic_4711", is = true } },
]
"""

TREE = AllOf(
    (
        Clause("subcompany", Operator.IN, ("Acme GmbH", "Acme AG")),
        AnyOf(
            (
                Clause("hire_date", Operator.ON_OR_BEFORE, (Today(14),)),
                Not(Clause("dynamic_4711", Operator.IS, (True,))),
            )
        ),
    )
)


def test_a_filter_is_read_from_a_tenant_file_and_its_attributes_are_read_from_personio(
    tmp_path: Path,
) -> None:
    config = read_tenant_file(write(tmp_path, FILTER)).config
    assert config.scope.where == TREE
    assert config.source_keys >= {"subcompany", "hire_date", "dynamic_4711"}
    assert read_configuration(write_configuration(config), 0) == config


def test_a_file_takes_the_filter_of_its_profile_away_with_an_empty_list(tmp_path: Path) -> None:
    told = read_tenant_file(write(tmp_path, 'profile = "generic"\n[scope]\nwhere = []\n'))
    assert told.config.scope.where is None


def test_every_mistake_of_a_filter_names_its_line_and_condition(tmp_path: Path) -> None:
    text = (
        'profile = "generic"\n'  # 1
        "[[scope.where]]\n"
        'attribute = "office"\n'
        'equals = "Berlin"\n'  # 4
        "[[scope.where]]\n"
        'any = [{ attribute = "canary", is = [] }]\n'  # 6
        "[[scope.where]]\n"
        'attribute = "hire_date"\n'
        'after = "canary"\n'  # 9
    )
    told = mistakes(tmp_path, text)
    assert told[0].startswith("acme.toml:4  [[scope.where]] 1, equals: is not known; known are")
    assert told[1].startswith("acme.toml:6  [[scope.where]] 2, any 1, is: is a list of 0; write one value")
    assert told[2].startswith("acme.toml:9  [[scope.where]] 3, after: is a text of 6 characters; write a day")
    assert "canary" not in "\n".join(told)


@pytest.mark.parametrize("told", ['where = "Berlin"', "where = 3"])
def test_a_filter_that_is_no_list_is_told(told: str, tmp_path: Path) -> None:
    (line,) = mistakes(tmp_path, f'profile = "generic"\n[scope]\n{told}\n')
    assert "[[scope.where]]" in line


def test_a_file_nested_without_end_is_told_and_harms_nobody(tmp_path: Path) -> None:
    (line,) = mistakes(tmp_path, f"where = {'[' * 5000}{']' * 5000}\n")
    assert "nested too deeply" in line


def test_every_example_of_the_guide_is_a_filter(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs/guides/filters.md").read_text(encoding="utf-8")
    examples = re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)
    assert len(examples) == 3
    for example in examples:
        told = read_tenant_file(write(tmp_path, f'profile = "generic"\n{example}'))
        assert told.config.scope.where is not None
