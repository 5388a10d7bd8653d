"""Fingerprint what is wished: to carry open rows, and to remember what was decided."""

import json

from adapters.database.session import Session
from domain.compare import Wish
from domain.config import Configuration
from domain.decisions import essence
from domain.ids import TenantId

Fingerprint = bytes


def digest_of(session: Session, tenant_id: TenantId, wish: Wish, config: Configuration) -> Fingerprint:
    """Fingerprint a wish of one configuration: two plans that want the same have the same."""
    told = [
        wish.person_id,
        wish.aspect,
        wish.action,
        wish.after,
        wish.after_manager,
        wish.cause,
        config.rules_version,
    ]
    return session.digest(tenant_id, "change", json.dumps(told, sort_keys=True, default=dict))


def essence_of(session: Session, tenant_id: TenantId, wish: Wish, config: Configuration) -> Fingerprint:
    """Fingerprint what a human's decision over a wish binds to."""
    return session.digest(tenant_id, "decision", essence(wish, config))
