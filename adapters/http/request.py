"""What a request may look like: an origin that is only an origin, a path that cannot leave it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import quote, urlencode, urlsplit

from adapters.http.errors import UnfitHeaderError

_DEFAULT_PORTS = {"https": 443, "http": 80}
_PATH = re.compile(r"/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*")
_DOTS = re.compile(r"(?:^|/)(?:\.|%2[eE]){1,2}(?:/|$)")
_WORD = re.compile(r"[A-Za-z][A-Za-z_.\-]{0,39}|v[0-9]{1,3}(?:\.[0-9]{1,3})?")
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FOUR_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+){3}")
_VALUE = re.compile(r"[\x20-\x7e\t]*")


@dataclass(frozen=True, slots=True)
class Origin:
    """Hold scheme, host and port of the only place one `Outbound` talks to."""

    scheme: str
    host: str
    port: int

    @property
    def url(self) -> str:
        """Write the origin as a URL, with IPv6 in brackets and without a default port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        suffix = "" if _DEFAULT_PORTS[self.scheme] == self.port else f":{self.port}"
        return f"{self.scheme}://{host}{suffix}"


def parse_origin(text: str) -> Origin:
    """Accept `https://host[:port]` and nothing else; a path belongs to the request."""
    parts = urlsplit(text)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError("an origin reads https://host or https://host:port")
    if parts.username is not None or parts.password is not None:
        raise ValueError("an origin holds no user name or password; give credentials on their own")
    if parts.path not in {"", "/"} or parts.query or parts.fragment or "%" in parts.netloc:
        raise ValueError(
            "an origin holds no path, query, fragment or escape; the path belongs to the request"
        )
    host = parts.hostname.encode("idna").decode("ascii")
    if _FOUR_NUMBERS.fullmatch(host) and not is_literal(host):
        raise ValueError("an origin writes an IPv4 address as four numbers up to 255, without leading zeros")
    return Origin(parts.scheme, host, parts.port or _DEFAULT_PORTS[parts.scheme])


@dataclass(frozen=True, slots=True)
class Place:
    """Name where an address leads, whatever its spelling: «HTTPS://App.Example:443/x/» is «https://app.example/x»."""

    origin: str
    path: str


def split_url(url: str) -> tuple[str, str]:
    """Split a URL into its origin, which secrets are bound to, and the path below it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")


def place_of(url: str) -> Place:
    """Tell where an address leads, so that two spellings of one place compare equal."""
    origin, path = split_url(url)
    return Place(parse_origin(origin).url, path)


def is_literal(host: str) -> bool:
    """Tell an IP address, written as the standard asks, from a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def target_of(path: str, params: Sequence[tuple[str, str]]) -> str:
    """Join path and query, or refuse a path that could lead to another origin or up the tree.

    A blank is written as %20: «+» for it is a custom of web forms, and not every server knows it in a filter.
    """
    if path.startswith("//") or not _PATH.fullmatch(path):
        raise ValueError("a path starts with one «/», is percent-encoded and holds no query or fragment")
    if _DOTS.search(path):
        raise ValueError("a path holds no «.» or «..» segments")
    return f"{path}?{urlencode(params, quote_via=quote)}" if params else path


def header_lines(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Encode headers, or name the one that could smuggle in another line."""
    for name, value in headers.items():
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise UnfitHeaderError(f"header {name[:40]!r}: only visible ASCII fits into a header")
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def template_of(path: str) -> str:
    """Mask what may be an id or a name: whatever follows a collection (`/Users/anna`) or is no plain word."""
    shown: list[str] = []
    for segment in path.split("/"):
        after_collection = bool(shown) and shown[-1].endswith("s")
        keep = segment == "" or (not after_collection and _WORD.fullmatch(segment) is not None)
        shown.append(segment if keep else "{}")
    return "/".join(shown)
