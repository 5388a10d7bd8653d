"""Perform one claimed row at the target, and say what came of it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import assert_never

from domain.account import Account, Scalar
from domain.changes import Action
from domain.codes import Code
from domain.config import Mode
from domain.doubts import to_send, told_by
from domain.errors import AccountGoneError, PermanentError, PromisedError, TemporaryError
from domain.ids import AccountId
from domain.link import MANAGER, OPEN, Link
from domain.mapping import external_id, same_key
from domain.ports_world import Lookup
from domain.records import Done, Job, Outdated, Refused, Settlement
from domain.untaken import still_closed, untaken
from workers.bench import Bench, done
from workers.creating import (
    close_what_was_made,
    create_account,
    give_up,
    link_account,
    make_again,
    perhaps_made,
)
from workers.postponing import postpone
from workers.promises import unkept
from workers.removing import edited_since, remove
from workers.seconds import close_seconds
from workers.silence import is_down


def perform(job: Job, bench: Bench) -> Settlement:
    """Do one row. Every failure becomes a settlement; only a blocked tenant is raised."""
    change = job.change
    stale = bench.stale.get(change.change_id) or (Code.PLAN_STALE if change.pruned else None)
    if stale and not perhaps_made(job):
        return Outdated(change.change_id, stale, "")
    if change.forgotten and not stale:
        tried = change.intent_at is not None
        return Refused(change.change_id, Code.VALUE_UNREADABLE, "", intent_kept=tried)
    try:
        if stale:
            return give_up(job, stale, bench)
        since = edited_since(job, bench.target) or bench.came_back(job)
        return Outdated(change.change_id, Code.PLAN_STALE, since) if since else _do_alone(job, bench)
    except TemporaryError as error:
        silent = partial(is_down, error, job, bench.config, bench.target) if bench.silent else bool
        return postpone(change, error, bench.dice, silent)
    except PermanentError as error:
        tried = change.intent_at is not None
        return Refused(change.change_id, error.code, error.detail, intent_kept=tried)


def _do_alone(job: Job, bench: Bench) -> Settlement:
    """Do a row once its person has no second account any more."""
    closed = close_seconds(job, bench)
    settled = unkept(job, bench) or _do(job, bench)
    return replace(settled, note=closed) if closed and isinstance(settled, Done) else settled


def _do(job: Job, bench: Bench) -> Settlement:
    match job.change.action:
        case Action.CREATE | Action.LINK:
            return _make(job, bench)
        case Action.UPDATE:
            return _update(job, bench)
        case Action.RELEASE_NAME:
            return _release(job, bench)
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


def _make(job: Job, bench: Bench) -> Settlement:
    """Make or link an account; whoever has one by now gets what differs."""
    change = job.change
    if job.link is None and change.action is Action.CREATE:
        return create_account(job, bench)
    if job.link is None and change.account_id is not None:
        return link_account(job, change.account_id, bench)
    return _update(job, bench)


def _update(job: Job, bench: Bench) -> Settlement:
    """Send what differs between what is applied now and what should be (rebased, never replayed).

    An account that a lost request may have closed is opened again by the same request.
    """
    link = job.link
    if link is None:
        return Outdated(job.change.change_id, Code.PLAN_STALE, "the account is not linked any more")
    link, after = _informed(link, told_by(job.change), bench)
    changed = to_send(link, after)
    reopens = link.active and OPEN in link.doubts
    told: Account | None = None
    if reopens:
        told = bench.target.reactivate(link.account_id, changed)
    elif changed:
        told = bench.target.update(link.account_id, changed)
    note = (still_closed(told) if reopens else "") or untaken(link.values, changed, told)
    sent = reopens or bool(changed)
    return done(job, bench, replace(link, values={**link.values, **changed}), sent=sent, note=note)


def _release(job: Job, bench: Bench) -> Settlement:
    """Give a name up that somebody else wants; an account that is gone holds none any more."""
    link = job.link
    if link is None:
        return Outdated(job.change.change_id, Code.PLAN_STALE, "the account is not linked any more")
    if _is_freed(job, link, bench):
        return done(job, bench, link, sent=False)
    changed = to_send(link, job.change.after or {})
    sent = bool(changed)
    try:
        if changed:
            bench.target.update(link.account_id, changed)
    except AccountGoneError:
        sent = False
    return done(job, bench, replace(link, values={**link.values, **changed}), sent=sent)


def _is_freed(job: Job, link: Link, bench: Bench) -> bool:
    """Tell whether the holder of a name that somebody else wants has another one by now."""
    path = bench.config.unique_path
    if job.change.cause is Code.NAME_TEMPORARY:
        return False
    held, wanted = link.values.get(path), (job.change.before or {}).get(path)
    known = isinstance(held, str) and isinstance(wanted, str) and path not in link.doubts
    return known and same_key(str(held)) != same_key(str(wanted))


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
    link, after = _informed(link, told_by(job.change), bench)
    changed = to_send(link, after)
    try:
        told = bench.target.reactivate(link.account_id, changed)
    except AccountGoneError:
        return make_again(job, link, bench)
    note = still_closed(told) or untaken(link.values, changed, told)
    return done(job, bench, replace(link, active=True, values={**link.values, **changed}), note=note)


def _let_go(job: Job, bench: Bench) -> Settlement:
    """Close the account; one that was removed by hand is as closed as can be."""
    link = job.link
    if job.change.action is Action.DELETE:
        return remove(job, bench.target, bench.config)
    if job.change.action is Action.UNLINK:
        return _unlink(job, bench)
    if link is None or not link.perhaps_open:
        return Outdated(job.change.change_id, Code.PLAN_STALE, "there is no open account any more")
    changed = to_send(link, told_by(job.change))
    sent = True
    try:
        later = _agreed_for_later(link.account_id, changed, bench) if changed else None
        bench.target.deactivate(link.account_id)
        if later is not None:
            raise later
    except AccountGoneError:
        if made := close_what_was_made(job, link, bench):
            return made
        sent = False
    closed = replace(link, active=False, values={**link.values, **changed})
    return done(job, bench, closed, sent=sent)


def _agreed_for_later(
    account_id: AccountId, changed: Mapping[str, Scalar], bench: Bench
) -> PromisedError | None:
    """Send what an account holds before it is closed; one that comes later keeps no door open."""
    try:
        bench.target.update(account_id, changed)
    except PromisedError as error:
        return error
    return None


def _unlink(job: Job, bench: Bench) -> Settlement:
    """Give an account that we had found its values back, and forget it; one that is gone is forgotten too."""
    link = job.link
    if link is None:
        return Outdated(job.change.change_id, Code.INTERNAL, "the account is not linked any more")
    changed = to_send(link, job.change.after or {})
    if changed:
        with suppress(AccountGoneError):
            bench.target.update(link.account_id, changed)
    return replace(done(job, bench, link), forget=True)


def _manage(job: Job, bench: Bench) -> Settlement:
    link = job.link
    if link is None:
        return Outdated(job.change.change_id, Code.PLAN_STALE, "the account is not linked any more")
    if link.manager == job.change.after_manager and MANAGER not in link.doubts:
        return done(job, bench, link, sent=False)
    bench.target.set_manager(link.account_id, job.manager)
    settled = done(job, bench, replace(link, manager=job.change.after_manager))
    return replace(settled, manages=True, referred=job.manager)
