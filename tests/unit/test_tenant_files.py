"""A tenant file says everything that is wrong with it at once: where, what shape, and the cure."""

from datetime import time, timedelta
from pathlib import Path

import pytest

from bootstrap.tenant_files import from_profile, profiles, read_tenant_file
from bootstrap.tenant_mistakes import TenantFileError
from domain.config import Fallback, Line, Mode, ReleaseNames, Removal
from domain.cron import read_cron
from domain.schedule import Daily, Every, Hours, Schedule
from domain.transforms import Cut, DateAs, Otherwise, Plain, Prefix, Replace, Suffix, Table

WHOLE = """
unique_path = "userName"
match_path = ""
sync_managers = false
[tenant]
name = "Acme GmbH"
language = "de"
owners = ["owner@acme.example"]
[source]
url = "https://api.personio.example/"
client_id = "papi-1"
[target]
kind = "scim"
url = "https://app.example.com/scim/v2"
[scope]
statuses = ["active", "onboarding"]
employment_types = ["internal", "external"]
[policy]
left = "nothing"
release_names = "never"
[schedule]
every = "2h"
[[mapping]]
source = "email"
path = "userName"
required = true
transform = "lower"
[[mapping]]
source = "department.id"
path = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"
"""

MAPPED = 'profile = "generic"\n[[mapping]]\nsource = "email"\npath = "nickName"\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "acme.toml"
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(folder: Path, text: str, profile: str | None = None) -> list[str]:
    with pytest.raises(TenantFileError) as caught:
        read_tenant_file(write(folder, text), profile)
    return str(caught.value).splitlines()


def test_a_whole_file_says_everything_by_itself(tmp_path: Path) -> None:
    told = read_tenant_file(write(tmp_path, WHOLE))
    assert (told.name, told.language, told.owners) == ("Acme GmbH", "de", ("owner@acme.example",))
    assert told.source_url == "https://api.personio.example"
    assert (told.target_kind, told.target_url) == ("scim", "https://app.example.com/scim/v2")
    config = told.config
    assert config.scope.statuses == {"active", "onboarding"}
    assert (config.policy.left, config.policy.left_filter) == (Removal.NOTHING, Removal.DEACTIVATE)
    assert config.policy.release_names is ReleaseNames.NEVER
    assert config.schedule == Schedule(Every(timedelta(hours=2)))
    assert (config.unique_path, config.match_path, config.sync_managers) == ("userName", None, False)
    assert config.lines[0].transforms == (Plain.LOWER,)
    assert config.lines[0].required


@pytest.mark.parametrize("name", profiles())
def test_every_profile_is_a_configuration(name: str) -> None:
    config = from_profile(name).config
    assert config.unique_path in config.paths


def test_a_file_over_a_profile_changes_only_what_it_says(tmp_path: Path) -> None:
    base = from_profile("circula").config
    text = 'profile = "circula"\n[scope]\nemployment_types = ["external"]\n[schedule]\ndaily = "05:30"\n'
    told = read_tenant_file(write(tmp_path, text))
    assert told.profile == "circula"
    assert told.config.lines == base.lines
    assert told.config.scope.statuses == base.scope.statuses
    assert told.config.scope.employment_types == {"external"}
    assert told.config.schedule == Schedule(Daily(time(5, 30)))


def test_an_empty_list_of_employment_types_means_any(tmp_path: Path) -> None:
    told = read_tenant_file(write(tmp_path, 'profile = "circula"\n[scope]\nemployment_types = []\n'))
    assert told.config.scope.employment_types == frozenset()
    assert from_profile("become1").config.scope.employment_types == frozenset()


@pytest.mark.parametrize(
    ("text", "expected"), [("", Removal.DEACTIVATE), ('not_seen = "nothing"', Removal.NOTHING)]
)
def test_whoever_is_not_seen_any_more_is_deactivated_unless_the_file_says_otherwise(
    text: str, expected: Removal, tmp_path: Path
) -> None:
    told = read_tenant_file(write(tmp_path, f'profile = "circula"\n[policy]\n{text}\n'))
    assert told.config.policy.not_seen is expected


def test_a_profile_by_option_stands_in_where_the_file_names_none(tmp_path: Path) -> None:
    told = read_tenant_file(write(tmp_path, "sync_managers = false\n"), "generic")
    assert told.config.lines == from_profile("generic").config.lines
    assert not told.config.sync_managers


def test_two_different_profiles_are_refused(tmp_path: Path) -> None:
    (line,) = mistakes(tmp_path, 'profile = "circula"\n', "generic")
    assert "acme.toml:1" in line


