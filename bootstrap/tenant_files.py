"""Read profiles and tenant files, and turn them into what a tenant wants."""

import difflib
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import ValidationError

from bootstrap.catalogue import TARGETS
from bootstrap.guard_files import guards_of
from bootstrap.mapping_lines import contradictions, line_of
from bootstrap.schedule_files import about_schedule, schedule_of
from bootstrap.tenant_mistakes import Mistake, TenantFileError, Whereabouts, of_validation, shape
from domain.config import (
    Approvers,
    Configuration,
    MatchRule,
    Policy,
    Rehire,
    ReleaseNames,
    Removal,
    Scope,
)
from domain.ids import ConfigVersion
from domain.scope_words import read_where
from schemas.tenant_file import (
    CURES,
    TenantFile,
    days_of,
    wait_minutes_of,
)

FOLDER = Path(__file__).resolve().parents[1] / "profiles"
"""One file per product; data, not code."""

LARGEST_FILE = 256 * 1024

Table: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantWishes:
    """Everything that a profile and a tenant file say together; None is «not said»."""

    config: Configuration
    profile: str | None = None
    name: str | None = None
    language: str | None = None
    owners: tuple[str, ...] | None = None
    source_url: str | None = None
    client_id: str | None = None
    target_kind: str | None = None
    target_url: str | None = None


def profiles() -> tuple[str, ...]:
    """List the products that we know."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def from_profile(name: str) -> TenantWishes:
    """Read a product's profile. Raises TenantFileError with those that exist."""
    at = Whereabouts("--profile")
    return _wishes({"profile": name}, at)


def read_tenant_file(path: Path, profile: str | None = None) -> TenantWishes:
    """Read a tenant file over its profile; `profile` is used where the file names none.

    Raises TenantFileError with all mistakes at once.
    """
    text = _text_of(path)
    at = Whereabouts.of(path.name, text)
    told = _parsed(text, at)
    if profile is not None and told.get("profile", profile) != profile:
        raise TenantFileError(
            [at.mistake(("profile",), "names another profile than --profile", "name it in one place only")]
        )
    return _wishes(({"profile": profile} if profile else {}) | told, at)


def _text_of(path: Path) -> str:
    at = Whereabouts(path.name)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise TenantFileError([at.mistake((), "is bigger than 256 KiB", "name the tenant's TOML file")])
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        what = f"cannot be read ({error.strerror})"
        raise TenantFileError([at.mistake((), what, "name an existing file that you may read")]) from None
    except UnicodeDecodeError:
        raise TenantFileError([at.mistake((), "is not UTF-8 text", "save it as UTF-8")]) from None


def _parsed(text: str, at: Whereabouts) -> Table:
    try:
        return tomllib.loads(text)
    except RecursionError:
        cure = "say it with fewer levels"
        raise TenantFileError([Mistake(at.file, None, "the file", "is nested too deeply", cure)]) from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        what = "is no TOML: " + re.sub(r" \(at [^)]*\)\Z", "", str(error))
        cure = 'texts stand in "…", lists in […], sections in [name]'
        number = int(line[1]) if line else None
        raise TenantFileError([Mistake(at.file, number, "the file", what, cure)]) from None


def _wishes(told: Table, at: Whereabouts) -> TenantWishes:
    mistakes: list[Mistake] = []
    try:
        TenantFile.model_validate(told)
    except ValidationError as error:
        mistakes += of_validation(error, at)
    mistakes += _about_where(told, at)
    base, wrong = _profile(told.get("profile"), at)
    merged = _merged(base, told)
    mistakes += wrong if wrong is not None else _contradictions(merged, at)
    if mistakes:
        raise TenantFileError(sorted(mistakes, key=lambda mistake: mistake.line or 0))
    return _translated(TenantFile.model_validate(merged), told.get("profile"))


def _profile(name: object, at: Whereabouts) -> tuple[Table, list[Mistake] | None]:
    """Load the profile that a file names; None for the mistakes where there are none."""
    if name is None or not isinstance(name, str):
        return {}, None
    known = profiles()
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        return {}, [at.mistake(("profile",), "names no profile", f"known are {', '.join(known)}{hint}")]
    told = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return {key: value for key, value in told.items() if key not in {"name", "title"}}, None


def _merged(base: Table, told: Table) -> Table:
    """Lay the file over the profile: sections key by key, the schedule and the mapping as a whole."""
    merged = base | told
    for section in ("scope", "policy", "guards"):
        if isinstance(told.get(section), Mapping) and section in base:
            merged[section] = base[section] | told[section]
    return merged


