"""Doubts about identities and their answers; accounts and reasons are sealed, facts are a fingerprint."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, Update, select, update

from adapters.database.session import Session, millis, moment
from adapters.database.statements import built_once, insert_into, touched
from adapters.database.tables_cases import CASES
from adapters.database.values import pack
from adapters.vault import SealedElsewhereError
from domain.cases import Answer, Candidate, Case, NewCase, Ruled, short
from domain.codes import Code
from domain.ids import AccountId, CaseId, PersonId, RunId, TenantId

UNRULED = {"answer": None, "account_id": None, "ruled_by": None, "ruled_at": None, "reason": None}


class SqlCases:
    """Keep cases; `domain.ports_cases.Cases` says what each method promises."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def open(self, tenant_id: TenantId, case_id: CaseId, new: NewCase, run_id: RunId) -> Case:
        """Open a case, or return the one about the same facts with its answer, if there is one."""
        now = self._session.started_ms
        facts = self._session.digest(tenant_id, "case", f"{new.person_id}\n{new.facts}")
        row = {
            "tenant_id": tenant_id,
            "case_id": case_id,
            "person_id": new.person_id,
            "kind": new.kind.value,
            "facts": facts,
            "sealed": self._sealed(tenant_id, facts, new),
            "opened_at": now,
            "seen_at": now,
            "run_id": run_id,
        }
        mine = (CASES.c.tenant_id == tenant_id, CASES.c.person_id == new.person_id)
        insert = insert_into(self._session.connection, CASES)
        again = {name: insert.excluded[name] for name in ("sealed", "seen_at", "run_id")}
        upsert = insert.on_conflict_do_update(
            index_elements=["tenant_id", "person_id", "facts"], set_={**again, "closed_at": None}
        )
        self._session.connection.execute(upsert, [row])
        others = update(CASES).where(*mine, CASES.c.facts != facts, CASES.c.closed_at.is_(None))
        self._session.connection.execute(others.values(closed_at=now))
        found = self._session.connection.execute(select(CASES).where(*mine, CASES.c.facts == facts)).one()
        return self._case(tenant_id, found)

    def of_person(self, tenant_id: TenantId, person_id: PersonId) -> Case | None:
        """Return the person's newest case, whatever became of it."""
        asked = (
            select(CASES)
            .where(CASES.c.tenant_id == tenant_id, CASES.c.person_id == person_id)
            .order_by(CASES.c.closed_at.is_not(None), CASES.c.seen_at.desc(), CASES.c.case_id.desc())
            .limit(1)
        )
        row = self._session.connection.execute(asked).one_or_none()
        return self._case(tenant_id, row) if row else None

    def named(self, tenant_id: TenantId, name: str) -> Sequence[Case]:
        """Find the cases that go by this name, an id or the short form of one, whatever became of them."""
        ends_so = CASES.c.case_id.endswith(name, autoescape=True)
        rows = self._session.connection.execute(
            select(CASES).where(CASES.c.tenant_id == tenant_id, ends_so).order_by(CASES.c.case_id)
        )
        here = [self._case(tenant_id, row) for row in rows]
        return [each for each in here if name in {each.case_id, short(each.case_id)}]

    def standing(self, tenant_id: TenantId) -> Sequence[Case]:
        """List the cases whose doubt lasts, answered or not, oldest first."""
        rows = self._session.connection.execute(*_standing(tenant_id))
        return [self._case(tenant_id, row) for row in rows]

    def rule(
        self, tenant_id: TenantId, case_id: CaseId, ruled: Ruled, instead_of: datetime | None = None
    ) -> bool:
        """Remember an answer, in place of the one given at that moment or of none; False if neither is so."""
        reason = self._session.vault.seal(tenant_id, _reason(case_id), ruled.reason.encode("utf-8"))
        answer = {
            "answer": ruled.answer.value,
            "account_id": ruled.account_id,
            "ruled_by": ruled.by,
            "ruled_at": self._session.started_ms,
            "reason": reason,
        }
        before = None if instead_of is None else millis(instead_of)
        as_read = (CASES.c.closed_at.is_(None), CASES.c.ruled_at.is_not_distinct_from(before))
        this = update(CASES).where(*_this(tenant_id, case_id), *as_read)
        return touched(self._session.connection, this.values(**answer)) == 1

    def ask_again(self, tenant_id: TenantId, case_id: CaseId, detail: str) -> None:
        """Forget an answer that cannot be carried out, and say why."""
        row = self._session.connection.execute(select(CASES).where(*_this(tenant_id, case_id))).one_or_none()
        if row is None:
            return
        content = self._opened(tenant_id, row) | {"detail": detail}
        sealed = self._session.vault.seal(tenant_id, _field(row.facts), pack(content))
        this = update(CASES).where(*_this(tenant_id, case_id))
        self._session.connection.execute(this.values(sealed=sealed, **UNRULED))

    def wanted(self, tenant_id: TenantId) -> Mapping[PersonId, AccountId]:
        """Return which account humans gave to whom, where that is not done yet."""
        rows = self._session.connection.execute(*_wanted(tenant_id))
        return {PersonId(row.person_id): AccountId(row.account_id) for row in rows}

    def close_unseen(self, tenant_id: TenantId, run_id: RunId, person_id: PersonId | None = None) -> int:
        """Close the open cases, of one person or of all, that this run did not find any more."""
        unseen, now = (tenant_id, run_id), self._session.started_ms
        asked = _unseen(*unseen, now) if person_id is None else _unseen_of(*unseen, now, person_id)
        return touched(self._session.connection, *asked)

    def _sealed(self, tenant_id: TenantId, facts: bytes, new: NewCase) -> bytes:
        content = {"detail": new.detail, "candidates": [_written(each) for each in new.candidates]}
        return self._session.vault.seal(tenant_id, _field(facts), pack(content))

    def _opened(self, tenant_id: TenantId, row: Row[Any]) -> dict[str, Any]:
        """Open what a case says; of a damaged one the next complete reading says it again."""
        try:
            opened = self._session.vault.open(tenant_id, _field(row.facts), row.sealed)
        except SealedElsewhereError:
            return {"detail": "", "candidates": []}
        content: dict[str, Any] = json.loads(opened)
        return content

    def _case(self, tenant_id: TenantId, row: Row[Any]) -> Case:
        content = self._opened(tenant_id, row)
        return Case(
            case_id=CaseId(row.case_id),
            person_id=PersonId(row.person_id),
            kind=Code(row.kind),
            detail=content["detail"],
            candidates=tuple(_read(each) for each in content["candidates"]),
            opened_at=moment(row.opened_at),
            seen_at=moment(row.seen_at),
            closed_at=None if row.closed_at is None else moment(row.closed_at),
            ruled=self._ruled(tenant_id, row),
            ruled_at=None if row.ruled_at is None else moment(row.ruled_at),
        )

    def _ruled(self, tenant_id: TenantId, row: Row[Any]) -> Ruled | None:
        if row.answer is None:
            return None
        reason = self._reason_of(tenant_id, row)
        account_id = None if row.account_id is None else AccountId(row.account_id)
        return Ruled(Answer(row.answer), row.ruled_by, reason, account_id)

    def _reason_of(self, tenant_id: TenantId, row: Row[Any]) -> str:
        try:
            return self._session.vault.open(tenant_id, _reason(CaseId(row.case_id)), row.reason).decode(
                "utf-8"
            )
        except SealedElsewhereError:
            return ""


