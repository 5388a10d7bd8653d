"""The audit: what humans did to a tenant, as a chain in which every entry names the one before.

An entry holds ids, kinds and digests, never a value. Its hash is made with a key of the tenant, so whoever
can write to the database but has no key can neither alter an entry nor add one unseen.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.plain import one_line

Digest = Callable[[str], str]
"""Fingerprints a text under the tenant's key, as hex digits."""

ITSELF = 0
"""Stands for the chain's own row, which says where it begins and ends, where an entry has a number."""

LONGEST_ID = 80
LONGEST_NAME = 130


class Deed(StrEnum):
    """Everything that is audited; a deed that was recorded once never changes its name."""

    TENANT_ADDED = "tenant-added"
    CREDENTIALS_REPLACED = "credentials-replaced"
    OWNERS_CHANGED = "owners-changed"
    CONFIGURATION_SET = "configuration-set"
    CONFIGURATION_PROPOSED = "configuration-proposed"
    CONFIGURATION_DISCARDED = "configuration-discarded"
    CONFIGURATION_APPLIED = "configuration-applied"
    CONFIGURATION_ROLLED_BACK = "configuration-rolled-back"
    RUN_ASKED = "run-asked"
    ACTIVATED = "activated"
    PAUSED = "paused"
    RESUMED = "resumed"
    STOPPED = "stopped"
    FIRST_YES = "first-yes"
    APPROVED = "approved"
    REJECTED = "rejected"
    UNDONE = "undone"
    OVERRIDE_SET = "override-set"
    OVERRIDE_ENDED = "override-ended"
    CASE_RULED = "case-ruled"
    CASE_RULED_ANEW = "case-ruled-anew"
    DECISION_ENDED = "decision-ended"
    DELETIONS_CANCELLED = "deletions-cancelled"
    FEED_ACCEPTED = "feed-accepted"
    LETTERS_REQUEUED = "letters-requeued"
    LETTERS_DISMISSED = "letters-dismissed"


class About(StrEnum):
    """What kind of thing a deed was done to."""

    TENANT = "tenant"
    CONFIGURATION = "configuration"
    RUN = "run"
    LIST = "list"
    PERSON = "person"
    CASE = "case"
    CHANGE = "change"
    FEED = "feed"
    LETTERS = "letters"


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody did, as it is told to the audit. `meant` is fingerprinted and never stored."""

    deed: Deed
    by: str
    about: About
    about_id: str
    count: int = 1
    meant: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Refuse what is no id: an e-mail or a name would stay readable for two years."""
        if len(self.about_id) > LONGEST_ID or "@" in self.about_id or " " in self.about_id:
            raise ValueError(
                f"the audit of «{self.deed}» was given something that is no id of a {self.about}"
            )


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a chain: the number and the hash of one entry."""

    number: int = 0
    hash: str = ""


START = Mark()


@dataclass(frozen=True, slots=True)
class Chain:
    """Where a chain begins (the last entry that was pruned) and where it ends, sealed by a digest."""

    anchor: Mark = START
    tip: Mark = START
    seal: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One deed in a tenant's chain, with the hash of the entry before and its own."""

    number: int
    at: datetime
    by: str
    deed: str
    about: str
    about_id: str
    count: int
    meant: str
    previous: str
    hash: str = ""

    @property
    def mark(self) -> Mark:
        """Name this entry's place."""
        return Mark(self.number, self.hash)


def link(note: Note, number: int, at: datetime, previous: str, digest: Digest) -> tuple[Entry, Mark]:
    """Make the entry with this number, and the place that the chain ends at with it."""
    by, meant = one_line(note.by, LONGEST_NAME), digest(note.meant) if note.meant else ""
    about = (note.about.value, note.about_id, note.count, meant, previous)
    bare = Entry(number, at, by, note.deed.value, *about)
    return bare, Mark(number, hash_of(bare, digest))


def hash_of(entry: Entry, digest: Digest) -> str:
    """Fingerprint all that an entry says, and the hash of the one before it."""
    said = (entry.by, entry.deed, entry.about, entry.about_id, entry.count, entry.meant, entry.previous)
    return digest(json.dumps(["entry", entry.number, entry.at.isoformat(), *said]))


def seal_of(chain: Chain, digest: Digest) -> str:
    """Fingerprint where a chain begins and ends, so that neither end can be cut off unseen."""
    ends = (chain.anchor.number, chain.anchor.hash, chain.tip.number, chain.tip.hash)
    return digest(json.dumps(["chain", *ends]))


def moved(chain: Chain, digest: Digest, *, anchor: Mark | None = None, tip: Mark | None = None) -> Chain:
    """Move an end of a chain and seal it anew; a seal that was broken before stays broken for ever."""
    after = Chain(anchor or chain.anchor, tip or chain.tip, chain.seal)
    whole = chain.seal == seal_of(chain, digest)
    return Chain(after.anchor, after.tip, seal_of(after, digest)) if whole else after


def walk(entries: Iterable[Entry], begin: Mark, digest: Digest) -> Mark | int:
    """Follow entries from a place on: returns the place of the last, or the first number that is broken."""
    at = begin
    for entry in entries:
        if entry.number != at.number + 1:
            return at.number + 1
        if entry.previous != at.hash or entry.hash != hash_of(entry, digest):
            return entry.number
        at = entry.mark
    return at


def first_broken(entries: Iterable[Entry], chain: Chain, digest: Digest) -> int | None:
    """Tell which entry is missing, altered, added or out of place; `ITSELF` means the chain's own row."""
    if chain.seal != seal_of(chain, digest):
        return ITSELF
    end = walk(entries, chain.anchor, digest)
    if isinstance(end, int):
        return end
    return None if end == chain.tip else end.number + 1
