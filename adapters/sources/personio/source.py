"""Read a company from Personio's v1 API, page by page, trusting rows more than totals."""

from typing import Any, Final

import msgspec

from adapters.http import Outbound, Reply
from adapters.sources.personio.client import Client
from adapters.sources.personio.failures import of_reply
from adapters.sources.personio.reading import read, refusal, refused_error
from adapters.sources.personio.references import NoIdError, is_id
from adapters.sources.personio.translate import readers_of, to_attribute, to_count, to_employee, to_total
from domain.budget import Ask
from domain.codes import Code
from domain.employee import Attribute, Employee, Page
from domain.errors import FeedBrokenError
from domain.ids import PersonId
from domain.ports_world import Budget, Clock, Source, Tokens
from schemas.personio import ID_KEY, AttributeList, Shapes

EMPLOYEES_PATH: Final = "/v1/company/employees"
ATTRIBUTES_PATHS: Final = ("/v1/company/employees/attributes", "/v1/company/employees/custom-attributes")
"""Personio: the second is an alias of the first, and the elder."""
_ATTRIBUTES: Final = msgspec.json.Decoder(AttributeList)


class PersonioSource(Source):
    """Read employees with one credential.

    `wanted` names the attribute keys that mapping and scope need; all others are skipped undecoded.
    An attribute that could not be read counts as not told, so that the old value stays in the target; the
    person names it as unreadable. `patient` sleeps through long waits for the rate limit, for one who waits.
    """

    def __init__(
        self,
        *,
        outbound: Outbound,
        client_id: str,
        client_secret: str,
        tokens: Tokens,
        clock: Clock,
        budget: Budget,
        wanted: frozenset[str],
        page_size: int = 100,
        app_id: str = "STAFFETTA",
        patient: bool = False,
    ) -> None:
        self._client = Client(
            outbound=outbound,
            client_id=client_id,
            client_secret=client_secret,
            tokens=tokens,
            clock=clock,
            budget=budget,
            app_id=app_id,
            patient=patient,
        )
        self._clock = clock
        self._show_id = ID_KEY in wanted
        self._page_size = page_size
        shapes = Shapes(wanted)
        self._readers = readers_of(shapes.keys)
        self._pages: msgspec.json.Decoder[Any] = msgspec.json.Decoder(shapes.page)
        self._records: msgspec.json.Decoder[Any] = msgspec.json.Decoder(shapes.one)

    def attributes(self) -> tuple[Attribute, ...]:
        """Tell which attributes this credential may read; Personio omits all others without a word."""
        reply = self._client.get(ATTRIBUTES_PATHS[0])
        if reply.status == 404 and refusal(reply) is None:
            reply = self._client.get(ATTRIBUTES_PATHS[1])
        reply = self._ok(reply, "the list of attributes")
        rows = self._successful(reply, _ATTRIBUTES).data
        return tuple(found for found in map(to_attribute, rows) if found is not None)

    def page(self, cursor: str | None) -> Page:
        """Read one page. The cursor counts rows received, so a page cut short by the server loses nobody."""
        offset = _offset(cursor)
        params = (("limit", str(self._page_size)), ("offset", str(offset)))
        reply = self._ok(self._client.get(EMPLOYEES_PATH, params, Ask.LIST), "the list of employees")
        answer = self._successful(reply, self._pages)
        total = to_total(answer.metadata)
        if offset and offset == total == len(answer.data) and to_count(answer.offset) == 0:
            return Page((), total, None)  # everybody came, and who was asked for more began anew
        employees = tuple(self._employee(record, number) for number, record in enumerate(answer.data, 1))
        following = str(offset + len(employees)) if employees else None
        return Page(employees, total, following)

    def person(self, person_id: PersonId) -> Employee | None:
        """Read one record; None only when Personio's own error envelope says that there is none."""
        if not is_id(person_id):
            raise ValueError("a person's id holds letters, digits, «-» and «_» only")
        reply = self._client.get(f"{EMPLOYEES_PATH}/{person_id}")
        if reply.status == 404 and refusal(reply) is not None:
            return None
        answer = self._successful(self._ok(reply, "one employee"), self._records)
        employee = self._employee(answer.data, 1)
        if employee.person_id != person_id:
            raise FeedBrokenError(Code.FEED_BROKEN, "asked for one person, got another")
        return employee

    def _ok(self, reply: Reply, asked: str) -> Reply:
        if reply.status != 200:
            raise of_reply(reply, self._clock.now(), what=asked)
        return reply

    def _successful(self, reply: Reply, decoder: msgspec.json.Decoder[Any]) -> Any:  # noqa: ANN401  shapes are made at run time
        answer = read(reply, decoder)
        if answer.success is not True:
            refused = refusal(reply)
            if refused is not None:
                raise refused_error(reply, refused)
            raise FeedBrokenError(Code.FEED_BROKEN, "an answer without success: true")
        return answer

    def _employee(self, record: Any, number: int) -> Employee:  # noqa: ANN401  as above
        row = msgspec.structs.astuple(record.attributes)
        try:
            return to_employee(self._readers, row, show_id=self._show_id)
        except NoIdError:
            raise FeedBrokenError(
                Code.FEED_ROW_UNREADABLE, f"record {number} of the answer has no usable id"
            ) from None


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit()):
        raise FeedBrokenError(Code.FEED_BROKEN, "the cursor of this feed is no row count")
    return int(cursor)
