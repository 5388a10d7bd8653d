"""Perform one claimed row at the target, and say what came of it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import assert_never

from domain.account import Account, AccountDraft, Scalar
from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.compare import canonical, difference
from domain.config import Configuration, Mode
from domain.errors import (
    AccountGoneError,
    KeyTakenError,
    PermanentError,
    TemporaryError,
)
from domain.identity import BY_ID, Claims, Doubtful, Nobody, Theirs, Wanted, made_by_us, match
from domain.ids import TenantId
from domain.link import Link, Origin
from domain.mapping import compared, external_id, fitting, same_key
from domain.ports_world import Lookup, Target, Vault
from domain.records import Done, Job, Outdated, Postponed, Refused, Settlement
from workers.looking import find_accounts
from workers.postponing import postpone
from workers.removing import edited_since, remove
from workers.silence import is_down

VISIBILITY_LAG = timedelta(seconds=30)
"""How long a target may take to find an account that it just made; no second POST before that."""

NOT_FOUND_PATHS = frozenset({"active", "externalId"})
"""Notes about a found account that stand beside its values in a link row's before."""


Owners = Callable[[Sequence[Account], Wanted], Claims]
"""Tell whose these accounts are: linked to others, given to others in this envelope, or theirs before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What one envelope's rows are done with. `listed`: creates were compared with a complete list.

    `silent`: the target has answered nobody of late; no row is given up while that is so. `came_back` asks
    the source about somebody whom a yes to older news would close, and says what speaks against it.
    """

    tenant_id: TenantId
    target: Target
    config: Configuration
    vault: Vault
    now: datetime
    listed: bool
    stale: Mapping[str, Code]
    claims: Owners
    came_back: Callable[[Job], str]
    silent: bool
    dice: float


def perform(job: Job, bench: Bench) -> Settlement:
    """Do one row. Every failure becomes a settlement; only a blocked tenant is raised."""
    change = job.change
    if change.change_id in bench.stale:
        return Outdated(change.change_id, bench.stale[change.change_id], "")
    if change.forgotten:
        tried = change.intent_at is not None
        return Refused(change.change_id, Code.VALUE_UNREADABLE, "", intent_kept=tried)
    try:
        since = edited_since(job, bench.target, bench.config) or bench.came_back(job)
        return Outdated(change.change_id, Code.PLAN_STALE, since) if since else _do(job, bench)
    except TemporaryError as error:
        silent = partial(is_down, error, job, bench.config, bench.target) if bench.silent else bool
        return postpone(change, error, bench.dice, silent)
    except PermanentError as error:
        return Refused(change.change_id, error.code, error.detail)


def _do(job: Job, bench: Bench) -> Settlement:
    match job.change.action:
        case Action.CREATE:
            return _create(job, bench)
        case Action.LINK:
            return _link(job, bench)
        case Action.UPDATE | Action.RELEASE_NAME:
            return _update(job, bench)
        case Action.REACTIVATE:
            return _reactivate(job, bench)
        case Action.DEACTIVATE | Action.DELETE | Action.UNLINK:
            return _let_go(job, bench)
        case Action.SET_MANAGER:
            return _manage(job, bench)
        case Action.KEEP:
            raise PermanentError(Code.INTERNAL, "a row that only closes another one was released")
        case _:
            assert_never(job.change.action)


def _create(job: Job, bench: Bench) -> Settlement:
    """Create an account, unless it is there: look first after a lost reply, or where nobody looked yet."""
    change, after = job.change, dict(job.change.after or {})
    if job.link is not None:
        return _update(job, bench)
    draft = AccountDraft(external_id(change.person_id, bench.config), after)
    if change.intent_at is not None or not bench.listed:
        found = _look(draft, job, bench)
        if not isinstance(found, Nobody):
            return found
        sent_at = change.sent_at or change.intent_at
        if sent_at is not None and bench.now - sent_at < VISIBILITY_LAG:
            wait = sent_at + VISIBILITY_LAG - bench.now
            detail = "waiting until a lost create would be visible"
            return Postponed(change.change_id, Code.TARGET_BUSY, detail, wait, intent_kept=True)
    try:
        account = bench.target.create(draft)
    except KeyTakenError:
        found = _look(draft, job, bench)
        if isinstance(found, Nobody):
            raise
        return found
    return _done(job, bench, Link(change.person_id, account.account_id, True, after, None, 0, Origin.CREATED))


def _look(draft: AccountDraft, job: Job, bench: Bench) -> Settlement | Nobody:
    """Look for an account that is this person's already, by external id, then by the tenant's rules."""
    wanted = Wanted(job.change.person_id, draft.values, bench.config)
    found = find_accounts(wanted, bench.target)
    verdict = match(wanted, found, bench.claims(found, wanted))
    match verdict:
        case Nobody():
            return verdict
        case Theirs(account, by) if by == BY_ID or _may_take(account, draft, job):
            return _adopt(account, job, bench)
        case Theirs():
            return Refused(job.change.change_id, Code.MATCH_AMBIGUOUS, "an account appeared meanwhile")
        case Doubtful(why, detail):
            return Refused(job.change.change_id, why, detail)
        case _:
            assert_never(verdict)


def _may_take(account: Account, draft: AccountDraft, job: Job) -> bool:
    """After a lost create, only what that request made is ours; on first contact an open account is."""
    intent_at = job.change.intent_at
    if intent_at is None:
        return True
    return made_by_us(account, intent_at) and not difference(account.values, draft.values)


