"""Dead letters: one for each person, aspect and cause, or message; counted, requeued, dismissed, over."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from sqlite3 import Cursor

import pytest
from sqlalchemy import event

from adapters.database.letters import LONGEST_MESSAGE
from adapters.database.store import SqlStore
from adapters.database.transaction import SqlTransaction
from domain.codes import Code
from domain.ids import INSTALLATION, ChangeId, LetterId, TenantId
from domain.letters import Letter, LetterState
from tests.contracts.store.builders import ACME, NOON, OTHER, HandClock, add_tenant
from tests.contracts.store.plans import Plans, create, refused

L = LetterState


@pytest.fixture
def tenant(store: SqlStore) -> None:
    add_tenant(store)


@pytest.fixture
def plans(store: SqlStore, clock: HandClock) -> Plans:
    return Plans(store, clock)


def write(store: SqlStore, letter_id: str, code: Code = Code.MESSAGE_UNKNOWN, whose: TenantId = ACME) -> bool:
    with store.write() as tx:
        return tx.letters.add(whose, LetterId(letter_id), code, "actor «x»", b"{}")


def every(store: SqlStore, whose: TenantId = ACME) -> list[Letter]:
    with store.read() as tx:
        return list(tx.letters.list(whose, 10, states=()))


def standing(store: SqlStore) -> dict[Code, int]:
    with store.read() as tx:
        return dict(tx.letters.standing(ACME))


def die(plans: Plans, row: ChangeId, code: Code = Code.TARGET_REFUSED) -> None:
    plans.claim(row)
    assert plans.settle(refused(row, code))


def dead(plans: Plans, run: str = "r1") -> ChangeId:
    [row] = plans.released(run, create())
    die(plans, row)
    return row


def dismiss(store: SqlStore, *letters: Letter) -> int:
    with store.write() as tx:
        return tx.letters.dismiss(ACME, [each.letter_id for each in letters], "eve")


@pytest.mark.usefixtures("tenant")
def test_letters_are_listed_the_last_seen_first(store: SqlStore, clock: HandClock) -> None:
    for number in range(3):
        assert write(store, f"l-{number}")
        clock.advance()
    with store.read() as tx:
        letters = tx.letters.list(ACME, 2)
    assert [letter.letter_id for letter in letters] == ["l-2", "l-1"]
    at = NOON + timedelta(seconds=2)
    assert letters[0] == Letter(
        letter_id=LetterId("l-2"),
        tenant_id=ACME,
        code=Code.MESSAGE_UNKNOWN,
        detail="actor «x»",
        state=L.STANDING,
        first_at=at,
        last_at=at,
    )


@pytest.mark.usefixtures("tenant")
def test_the_same_message_is_one_letter_counted_twice(store: SqlStore, clock: HandClock) -> None:
    assert write(store, "l-1")
    later = clock.advance()
    assert not write(store, "l-1")
    (letter,) = every(store)
    assert (letter.count, letter.first_at, letter.last_at) == (2, NOON, later)


@pytest.mark.usefixtures("tenant")
def test_a_message_of_nobody_is_the_installations_and_only_its_head_is_kept(store: SqlStore) -> None:
    with store.write() as tx:
        assert tx.letters.add(INSTALLATION, LetterId("l-1"), Code.MESSAGE_UNKNOWN, "", b"\x00" * 10**6)
        stored = tx.letters.message(INSTALLATION, LetterId("l-1"))
    assert every(store) == []
    assert [letter.tenant_id for letter in every(store, INSTALLATION)] == [INSTALLATION]
    assert stored is not None
    assert len(stored) == LONGEST_MESSAGE


@pytest.mark.usefixtures("tenant")
def test_nobody_reaches_letters_of_another_tenant(store: SqlStore) -> None:
    add_tenant(store, OTHER)
    write(store, "l-1", whose=OTHER)
    with store.write() as tx:
        assert tx.letters.get(ACME, LetterId("l-1")) is None
        assert tx.letters.message(ACME, LetterId("l-1")) is None
        assert tx.letters.dismiss(ACME, [LetterId("l-1")], "eve") == 0
        assert tx.letters.requeued(INSTALLATION, [LetterId("l-1")], "eve") == 0
    assert [letter.state for letter in every(store, OTHER)] == [L.STANDING]


@pytest.mark.usefixtures("tenant")
def test_a_message_that_was_sent_again_is_over_and_stands_again_if_it_comes_back(store: SqlStore) -> None:
    write(store, "l-1")
    with store.write() as tx:
        assert tx.letters.requeued(ACME, [LetterId("l-1")], "eve") == 1
        assert tx.letters.requeued(ACME, [LetterId("l-1")], "eve") == 0
    assert [letter.state for letter in every(store)] == [L.OVER]
    assert standing(store) == {}
    write(store, "l-1")
    (letter,) = every(store)
    assert (letter.state, letter.requeued_at, letter.requeued_by) == (L.STANDING, NOON, "eve")


def test_a_requeued_row_is_under_way_until_it_is_done_and_its_letter_keeps_who_asked(plans: Plans) -> None:
    row = dead(plans)
    (letter,) = every(plans.store)
    assert (letter.state, letter.change_id, letter.person_id) == (L.STANDING, row, "1")
    plans.requeue(row)
    with plans.store.write() as tx:
        assert tx.letters.requeued(ACME, [letter.letter_id], "eve") == 1
    assert [each.state for each in every(plans.store)] == [L.UNDER_WAY]
    assert standing(plans.store) == {Code.TARGET_REFUSED: 1}
    plans.window()
    plans.apply(row)
    (after,) = every(plans.store)
    assert (after.state, after.requeued_by, after.count) == (L.OVER, "eve", 1)
    assert standing(plans.store) == {}


def test_a_row_that_dies_of_something_else_has_another_letter_and_the_first_is_over(plans: Plans) -> None:
    row = dead(plans)
    plans.requeue(row)
    plans.window()
    plans.clock.advance()
    die(plans, row, Code.TARGET_KEY_TAKEN)
    assert [(each.code, each.state) for each in every(plans.store)] == [
        (Code.TARGET_KEY_TAKEN, L.STANDING),
        (Code.TARGET_REFUSED, L.OVER),
    ]


def test_a_row_that_dies_again_in_the_same_moment_has_a_letter_for_each_cause_and_never_two_of_one(
    plans: Plans,
) -> None:
    row = dead(plans)
    told: list[Sequence[LetterId]] = []
    for code in (Code.TARGET_KEY_TAKEN, Code.TARGET_REFUSED, Code.TARGET_KEY_TAKEN):
        plans.requeue(row)
        plans.window()
        plans.claim(row)
        told.append(plans.settle(refused(row, code)))
    counted = {each.code: (each.count, each.state) for each in every(plans.store)}
    assert counted == {Code.TARGET_KEY_TAKEN: (2, L.STANDING), Code.TARGET_REFUSED: (2, L.OVER)}
    assert told == [told[0], told[1], told[0]]
    assert {len(each) for each in told} == {1}
    assert told[0] != told[1]


def test_a_newer_row_that_was_applied_is_the_end_of_a_letter(plans: Plans) -> None:
    dead(plans)
    [newer] = plans.released("r2", create("1", "corrected"))
    assert [each.state for each in every(plans.store)] == [L.UNDER_WAY]
    plans.apply(newer)
    assert [each.state for each in every(plans.store)] == [L.OVER]


def test_a_dismissed_letter_counts_for_nobody_until_the_same_dies_again(plans: Plans) -> None:
    row = dead(plans)
    letters = every(plans.store)
    assert dismiss(plans.store, *letters) == 1
    assert dismiss(plans.store, *letters) == 0
    with plans.store.read() as tx:
        assert tx.letters.list(ACME, 10) == []
        assert tx.changes.refusals(ACME) == {}
    (gone,) = every(plans.store)
    assert (gone.state, gone.dismissed_by, gone.dismissed_at) == (L.DISMISSED, "eve", plans.clock.now())
    plans.requeue(row)
    plans.window()
    die(plans, row)
    assert [(each.state, each.count) for each in every(plans.store)] == [(L.STANDING, 2)]


def test_a_complete_reading_that_does_not_ask_again_ends_a_letter_whose_refusal_is_over(plans: Plans) -> None:
    dead(plans)

    def read() -> list[LetterState]:
        with plans.store.write() as tx:
            tx.letters.close_unwanted(ACME, plans.clock.now())
        return [each.state for each in every(plans.store)]

    plans.clock.advance()
    assert read() == [L.STANDING]
    plans.clock.advance(timedelta(days=1))
    assert read() == [L.OVER]


@pytest.mark.usefixtures("tenant")
def test_a_reading_ends_failed_messages_which_were_rung_again_but_no_unknown_ones(
    store: SqlStore, clock: HandClock
) -> None:
    write(store, "failed", Code.INTERNAL)
    write(store, "unknown")
    later = clock.advance()
    with store.write() as tx:
        assert tx.letters.close_unwanted(ACME, later) == 1
    assert standing(store) == {Code.MESSAGE_UNKNOWN: 1}


def ways(plans: Plans, ask: Callable[[SqlTransaction], object]) -> str:
    """Return by which ways SQLite looks up what a question asks of the store."""
    found: list[str] = []
    with plans.store.write() as tx:
        connection = tx.session.connection

        def look(
            _: object, cursor: Cursor, statement: str, parameters: tuple[object, ...], *__: object
        ) -> None:
            found.extend(str(row) for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))

        event.listen(connection, "before_cursor_execute", look)
        ask(tx)
        event.remove(connection, "before_cursor_execute", look)
    return "\n".join(found)


QUESTIONS: dict[str, Callable[[SqlTransaction], object]] = {
    "who was refused lately": lambda tx: tx.changes.refusals(ACME),
    "which letters are over": lambda tx: tx.letters.close_unwanted(ACME, NOON),
}


@pytest.mark.parametrize("backend", ["sqlite"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_refusal_finds_its_letter_and_a_letter_its_refusal_without_reading_all_of_them(
    plans: Plans, question: str
) -> None:
    found = ways(plans, QUESTIONS[question])
    inner = found.partition("CORRELATED")[2]
    assert "person_id=? AND aspect=?" in inner
    assert "(tenant_id=?)" not in inner
