"""See in a filter which index answers it, so that a look-up does not read everybody."""

from simulators.scim.filters import Both, Compare, Filter, Within
from simulators.scim.store import IndexKey

_EXACT = {"id": "id", "externalid": "externalId"}
_FOLDED = {"username": "userName", "displayname": "displayName"}
_EMAIL_PATHS = frozenset({"emails", "emails.value"})


def index_key(node: Filter) -> IndexKey | None:
    """Name the index key that every match must carry, or None where all must be read."""
    match node:
        case Compare(operator="eq", value=str()):
            return _of_equality(node.path, str(node.value))
        case Both():
            return index_key(node.left) or index_key(node.right)
        case Within() if node.path.lower() == "emails":
            return _of_email(node.inner)
        case _:
            return None


def _of_equality(path: str, value: str) -> IndexKey | None:
    lowered = path.rsplit(":", 1)[-1].lower()
    if lowered in _EXACT:
        return _EXACT[lowered], value
    if lowered in _EMAIL_PATHS:
        return "emails", value.lower()
    name = _FOLDED.get(lowered)
    return (name, value.lower()) if name else None


def _of_email(inner: Filter) -> IndexKey | None:
    match inner:
        case Compare(operator="eq", value=str()) if inner.path.lower() == "value":
            return "emails", str(inner.value).lower()
        case Both():
            return _of_email(inner.left) or _of_email(inner.right)
        case _:
            return None