def test_all_mistakes_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    text = (
        'profile = "circulla"\n'  # 1
        "frist = 1\n"  # 2
        "[scope]\n"  # 3
        'statuses = ["actve"]\n'  # 4
        "[schedule]\n"  # 5
        'every = "1m"\n'  # 6
        "[[mapping]]\n"  # 7
        'source = "email"\n'  # 8
        'pth = "userName"\n'  # 9
        "[[mapping]]\n"  # 10
        'source = "email"\n'
        'path = "userName"\n'
        'required = "yes"\n'  # 13
    )
    told = mistakes(tmp_path, text)
    assert [line.split("  ")[0].partition(":")[2] for line in told] == ["1", "2", "4", "6", "7", "9", "13"]
    assert "did you mean circula?" in told[0]
    assert "did you mean active?" in told[2]
    assert "[[mapping]] 1, pth" in told[5]
    assert "did you mean path?" in told[5]


def test_no_message_shows_a_value(tmp_path: Path) -> None:
    text = (
        'profile = "generic"\n[source]\nurl = "https://user:canary-pw@host.example"\n[tenant]\nname = 4711\n'
    )
    told = "\n".join(mistakes(tmp_path, text))
    assert "canary-pw" not in told
    assert "4711" not in told
    assert "a text of" in told
    assert "a number" in told


@pytest.mark.parametrize("key", ["client_secret", "token", "password", "api_key"])
@pytest.mark.parametrize("section", ["[source]\n", "[target]\n", ""])
def test_a_secret_in_a_file_is_refused_with_the_way_it_comes_in(
    section: str, key: str, tmp_path: Path
) -> None:
    (line,) = mistakes(tmp_path, f'profile = "generic"\n{section}{key} = "canary"\n')
    assert "files hold none" in line
    assert "--client-secret-file" in line
    assert "canary" not in line


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('profile = "generic"\nunique_path = "title"\n', "not required"),
        ('profile = "generic"\nunique_path = "nickName"\n', "no line fills"),
        ('profile = "generic"\nmatch_path = "nickName"\n', "no line fills"),
        ('profile = "generic"\n[schedule]\nevery = "15m"\ndaily = "04:00"\n', "exactly one"),
        ('profile = "generic"\n[schedule]\n', "exactly one"),
        ('profile = "generic"\n[schedule]\ndaily = "24:00"\n', "04:00"),
        ('profile = "generic"\n[schedule]\nevery = "4m"\n', "from 5m to 7d"),
        ('profile = "generic"\n[schedule]\nevery = "8d"\n', "from 5m to 7d"),
        ('profile = "generic"\n[scope]\nstatuses = ["inactive"]\n', "has left"),
        ('profile = "generic"\n[scope]\nstatuses = []\n', "a list of 0"),
        ('profile = "generic"\n[target]\nkind = "ldap"\n', "memory, scim"),
        ('profile = "generic"\n[scop]\nstatuses = []\n', "did you mean scope?"),
        ('profile = "generic"\nevery = "15m"\n', "[schedule]"),
        ('unique_path = "userName"\n', "[[mapping]]"),
        (
            '[[mapping]]\nsource = "email"\npath = "userName"\nrequired = true\n',
            "nobody shares",
        ),
        (
            """unique_path = "a"
            [[mapping]]
            source = "email"
            path = "a"
            required = true
            [[mapping]]
            source = "id"
            path = "a"
            """,
            "2 lines fill",
        ),
        ('profile = "generic"\n[[mapping]]\nsource = "e mail"\npath = "userName"\n', "dynamic_4711"),
        (f'{MAPPED}transform = "uper"\n', "did you mean upper?"),
        (f'{MAPPED}transform = [{{prefixx = "a"}}]\n', '{prefix = "…"}'),
        (f"{MAPPED}transform = [{{cut = 0}}]\n", "{cut = 20}"),
        (f"{MAPPED}transform = [{{cut = true}}]\n", "{cut = 20}"),
        (f"{MAPPED}transform = [{{table = {{}}}}]\n", "{table = {"),
        (f'{MAPPED}mode = "sometimes"\n', "write always, on-create, if-empty or once"),
        (f'{MAPPED}absent = "clear"\n', "never clears"),
        (f'{MAPPED}empty = "default"\n', "there is none"),
        (f'{MAPPED}default = "x"\n', "never used"),
        (f'{MAPPED}required = true\nempty = "keep"\n', "contradicts"),
        (f'{MAPPED}template = "{{email}}"\n', "both source and template"),
        ('profile = "generic"\n[[mapping]]\npath = "nickName"\n', "neither source nor template"),
        ('profile = "generic"\n[[mapping]]\ntemplate = "{e mail}"\npath = "x"\n', "in braces"),
        ("profile = 3\n", "name a profile"),
        ("mapping = 3\n", "[[mapping]]"),
    ],
)
def test_what_cannot_be_is_told_with_its_cure(text: str, says: str, tmp_path: Path) -> None:
    assert any(says in line for line in mistakes(tmp_path, text))


