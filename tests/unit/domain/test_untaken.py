"""What an application kept although it agreed is named by its path; what it rewrote was taken."""

import pytest

from domain.account import Account, Scalar
from domain.ids import AccountId
from domain.untaken import still_closed, untaken


def shown(active: bool = True, **values: Scalar) -> Account:
    return Account(AccountId("7"), None, active, values)


@pytest.mark.parametrize(
    ("old", "sent", "now", "kept"),
    [
        ("Miss", "Countess", "Miss", True),
        (None, "Countess", None, True),
        (None, "Countess", "", True),
        ("Miss", None, "Miss", True),
        (True, False, True, True),
        ("Miss", "Countess", "Countess", False),
        ("Miss", "Countess ", "countess", False),
        ("Miss", "Countess", "Cnt.", False),
        ("miss", "Miss", "miss", False),
        ("Miss", None, None, False),
    ],
)
def test_a_value_that_stayed_as_it_was_is_named(old: Scalar, sent: Scalar, now: Scalar, kept: bool) -> None:
    said = untaken({"title": old}, {"title": sent}, shown(title=now))
    assert said == ("the application agreed, and kept what it had at: title" if kept else "")


def test_no_value_is_quoted() -> None:
    assert "Miss" not in untaken({"title": "Miss"}, {"title": "Countess"}, shown(title="Miss"))


def test_whoever_tells_nothing_is_believed() -> None:
    assert untaken({"title": "Miss"}, {"title": "Countess"}, None) == still_closed(None) == ""


def test_an_account_that_stays_closed_is_told() -> None:
    assert still_closed(shown(active=False))
    assert not still_closed(shown())
