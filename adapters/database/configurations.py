"""A configuration as one line of JSON, and back. Equal configurations give equal lines."""

import json
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, select

from adapters.database.configuration_lines import read_line, write_line
from adapters.database.configurations_guards import read_guards, write_guards
from adapters.database.configurations_schedule import read_schedule, write_schedule
from adapters.database.session import Session
from adapters.database.statements import built_once
from adapters.database.tables import CONFIGURATIONS
from domain.codes import Code
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
from domain.errors import TenantBlockedError
from domain.ids import ConfigVersion, TenantId
from domain.scope_words import read_where, write_where

Content = Mapping[str, Any]
MICROSECOND = timedelta(microseconds=1)


def configuration_of(session: Session, tenant_id: TenantId, version: ConfigVersion) -> Configuration:
    """Read one version that a plan uses; it must be there."""
    stored = session.connection.execute(*_stored(tenant_id, version)).one_or_none()
    if stored is None:
        raise LookupError(
            f"tenant {tenant_id} has no configuration {version}; store it before planning with it"
        )
    return read_configuration(stored.content, version, stored.rules)


@built_once
def _stored(tenant_id: TenantId, version: ConfigVersion) -> Select[Any]:
    here = (CONFIGURATIONS.c.tenant_id == tenant_id, CONFIGURATIONS.c.version == version)
    return select(CONFIGURATIONS.c.content, CONFIGURATIONS.c.rules).where(*here)


def write_configuration(config: Configuration) -> str:
    """Write everything but the version, which the store gives."""
    content = {
        "lines": [write_line(line) for line in config.lines],
        "unique_path": config.unique_path,
        "match_path": config.match_path,
        "scope": {
            "statuses": sorted(config.scope.statuses),
            "employment_types": sorted(config.scope.employment_types),
            "where": write_where(config.scope.where),
        },
        "policy": {
            "left": config.policy.left.value,
            "left_filter": config.policy.left_filter.value,
            "not_seen": config.policy.not_seen.value,
            "release_names": config.policy.release_names.value,
            "wait_left_us": config.policy.wait_left // MICROSECOND,
            "wait_left_filter_us": config.policy.wait_left_filter // MICROSECOND,
            "wait_not_seen_us": config.policy.wait_not_seen // MICROSECOND,
            **_write_deletions(config.policy),
            "rehired": config.policy.rehired.value,
            "approval": config.policy.approval.value,
            "strict": config.policy.strict,
        },
        "schedule": write_schedule(config.schedule),
        "sync_managers": config.sync_managers,
        "external_prefix": config.external_prefix,
        "match": [{"paths": list(rule.paths), "suggest": rule.suggest} for rule in config.match],
        "guards": write_guards(config.guards),
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def read_configuration(text: str, version: int, rules: int | None = None) -> Configuration:
    """Read what `write_configuration` wrote; what cannot be read stops this tenant and nobody else."""
    try:
        return _read(text, version, rules)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        kind = type(error).__name__
        raise TenantBlockedError(Code.CONFIG_INVALID, f"version {version} cannot be read ({kind})") from None


@lru_cache(maxsize=256)
def _read(text: str, version: int, rules: int | None) -> Configuration:
    """Read it; each envelope does, and it is the same for many in a row."""
    content: Content = json.loads(text)
    return Configuration(
        version=ConfigVersion(version),
        lines=tuple(read_line(line) for line in content["lines"]),
        unique_path=content["unique_path"],
        match_path=content["match_path"],
        scope=_read_scope(content["scope"]),
        policy=_read_policy(content["policy"]),
        schedule=read_schedule(content["schedule"]),
        sync_managers=content["sync_managers"],
        external_prefix=content["external_prefix"],
        match=tuple(MatchRule(tuple(rule["paths"]), rule["suggest"]) for rule in content["match"]),
        guards=read_guards(content.get("guards", {})),
        rules=None if rules is None else ConfigVersion(rules),
    )


def _write_deletions(policy: Policy) -> dict[str, int]:
    """Write the days after which accounts are removed, where there are any."""
    days = {
        "left_deleted_after": policy.left_deleted_after,
        "left_filter_deleted_after": policy.left_filter_deleted_after,
        "not_seen_deleted_after": policy.not_seen_deleted_after,
    }
    return {cause: number for cause, number in days.items() if number is not None}


def _read_scope(scope: Content) -> Scope:
    where = read_where(scope.get("where", []))
    if where.wrong:
        raise ValueError(f"a stored filter cannot be read at {where.wrong[0].place}")
    return Scope(frozenset(scope["statuses"]), frozenset(scope["employment_types"]), where.tree)


def _read_policy(policy: Content) -> Policy:
    return Policy(
        left=Removal(policy["left"]),
        left_filter=Removal(policy["left_filter"]),
        not_seen=Removal(policy.get("not_seen", Removal.DEACTIVATE.value)),
        release_names=ReleaseNames(policy["release_names"]),
        wait_left=policy.get("wait_left_us", 0) * MICROSECOND,
        wait_left_filter=policy.get("wait_left_filter_us", 0) * MICROSECOND,
        wait_not_seen=policy.get("wait_not_seen_us", 0) * MICROSECOND,
        left_deleted_after=policy.get("left_deleted_after"),
        left_filter_deleted_after=policy.get("left_filter_deleted_after"),
        not_seen_deleted_after=policy.get("not_seen_deleted_after"),
        rehired=Rehire(policy["rehired"]),
        approval=Approvers(policy.get("approval", Approvers.ONE.value)),
        strict=policy.get("strict", False),
    )
