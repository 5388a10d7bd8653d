"""Take an address from an operator: judged by what can be seen of it, before a secret is stored for it."""

import re

from adapters.http import AddressPolicy, ForbiddenAddress, place_of, split_url
from bootstrap.cli.secrets_in import UsageRefusedError

URL = re.compile(r"(?i:https?)://[^\s/@?#]+(/[^\s?#]*)?")


def checked_url(text: str, option: str, policy: AddressPolicy) -> str:
    """Take an address; whatever can be seen of it without a look-up is judged before a secret is stored."""
    no_address = UsageRefusedError(
        f"{option} is no plain address ({len(text)} characters).",
        "Write https://host/path, without user, password, «?» or «#».",
    )
    if URL.fullmatch(text) is None:
        raise no_address
    try:
        policy.check_url(split_url(text)[0])
        return one_spelling(text)
    except ForbiddenAddress as error:
        raise UsageRefusedError(
            f"{option} may not be used: {error}.",
            "Name a public https address. For one in your own network, the operator sets"
            " STAFFETTA_ALLOW_PRIVATE_TARGETS=1.",
        ) from None
    except ValueError:
        raise no_address from None


def one_spelling(url: str) -> str:
    """Write an address as it is stored, so that all tenants of one application store the same."""
    place = place_of(url)
    return place.origin + place.path


def checked_source_url(text: str, policy: AddressPolicy) -> str:
    """Take Personio's address: an origin, since below it Personio's own paths are asked and no others."""
    url = checked_url(text, "--source-url", policy)
    _, path = split_url(url)
    if path:
        raise UsageRefusedError(
            f"--source-url (or [source] url) has a path of {len(path)} characters, which nobody would ask.",
            "Write https://host alone: Personio is asked at /v1/… of that host. A proxy in front of it needs"
            " a host name of its own.",
        )
    return url