def test_a_line_of_the_mapping_says_everything_that_a_line_can_say(tmp_path: Path) -> None:
    text = """unique_path = "userName"
    [[mapping]]
    source = "email"
    path = "userName"
    required = true
    [[mapping]]
    template = "{first_name} {last_name}"
    path = "displayName"
    transform = ["ascii", {prefix = "Dr. "}, {suffix = "!"}, {replace = ["a", ""]}, {cut = 40}]
    mode = "once"
    [[mapping]]
    source = "office.id"
    path = "locale"
    transform = [{table = {1 = "de", 2 = "en"}, otherwise = "refuse"}]
    empty = "default"
    absent = "default"
    default = "de"
    [[mapping]]
    source = "hire_date"
    path = "nickName"
    transform = {date = "DD.MM.YYYY"}
    """
    _, name, locale, day = read_tenant_file(write(tmp_path, text)).config.lines
    steps = (Plain.ASCII, Prefix("Dr. "), Suffix("!"), Replace("a", ""), Cut(40))
    assert name == Line(
        "", "displayName", transforms=steps, mode=Mode.ONCE, template="{first_name} {last_name}"
    )
    table = Table((("1", "de"), ("2", "en")), Otherwise.REFUSE)
    assert (locale.transforms, locale.empty, locale.absent, locale.default) == (
        (table,),
        Fallback.DEFAULT,
        Fallback.DEFAULT,
        "de",
    )
    assert day.transforms == (DateAs("DD.MM.YYYY"),)


def test_no_toml_at_all_names_the_line(tmp_path: Path) -> None:
    (line,) = mistakes(tmp_path, 'profile = "generic"\n[scope\n')
    assert line.startswith("acme.toml:2")


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(TenantFileError, match="cannot be read"):
        read_tenant_file(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TenantFileError, match="not UTF-8"):
        read_tenant_file(tmp_path / "binary.toml")


def scheduled(folder: Path, text: str) -> Schedule:
    return read_tenant_file(write(folder, f'profile = "generic"\n[schedule]\n{text}\n')).config.schedule


def test_a_schedule_says_rhythm_zone_quiet_hours_apply_hours_and_jitter(tmp_path: Path) -> None:
    text = (
        'cron = "0 4 * * 1-5"\nzone = "Europe/Berlin"\nquiet = ["22:00-03:00", "12:00-13:00"]\n'
        'apply = "20:00-06:00"\njitter = "10m"'
    )
    assert scheduled(tmp_path, text) == Schedule(
        read_cron("0 4 * * 1-5"),
        "Europe/Berlin",
        (Hours(time(22), time(3)), Hours(time(12), time(13))),
        Hours(time(20), time(6)),
        timedelta(minutes=10),
    )


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("", "[schedule]", "needs exactly one of every, daily and cron"),
        ('every = "15m"\ncron = "0 4 * * *"', "[schedule]", "needs exactly one"),
        ('zone = "Europe/Berlin"', "[schedule]", "needs exactly one"),
        ('cron = "0 25 * * *"', "[schedule] cron", "has a field hour outside of 0 to 23"),
        ('cron = "* * * * *"', "[schedule] cron", "comes more often than every 5 minutes"),
        ('daily = "04:00"\nzone = "Europe/Berln"', "[schedule] zone", "Europe/Berlin"),
        ('daily = "04:00"\nzone = "../../etc/passwd"', "[schedule] zone", "name of the time zone database"),
        ('daily = "04:00"\nzone = "localtime"', "[schedule] zone", "name of the time zone database"),
        ('daily = "04:00"\nzone = "right/UTC"', "[schedule] zone", "name of the time zone database"),
        ('daily = "04:00"\nzone = "Europe"', "[schedule] zone", "name of the time zone database"),
        ('daily = "04:00"\nquiet = ["22-06"]', "[schedule] quiet", "no run begins by itself"),
        ('daily = "04:00"\nquiet = ["06:00-06:00"]', "[schedule] quiet", "no run begins by itself"),
        (
            'daily = "04:00"\nquiet = ["00:00-12:00", "12:00-00:00"]',
            "[schedule] quiet",
            "fills the whole",
        ),
        ('daily = "04:00"\napply = "night"', "[schedule] apply", "write by itself"),
        ('daily = "04:00"\njitter = "13h"', "[schedule] jitter", "shorter than the time between two runs"),
        ('every = "15m"\njitter = "15m"', "[schedule] jitter", "as long as the time between two runs"),
        ('cron = "0,10 4 * * *"\njitter = "10m"', "[schedule] jitter", "as long as the time between two"),
    ],
)
def test_a_schedule_that_cannot_be_meant_is_told_with_its_cure(
    text: str, place: str, what: str, tmp_path: Path
) -> None:
    lines = mistakes(tmp_path, f'profile = "generic"\n[schedule]\n{text}\n')
    assert any(place in line and what in line for line in lines), lines
