"""Take nothing for done that a server agreed to do later (202): only what an account shows was done.

WSO2 Identity Server answers so, without a body, where somebody has to approve it first, and where it failed
to do it. A second request there is a second thing to approve.
"""

from collections.abc import Mapping
from typing import Any

from adapters.targets.scim.path import Path, look
from adapters.targets.scim.translate import ACTIVE, MANAGER, Changes, account_of, aimed, is_told
from domain.codes import Code
from domain.errors import PromisedError
from domain.promises import NOT_SHOWN
from schemas.scim import Resource


def promised(changes: Changes) -> PromisedError:
    """Say that a change was agreed to for later; of a closing that the door is open until then."""
    closes = changes.get(ACTIVE) is False
    return PromisedError(Code.TARGET_STILL_OPEN if closes else Code.TARGET_PROMISED, NOT_SHOWN)


def shows(changes: Changes, account: Resource) -> bool:
    """Say whether an account shows every one of these changes; what it does not tell is not shown."""
    return all(_is_shown(path, value, account) for path, value in changes.items())


def lacks_an_element(changes: Changes, account: Resource) -> bool:
    """Say whether a change names an element of a list that is not there: the server could not follow then."""
    return any(operation["op"] == "add" for operation in aimed(changes, account))


def _is_shown(path: Path, value: Any, account: Resource) -> bool:  # noqa: ANN401  JSON
    if path == MANAGER:
        wanted: object = value["value"] if isinstance(value, Mapping) else value
        return account_of(account, {}).manager == wanted
    now = look(path, account)
    return is_told(now, value) if now is not None or value is None else False
