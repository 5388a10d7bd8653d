"""Failures, named by what we do next.

StaffettaError
├── TemporaryError        come back later; nothing is lost
│   ├── HeldBackError     we ourselves wait (a limit, a lease, a target that rests); no try is used up
│   └── PromisedError     agreed to for later (HTTP 202); looked for, and for a while not asked for again
├── PermanentError        this row is refused; it dies and a human hears of it
│   ├── KeyTakenError     somebody else holds the unique name (HTTP 409)
│   └── AccountGoneError  the account is not there any more (HTTP 404)
├── TenantBlockedError    credentials or configuration: nothing of this tenant can go on
└── FeedBrokenError       what the source sent is no reading of a company; conclude nothing from it
"""

from datetime import timedelta

from domain.codes import Code


class StaffettaError(Exception):
    """Carry a code of `domain.causes` and a detail that never holds a secret or a person's data."""

    def __init__(self, code: Code, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.code = code
        self.detail = detail


class TemporaryError(StaffettaError):
    """Say that the same call may succeed later.

    `retry_after` is what the other side asked for. `maybe_done` is True when the request was sent and the
    answer never came: the other side may have acted on it.
    """

    def __init__(
        self, code: Code, detail: str = "", *, retry_after: timedelta | None = None, maybe_done: bool = False
    ) -> None:
        super().__init__(code, detail)
        self.retry_after = retry_after
        self.maybe_done = maybe_done


class HeldBackError(TemporaryError):
    """Say that we hold a request back ourselves, or that it only tried whether a resting target is well.

    `retry_after` is our own wish here. It is not the fault of the row or the page, so no try is used up.
    """


class PromisedError(TemporaryError):
    """Say that the other side agreed to do it later (HTTP 202), and does not show it yet.

    It may be done any moment, so nothing is asked for twice while that is to be expected.
    """

    def __init__(self, code: Code = Code.TARGET_PROMISED, detail: str = "") -> None:
        super().__init__(code, detail, maybe_done=True)


class PermanentError(StaffettaError):
    """Say that this very request will never be accepted as it is."""


class KeyTakenError(PermanentError):
    """Say that a unique value of the draft belongs to another account."""


class AccountGoneError(PermanentError):
    """Say that the account was removed in the target behind our back."""


class TenantBlockedError(StaffettaError):
    """Say that nothing of this tenant can go on until a human repairs credentials or configuration."""


class FeedBrokenError(StaffettaError):
    """Say that an answer of the source is not a page of employees (HTML, truncated, refused with 200)."""
