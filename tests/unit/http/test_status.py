"""What a status says of the server behind it."""

import pytest

from adapters.http import Reply, is_unwell, may_have_acted


@pytest.mark.parametrize("status", [407, 408, 421, 429, 500, 502, 503, 504, 505, 507, 520, 525, 529, 599])
def test_a_server_that_may_be_well_later_is_unwell(status: int) -> None:
    assert is_unwell(status)


@pytest.mark.parametrize("status", [200, 204, 302, 400, 401, 403, 404, 405, 409, 412, 423, 425, 428, 501])
def test_an_answer_about_the_request_says_that_the_server_is_well(status: int) -> None:
    assert not is_unwell(status)
    assert not may_have_acted(Reply(status, {}, b""))


@pytest.mark.parametrize(
    ("status", "retry_after", "acted"),
    [
        (503, None, True),
        (503, "120", False),
        (503, "", True),
        *[(turned_away, None, False) for turned_away in (407, 421, 429)],
        (500, "120", True),
    ],
)
def test_only_who_names_a_time_has_surely_turned_a_write_away(
    status: int, retry_after: str | None, acted: bool
) -> None:
    headers = {} if retry_after is None else {"retry-after": retry_after}
    assert may_have_acted(Reply(status, headers, b"")) is acted