@built_once
def _standing(tenant_id: TenantId) -> Select[Any]:
    asked = select(CASES).where(CASES.c.tenant_id == tenant_id, CASES.c.closed_at.is_(None))
    return asked.order_by(CASES.c.opened_at, CASES.c.case_id)


@built_once
def _wanted(tenant_id: TenantId) -> Select[Any]:
    return select(CASES.c.person_id, CASES.c.account_id).where(
        CASES.c.tenant_id == tenant_id,
        CASES.c.closed_at.is_(None),
        CASES.c.answer == Answer.LINK.value,
        CASES.c.account_id.is_not(None),
    )


@built_once
def _unseen(tenant_id: TenantId, run_id: RunId, now: int) -> Update:
    return _close(tenant_id, run_id, now)


@built_once
def _unseen_of(tenant_id: TenantId, run_id: RunId, now: int, person_id: PersonId) -> Update:
    return _close(tenant_id, run_id, now).where(CASES.c.person_id == person_id)


def _close(tenant_id: TenantId, run_id: RunId, now: int) -> Update:
    unseen = (CASES.c.tenant_id == tenant_id, CASES.c.closed_at.is_(None), CASES.c.run_id != run_id)
    return update(CASES).where(*unseen).values(closed_at=now)


def _this(tenant_id: TenantId, case_id: CaseId) -> tuple[Any, Any]:
    return (CASES.c.tenant_id == tenant_id, CASES.c.case_id == case_id)


def _field(facts: bytes) -> str:
    """Name the sealed accounts by their facts: a row found again keeps its first id."""
    return f"cases.sealed:{facts.hex()}"


def _reason(case_id: CaseId) -> str:
    return f"cases.reason:{case_id}"


def _written(candidate: Candidate) -> dict[str, object]:
    return {
        "account": candidate.account_id,
        "name": candidate.name,
        "external_id": candidate.external_id,
        "active": candidate.active,
        "owner": candidate.owner,
        "for": list(candidate.speaks_for),
        "against": list(candidate.speaks_against),
    }


def _read(told: Mapping[str, Any]) -> Candidate:
    return Candidate(
        account_id=AccountId(told["account"]),
        name=told["name"],
        external_id=told["external_id"],
        active=told["active"],
        owner=None if told["owner"] is None else PersonId(told["owner"]),
        speaks_for=tuple(told["for"]),
        speaks_against=tuple(told["against"]),
    )