def _contradictions(merged: Table, at: Whereabouts) -> Iterable[Mistake]:
    """Find what no single field can tell. Works on files whose fields are wrong as well."""
    lines = merged.get("mapping", [])
    lines = [line for line in lines if isinstance(line, Mapping)] if isinstance(lines, list) else []
    if not lines:
        yield at.mistake(
            ("mapping",), "is missing", "name a profile, or write lines that begin with [[mapping]]"
        )
    yield from contradictions(lines, at)
    yield from _about_paths(merged, lines, at)
    yield from about_schedule(merged.get("schedule", {"daily": "04:00"}), at)
    kind = merged.get("target", {}).get("kind") if isinstance(merged.get("target"), Mapping) else None
    if isinstance(kind, str) and kind not in TARGETS:
        cure = f"known are {', '.join(sorted(TARGETS))}"
        yield at.mistake(("target", "kind"), "names no kind of application", cure)


def _about_where(told: Table, at: Whereabouts) -> Iterable[Mistake]:
    """Find what is wrong with the filter, condition by condition."""
    scope = told.get("scope")
    where = scope.get("where") if isinstance(scope, Mapping) else None
    if isinstance(where, list):
        for wrong in read_where(where).wrong:
            what = wrong.what or f"is {shape(wrong.found)}"
            yield at.mistake(("scope", "where", *wrong.place), what, wrong.cure)


def _about_paths(merged: Table, lines: list[Mapping[str, Any]], at: Whereabouts) -> Iterable[Mistake]:
    paths = [line.get("path") for line in lines if isinstance(line.get("path"), str)]
    for path, count in Counter(paths).items():
        if count > 1:
            last = max(number for number, line in enumerate(lines) if line.get("path") == path)
            what = f"fills a path that {count} lines fill"
            yield at.mistake(("mapping", last, "path"), what, "keep one line for each path")
    required = {line.get("path") for line in lines if line.get("required") is True}
    unique, match = merged.get("unique_path"), merged.get("match_path")
    if unique is None:
        yield at.mistake(("unique_path",), "is missing", CURES["unique_path"])
    elif not isinstance(unique, str):
        return
    elif lines and unique not in paths:
        yield at.mistake(("unique_path",), "names a path that no line fills", CURES["unique_path"])
    elif lines and unique not in required:
        cure = "write required = true in its line: nobody can have an account without a unique name"
        yield at.mistake(("unique_path",), "names a path that is not required", cure)
    if lines and match not in {None, "", *paths}:
        yield at.mistake(("match_path",), "names a path that no line fills", CURES["match_path"])
    yield from _about_rules(merged.get("match"), paths, at) if lines else ()


def _about_rules(rules: object, paths: list[Any], at: Whereabouts) -> Iterable[Mistake]:
    for number, rule in enumerate(rules if isinstance(rules, list) else []):
        named = rule.get("paths") if isinstance(rule, Mapping) else None
        if isinstance(named, list) and not {path for path in named if isinstance(path, str)} <= set(paths):
            yield at.mistake(
                ("match", number, "paths"), "names a path that no line fills", CURES["match.paths"]
            )


def _translated(file: TenantFile, profile: str | None) -> TenantWishes:
    return TenantWishes(
        config=_configuration(file),
        profile=profile,
        name=file.tenant.name,
        language=file.tenant.language,
        owners=None if file.tenant.owners is None else tuple(file.tenant.owners),
        source_url=file.source.url,
        client_id=file.source.client_id,
        target_kind=file.target.kind,
        target_url=file.target.url,
    )


def _configuration(file: TenantFile) -> Configuration:
    return Configuration(
        version=ConfigVersion(0),
        lines=tuple(line_of(part) for part in file.mapping),
        unique_path=file.unique_path or "",
        match_path=file.match_path or None,
        scope=Scope(
            frozenset(file.scope.statuses),
            frozenset(file.scope.employment_types),
            read_where(file.scope.where).tree,
        ),
        match=tuple(MatchRule(tuple(rule.paths), rule.suggest) for rule in file.match),
        policy=Policy(
            left=Removal(file.policy.left),
            left_filter=Removal(file.policy.left_filter),
            not_seen=Removal(file.policy.not_seen),
            release_names=ReleaseNames(file.policy.release_names),
            wait_left=timedelta(minutes=wait_minutes_of(file.policy.wait_left)),
            wait_left_filter=timedelta(minutes=wait_minutes_of(file.policy.wait_left_filter)),
            wait_not_seen=timedelta(minutes=wait_minutes_of(file.policy.wait_not_seen)),
            left_deleted_after=_days(file.policy.left_deleted_after),
            left_filter_deleted_after=_days(file.policy.left_filter_deleted_after),
            not_seen_deleted_after=_days(file.policy.not_seen_deleted_after),
            rehired=Rehire(file.policy.rehired),
            approval=Approvers(file.policy.approval),
            strict=file.policy.strict,
        ),
        schedule=schedule_of(file.schedule),
        sync_managers=file.sync_managers,
        guards=guards_of(file.guards),
    )


def _days(text: str | None) -> int | None:
    return None if text is None else days_of(text)
