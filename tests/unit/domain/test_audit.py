"""The chain of the audit, without a database: whatever is altered, removed, added or swapped is found."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.audit import (
    ITSELF,
    About,
    Chain,
    Deed,
    Entry,
    Mark,
    Note,
    first_broken,
    link,
    moved,
    seal_of,
    walk,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
STOP = Note(Deed.STOPPED, "operator:ina", About.TENANT, "acme", meant="active")


def digest(text: str) -> str:
    return hmac.digest(b"key", text.encode(), hashlib.sha256).hex()


def chained(count: int) -> tuple[list[Entry], Chain]:
    entries: list[Entry] = []
    chain = Chain(seal=seal_of(Chain(), digest))
    for number in range(1, count + 1):
        bare, tip = link(STOP, number, NOON + timedelta(hours=number), chain.tip.hash, digest)
        entries.append(replace(bare, hash=tip.hash))
        chain = moved(chain, digest, tip=tip)
    return entries, chain


def test_a_chain_as_it_was_written_is_whole() -> None:
    assert first_broken(*chained(5), digest) is None
    assert first_broken(*chained(0), digest) is None


ALTERATIONS: dict[str, Callable[[Entry], Entry]] = {
    "at": lambda entry: replace(entry, at=NOON),
    "by": lambda entry: replace(entry, by="operator:somebody"),
    "deed": lambda entry: replace(entry, deed=Deed.PAUSED.value),
    "about": lambda entry: replace(entry, about=About.RUN.value),
    "about_id": lambda entry: replace(entry, about_id="other"),
    "count": lambda entry: replace(entry, count=2),
    "meant": lambda entry: replace(entry, meant=""),
    "previous": lambda entry: replace(entry, previous=""),
    "hash": lambda entry: replace(entry, hash="00"),
}


@pytest.mark.parametrize("field", ALTERATIONS)
def test_an_entry_that_was_altered_anywhere_is_named(field: str) -> None:
    entries, chain = chained(5)
    entries[2] = ALTERATIONS[field](entries[2])
    assert first_broken(entries, chain, digest) == 3


def test_an_entry_that_was_altered_and_hashed_anew_without_the_key_is_named() -> None:
    entries, chain = chained(5)
    bare = replace(entries[2], by="operator:somebody")
    entries[2] = replace(bare, hash=hashlib.sha256(repr(bare).encode()).hexdigest())
    assert first_broken(entries, chain, digest) == 3


@pytest.mark.parametrize("gone", range(5))
def test_an_entry_that_is_missing_is_named_also_at_both_ends(gone: int) -> None:
    entries, chain = chained(5)
    del entries[gone]
    assert first_broken(entries, chain, digest) == gone + 1


def test_two_entries_that_changed_places_are_named() -> None:
    entries, chain = chained(5)
    entries[1], entries[2] = replace(entries[2], number=2), replace(entries[1], number=3)
    assert first_broken(entries, chain, digest) == 2


def test_an_entry_behind_the_end_is_named() -> None:
    entries, chain = chained(5)
    _, shorter = chained(4)
    assert first_broken(entries, shorter, digest) is not None
    assert first_broken([*entries, replace(entries[4], number=6)], chain, digest) == 6


def test_the_ends_of_a_chain_cannot_be_moved_without_the_key() -> None:
    entries, chain = chained(5)
    assert first_broken(entries[:4], replace(chain, tip=entries[3].mark), digest) == ITSELF
    assert first_broken(entries[2:], replace(chain, anchor=entries[1].mark), digest) == ITSELF


def test_a_seal_that_was_broken_once_is_never_mended_by_going_on() -> None:
    entries, chain = chained(3)
    cut = replace(chain, tip=entries[1].mark)
    bare, tip = link(STOP, 3, NOON, cut.tip.hash, digest)
    gone_on = moved(cut, digest, tip=tip)
    assert first_broken([*entries[:2], replace(bare, hash=tip.hash)], gone_on, digest) == ITSELF


def test_what_was_pruned_is_not_missed() -> None:
    entries, chain = chained(5)
    end = walk(entries[:3], chain.anchor, digest)
    assert isinstance(end, Mark)
    assert first_broken(entries[3:], moved(chain, digest, anchor=end), digest) is None


@pytest.mark.parametrize("text", ["ada@acme.example", "Ada Lovelace", "x" * 81])
def test_what_is_no_id_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="no id of a person") as refused:
        Note(Deed.OVERRIDE_SET, "operator:ina", About.PERSON, text)
    assert text not in str(refused.value)


def test_what_was_meant_is_a_fingerprint_in_the_entry() -> None:
    (entry,), _ = chained(1)
    assert entry.meant == digest("active")
