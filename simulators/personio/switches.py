"""How this Personio behaves where the real one is unknown or differs between companies."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from simulators.personio.company import Order

AtLeastOne = Annotated[int, msgspec.Meta(ge=1)]


class Switches(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Every knob with its default; `with_` gives a copy with some of them turned."""

    latency_ms: float = 0
    """How long a page of the employee list takes."""
    order: Order = "newest"
    """Recorded lists were newest first; Personio promises nothing."""
    over_limit: Literal["clamp", "refuse"] = "clamp"
    """What happens to `limit=500`: it counts as 100, or it is a 422."""
    query_string_login: Literal["allow", "refuse"] = "refuse"
    echo_authorization: bool = True

    rate_limits: bool = True
    employees_per_minute: AtLeastOne = 300
    employees_per_second: AtLeastOne = 15
    ip_per_minute: AtLeastOne = 2000
    logins_per_minute: AtLeastOne = 60
    login_cool_down_seconds: float = 60
    retry_after: Literal["absent", "seconds", "http-date"] = "absent"
    """What a 429 of the limits above says about when to come back."""
    token_seconds: int = 86_400

    empty: Literal["usual", "null", "text", "list", "mixed"] = "usual"
    """How empty references arrive: as each attribute does it, all as null, "" or [], or varying by person."""
    tags: Literal["mixed", "joined", "json"] = "mixed"
    """Tags as `A,B`, as a JSON array in a string, or one attribute each way."""
    dates: Literal["colon", "plain", "bare"] = "colon"
    """`+01:00`, `+0100`, or the calendar date alone."""
    hours: Literal["text", "number"] = "text"
    supervisor: Literal["full", "id"] = "full"
    language: Literal["en", "de"] = "en"
    """The language of the labels."""
    attribute_shape: Literal["full", "bare"] = "full"
    """Recordings from before November 2021 lack `type` and `universal_id`."""

    updated_since_zone: str = "UTC"
    """The zone in which a time without offset is read; nobody outside knows Personio's."""
    updated_since_echo_minutes: float = 0
    """For how long somebody still counts as updated after the moment asked for."""

    def __post_init__(self) -> None:
        """Refuse a zone that nobody knows, before it is needed."""
        try:
            ZoneInfo(self.updated_since_zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("updated_since_zone takes the name of a time zone, as Europe/Berlin") from None

    def with_(self, **turned: object) -> "Switches":
        """Turn some knobs; an unknown knob or a setting it does not have is refused."""
        return msgspec.convert({**msgspec.structs.asdict(self), **turned}, Switches)
