"""When a line writes, and what becomes of a path whose attribute is empty, not told, or cannot be used."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from domain.account import Scalar
from domain.codes import Code
from domain.compare import observe, wishes
from domain.config import Configuration, Fallback, Line, Mode
from domain.employee import Employee, Value
from domain.link import Link
from domain.mapping import compared, draft, fitting
from domain.transforms import Plain
from domain.trial import Fate, try_lines
from tests.builders import ADA, LINES, MONDAY, configuration, employee, link

TODAY = MONDAY.date()


def with_line(line: Line) -> Configuration:
    return configuration(lines=(*LINES[:3], line), sync_managers=False)


def told_by(told: Mapping[str, Value]) -> Employee:
    """Build Ada, whose record says this besides."""
    ada = employee()
    return replace(ada, attributes={**ada.attributes, **told})


def sent(config: Configuration, held: Scalar, **told: Value) -> Scalar | str:
    """Tell what is sent to the title of an account that holds this there; «-» is nothing."""
    mine: Link = link(values={**ADA, "title": held}, manager=None)
    asked = wishes(observe(told_by(told), config, {}, TODAY), mine, config)
    return (asked[0].after or {}).get("title") if asked else "-"


@pytest.mark.parametrize(
    ("mode", "held", "becomes"),
    [
        (Mode.ALWAYS, "Engineer", "Doctor"),
        (Mode.ALWAYS, None, "Doctor"),
        (Mode.ON_CREATE, "Engineer", "-"),
        (Mode.ON_CREATE, None, "-"),
        (Mode.IF_EMPTY, "Engineer", "-"),
        (Mode.IF_EMPTY, None, "Doctor"),
        (Mode.ONCE, "Engineer", "-"),
        (Mode.ONCE, None, "Doctor"),
    ],
)
def test_a_mode_says_when_an_account_of_ours_is_written_to(mode: Mode, held: Scalar, becomes: str) -> None:
    config = with_line(Line("position", "title", mode=mode))
    assert sent(config, held, position="Doctor") == becomes


@pytest.mark.parametrize("mode", list(Mode))
def test_every_mode_writes_into_a_new_account(mode: Mode) -> None:
    config = with_line(Line("position", "title", mode=mode))
    (wish,) = wishes(observe(employee(), config, {}, TODAY), None, config)
    assert wish.after is not None
    assert wish.after["title"] == "Engineer"


@pytest.mark.parametrize(
    ("mode", "there", "written"),
    [
        (Mode.ALWAYS, "Baker", True),
        (Mode.ON_CREATE, None, False),
        (Mode.ON_CREATE, "Baker", False),
        (Mode.IF_EMPTY, "Baker", False),
        (Mode.IF_EMPTY, None, True),
        (Mode.ONCE, "Baker", True),
    ],
)
def test_a_mode_says_what_is_written_into_a_found_account(mode: Mode, there: Scalar, written: bool) -> None:
    config = with_line(Line("position", "title", mode=mode))
    assert ("title" in fitting({**ADA}, {**ADA, "title": there}, config)) is written


@pytest.mark.parametrize(
    ("policy", "held", "becomes"),
    [
        (Fallback.CLEAR, "Engineer", None),
        (Fallback.KEEP, "Engineer", "-"),
        (Fallback.DEFAULT, "Engineer", "n/a"),
    ],
)
def test_a_policy_says_what_becomes_of_a_path_whose_attribute_is_empty(
    policy: Fallback, held: str, becomes: Scalar
) -> None:
    config = with_line(Line("position", "title", empty=policy, default="n/a"))
    assert sent(config, held, position=None) == becomes


def test_what_was_not_told_never_clears_and_a_default_for_it_fills_only_what_is_empty() -> None:
    config = with_line(Line("shoe_size", "title", absent=Fallback.DEFAULT, default="n/a"))
    assert sent(config, "Engineer") == "-"
    assert sent(config, None) == "n/a"
    assert "title" not in fitting({"title": "n/a"}, {"title": "Baker"}, config)


def test_a_required_attribute_with_a_default_keeps_nobody_out() -> None:
    line = Line("shoe_size", "title", required=True, absent=Fallback.DEFAULT, default="n/a")
    assert observe(employee(), with_line(line), {}, TODAY).skip == (None, "")


def test_a_bad_value_spoils_its_own_line_and_nothing_else() -> None:
    config = with_line(Line("position", "title", transforms=(Plain.NUMBER,)))
    drafted = draft(employee(first_name="Augusta", position="nine"), config, {})
    assert drafted.bad == ("position",)
    assert "title" not in drafted.draft.values
    assert drafted.draft.values["name.givenName"] == "Augusta"
    assert sent(config, "Engineer", position="nine", first_name="Augusta") == "Engineer"


def test_a_value_that_nobody_could_read_is_bad_and_no_reason_for_a_default() -> None:
    config = with_line(Line("position", "title", absent=Fallback.DEFAULT, default="Employee"))
    ada = employee()
    told = {key: value for key, value in ada.attributes.items() if key != "position"}
    drafted = draft(replace(ada, attributes=told, unreadable=frozenset({"position"})), config, {})
    assert drafted.bad == ("position",)
    assert "title" not in drafted.draft.values


def test_a_bad_required_value_keeps_out_only_who_has_no_account_yet() -> None:
    config = with_line(Line("position", "title", required=True, transforms=(Plain.NUMBER,)))
    seen = observe(employee(position="nine", last_name="King"), config, {}, TODAY)
    assert seen.skip_for(linked=False) == (Code.PERSON_BAD_VALUE, "position")
    assert wishes(seen, None, config) == ()
    (wish,) = wishes(seen, link(manager=None), config)
    assert wish.after is not None
    assert (wish.after["name.familyName"], wish.after["title"]) == ("King", "Engineer")


@pytest.mark.parametrize(
    ("template", "told", "becomes"),
    [
        ("{first_name} {last_name}", {}, "Ada Byron"),
        ("{first_name} {position} {last_name}", {"position": None}, "Ada Byron"),
        ("{position}", {"position": None}, None),
        ("Employee", {}, "Employee"),
        ("{first_name} {shoe_size}", {}, "-"),
    ],
)
def test_a_template_joins_what_it_reads(template: str, told: dict[str, Value], becomes: Scalar) -> None:
    config = with_line(Line("", "displayName", template=template))
    values = draft(told_by(told), config, {}).draft.values
    assert values.get("displayName", "-") == becomes


def test_a_template_reads_all_its_attributes() -> None:
    config = with_line(Line("", "displayName", template="{first_name} {department.name} {universal:iban}"))
    assert {"first_name", "department", "dynamic_1"} <= config.source_keys_with({"iban": "dynamic_1"})
    assert "" not in config.source_keys


def test_what_is_compared_does_not_move_with_what_is_never_sent() -> None:
    lines = (*LINES[:3], Line("position", "title", mode=Mode.ON_CREATE), Line("n", "n", mode=Mode.ONCE))
    config = configuration(lines=lines)
    mine = compared({**ADA, "n": "old"}, config)
    assert mine == compared({**ADA, "title": "Doctor", "n": "new"}, config)
    assert mine != compared({**ADA, "n": None}, config)


@pytest.mark.parametrize(
    ("line", "told", "linked", "fate"),
    [
        (Line("position", "title"), {"position": "Doctor"}, True, Fate.SENT),
        (Line("position", "title"), {}, True, Fate.SAME),
        (Line("position", "title"), {}, False, Fate.SENT),
        (Line("position", "title", mode=Mode.ON_CREATE), {}, True, Fate.CREATED),
        (Line("position", "title", mode=Mode.ONCE), {"position": "Doctor"}, True, Fate.KEPT),
        (Line("shoe_size", "title"), {}, True, Fate.KEPT),
        (Line("shoe_size", "title", required=True), {}, True, Fate.LACKING),
        (Line("position", "title", required=True), {"position": ""}, False, Fate.LACKING),
        (Line("position", "title", transforms=(Plain.NUMBER,)), {}, True, Fate.BAD),
    ],
)
def test_a_trial_says_what_becomes_of_each_line(
    line: Line, told: dict[str, Value], linked: bool, fate: Fate
) -> None:
    trial = try_lines(told_by(told), link(manager=None) if linked else None, with_line(line), {})[-1]
    assert (trial.line, trial.fate) == (line, fate)
