"""Show a configuration whole: a field that is added to it is shown without anybody thinking of it."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import timedelta
from enum import Enum
from typing import assert_never

from rich.console import RenderableType

from bootstrap.cli.voice import Data, cell, heading, pairs, table
from domain.config import Configuration, Line, MatchRule, Policy
from domain.cron import Cron
from domain.guards import Bound, Guards
from domain.schedule import Daily, Every, Hours, Rhythm, Schedule
from domain.scope_say import say
from domain.transforms import spoken

DELETING = ("left_deleted_after", "left_filter_deleted_after", "not_seen_deleted_after")
WAITING = ("wait_left", "wait_left_filter", "wait_not_seen")


def configuration_data(config: Configuration) -> Data:
    """Write a configuration down."""
    return {
        "version": config.version,
        "unique_path": config.unique_path,
        "match_path": config.match_path,
        "external_prefix": config.external_prefix,
        "sync_managers": config.sync_managers,
        "statuses": sorted(config.scope.statuses),
        "employment_types": sorted(config.scope.employment_types),
        "where": [] if config.scope.where is None else say(config.scope.where),
        "match": [_match(rule) for rule in config.match],
        **{each.name: _said(getattr(config.policy, each.name)) for each in fields(Policy)},
        "guards": {each.name: _said(getattr(config.guards, each.name)) for each in fields(Guards)},
        "schedule": spoken_schedule(config.schedule),
        "mapping": [line_data(line) for line in config.lines],
    }


def line_data(line: Line) -> Data:
    """Write one line of the mapping down, its steps in the words of tenant files."""
    return {
        "source": line.name,
        "path": line.path,
        "required": line.required,
        "transform": ", ".join(spoken(step) for step in line.transforms) or "none",
        "mode": line.mode.value,
        "empty": line.empty.value,
        "absent": line.absent.value,
        "default": line.default,
    }


def spoken_schedule(schedule: Schedule) -> str:
    """Say when runs begin by themselves, and what else is said of that."""
    parts = [_spoken_rhythm(schedule.rhythm), f"{schedule.zone} time" if schedule.zone != "UTC" else "UTC"]
    parts += [f"quiet {spoken_hours(hours)}" for hours in schedule.quiet]
    parts += [f"writes {spoken_hours(schedule.apply)}"] if schedule.apply else []
    parts += [f"spread over {schedule.jitter // timedelta(minutes=1)} minutes"] if schedule.jitter else []
    return ", ".join(parts)


def spoken_hours(hours: Hours) -> str:
    """Say hours as a tenant file would."""
    return f"{hours.begin:%H:%M}-{hours.end:%H:%M}"


def _spoken_rhythm(rhythm: Rhythm) -> str:
    match rhythm:
        case Every(interval):
            return f"every {_spoken_interval(interval)}"
        case Daily(at):
            return f"daily at {at:%H:%M}"
        case Cron(text):
            return f"cron «{text}»"
        case _:
            assert_never(rhythm)


def _spoken_interval(interval: timedelta) -> str:
    """Say how long, in the largest unit that needs no fraction."""
    for unit, word in (
        (timedelta(days=1), "day"),
        (timedelta(hours=1), "hour"),
        (timedelta(minutes=1), "minute"),
    ):
        count, rest = divmod(interval, unit)
        if count and not rest:
            return f"{count} {word}{'s' if count != 1 else ''}"
    return str(interval)


def _match(rule: MatchRule) -> str:
    return " and ".join(rule.paths) + (" (only suggests)" if rule.suggest else "")


def _said(value: object) -> object:
    """Say one field of a policy or a guard as a tenant file would; days stay numbers."""
    match value:
        case Bound(share, fewest, most):
            return f"{share} %, at least {fewest}, at most {most} a day"
        case timedelta():
            return f"{value // timedelta(hours=1)} h" if value else None
        case frozenset():
            return sorted(value)
        case Enum():
            return value.value
        case _:
            return value


def draw_configuration(config: Data) -> Iterable[RenderableType]:
    """Draw one version of a configuration."""
    yield pairs(spoken_configuration(config))
    yield from draw_mapping(config)


def draw_mapping(config: Data) -> Iterable[RenderableType]:
    """Draw the lines, with their modes where they are not the usual ones."""
    yield heading(f"Mapping (version {config['version']})")
    drawn = table("Personio", "account", "required", "transform", "written")
    for each in config["mapping"]:
        drawn.add_row(each["source"], each["path"], cell(each["required"]), each["transform"], each["mode"])
    yield drawn


def spoken_configuration(config: Data) -> Iterable[tuple[str, object]]:
    """Say everything but the mapping, line by line; what is left at «never» or «at once» is not said."""
    kinds = ", ".join(config["employment_types"]) or "any employment type"
    yield "who", f"{', '.join(config['statuses'])}; {kinds}"
    for condition in config["where"]:
        yield "and only if", condition
    gone = f"out of the filter: {config['left_filter']}; not visible any more: {config['not_seen']}"
    yield "leavers", f"{config['left']}; {gone}"
    for name in (*DELETING, *WAITING):
        if config[name]:
            yield name.replace("_", " "), f"{config[name]} days" if name in DELETING else config[name]
    yield "re-hires", config["rehired"]
    yield "freed names", config["release_names"]
    if config["strict"]:
        yield "strict", "any failure pauses the automatic sync until a run by hand is clean"
    yield "approval by", f"{config['approval']} person" if config["approval"] == "one" else "two people"
    yield "schedule", config["schedule"]
    yield "unique by", config["unique_path"]
    yield "matched by", config["match_path"] or "external id only"
    if config["match"]:
        yield "recognised by", "; ".join(config["match"])
    yield "managers", config["sync_managers"]
    for name, said in config["guards"].items():
        if said:
            yield f"guard: {name}", ", ".join(said) if isinstance(said, list) else said