def _adopt(account: Account, job: Job, bench: Bench) -> Settlement:
    """Link an account that exists and send what differs."""
    change, after = job.change, dict(job.change.after or {})
    if change.intent_at is None:
        after = fitting(after, account.values, bench.config)
    ours = external_id(change.person_id, bench.config)
    foreign = account.external_id != ours
    changed = difference(account.values, after)
    origin = Origin.CREATED if change.intent_at is not None else Origin.LINKED
    if not account.active:
        bench.target.reactivate(account.account_id, changed)
    if foreign or (changed and account.active):
        left = changed if account.active else {}
        bench.target.update(account.account_id, left, external_id=ours if foreign else None)
    merged = {**_values(account.values), **after}
    version = job.link.version if job.link else 0
    link = Link(change.person_id, account.account_id, True, merged, None, version, origin)
    return _done(job, bench, link, sent=bool(changed or foreign or not account.active))


def _link(job: Job, bench: Bench) -> Settlement:
    change = job.change
    if job.link is not None or change.account_id is None:
        return _update(job, bench)
    before = dict(change.before or {})
    was_active = before.get("active") is not False
    known_as = before.get("externalId")
    account = Account(
        change.account_id,
        known_as if isinstance(known_as, str) else None,
        was_active,
        _values(before),
    )
    return _adopt(account, job, bench)


def _update(job: Job, bench: Bench) -> Settlement:
    """Send what differs between what is applied now and what should be (rebased, never replayed)."""
    link = job.link
    if link is None:
        return Outdated(job.change.change_id, Code.PLAN_STALE, "the account is not linked any more")
    link, after = _informed(link, job.change.after or {}, bench)
    changed = difference(link.values, after)
    if changed:
        bench.target.update(link.account_id, changed)
    return _done(job, bench, replace(link, values={**link.values, **changed}), sent=bool(changed))


def _informed(link: Link, after: Mapping[str, Scalar], bench: Bench) -> tuple[Link, Mapping[str, Scalar]]:
    """Look at the account before filling a path «if empty» of which we never knew what it holds."""
    modes = {line.path for line in bench.config.lines if line.mode is Mode.IF_EMPTY}
    unknown = [path for path in after if path in modes and path not in link.values]
    if not unknown:
        return link, after
    found = bench.target.find(Lookup(external_id=external_id(link.person_id, bench.config)))
    there = next((each.values for each in found if each.account_id == link.account_id), {})
    stays = {path: there[path] for path in unknown if there.get(path) is not None}
    return replace(link, values={**link.values, **stays}), {**after, **stays}


def _reactivate(job: Job, bench: Bench) -> Settlement:
    link = job.link
    if link is None:
        return Outdated(job.change.change_id, Code.PLAN_STALE, "the account is not linked any more")
    if link.active:
        return _update(job, bench)
    link, after = _informed(link, job.change.after or {}, bench)
    changed = difference(link.values, after)
    try:
        bench.target.reactivate(link.account_id, changed)
    except AccountGoneError:
        return _make_again(job, link, bench)
    return _done(job, bench, replace(link, active=True, values={**link.values, **changed}))


def _make_again(job: Job, link: Link, bench: Bench) -> Settlement:
    """Give somebody who came back a new account, because theirs was removed in the target meanwhile."""
    after = {**link.values, **(job.change.after or {})}
    draft = AccountDraft(external_id(job.change.person_id, bench.config), after)
    found = _look(draft, job, bench)
    if not isinstance(found, Nobody):
        return found
    account = bench.target.create(draft)
    fresh = Link(link.person_id, account.account_id, True, after, None, link.version, Origin.CREATED)
    return _done(job, bench, fresh)


def _let_go(job: Job, bench: Bench) -> Settlement:
    """Close the account; one that was removed by hand is as closed as can be."""
    link = job.link
    if job.change.action is Action.DELETE:
        return remove(job, bench.target, bench.config)
    if job.change.action is Action.UNLINK:
        return _unlink(job, bench)
    if link is None or not link.active:
        return Outdated(job.change.change_id, Code.PLAN_STALE, "there is no open account any more")
    changed = difference(link.values, job.change.after or {})
    sent = True
    try:
        if changed:
            bench.target.update(link.account_id, changed)
        bench.target.deactivate(link.account_id)
    except AccountGoneError:
        sent = False
    closed = replace(link, active=False, values={**link.values, **changed})
    return _done(job, bench, closed, sent=sent)


def _unlink(job: Job, bench: Bench) -> Settlement:
    """Give an account that we had found its values back, and forget it; one that is gone is forgotten too."""
    link = job.link
    if link is None:
        return Outdated(job.change.change_id, Code.INTERNAL, "the account is not linked any more")
    changed = difference(link.values, job.change.after or {})
    if changed:
        with suppress(AccountGoneError):
            bench.target.update(link.account_id, changed)
    return replace(_done(job, bench, link), forget=True)


def _manage(job: Job, bench: Bench) -> Settlement:
    link = job.link
    if link is None:
        return Outdated(job.change.change_id, Code.PLAN_STALE, "the account is not linked any more")
    if link.manager == job.change.after_manager:
        return _done(job, bench, link, sent=False)
    bench.target.set_manager(link.account_id, job.manager)
    return _done(job, bench, replace(link, manager=job.change.after_manager))


def _done(job: Job, bench: Bench, link: Link, *, sent: bool = True) -> Done:
    name = link.values.get(bench.config.unique_path)
    key = same_key(name) if isinstance(name, str) and name else None
    state = ChangeState.APPLIED if sent else ChangeState.ALREADY_SO
    values = canonical(compared(link.values, bench.config))
    digest = bench.vault.digest(bench.tenant_id, "draft", values)
    return Done(job.change.change_id, state, link, digest, key)


def _values(found: Mapping[str, Scalar]) -> dict[str, Scalar]:
    return {path: value for path, value in found.items() if path not in NOT_FOUND_PATHS}
