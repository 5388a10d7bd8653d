"""What a SCIM server says about itself, compared with what the tenant wants to write. Reads only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from adapters.targets.scim.listing import Listing, Slice
from adapters.targets.scim.path import Path, get
from adapters.targets.scim.searching import Search
from adapters.targets.scim.session import USERS, Session
from adapters.targets.scim.translate import EXTERNAL_ID, USER_NAME
from domain.account import Capabilities, Finding, TargetReport
from domain.codes import Code
from domain.errors import StaffettaError, TemporaryError
from schemas.scim import (
    ENTERPRISE,
    USER,
    Attribute,
    ResourceTypes,
    Schema,
    Schemas,
    ServiceProviderConfig,
)

Shape = TypeVar("Shape")

_BROKEN = 500
_OLD = "urn:scim:schemas:core:1."
_OURS = ("id", "externalId", "schemas", "meta")
"""Common attributes (RFC 7643, 3.1): every account has them, no schema need list them."""


@dataclass(frozen=True, slots=True)
class Described:
    """Hold the attributes the server knows, by URN in lower case; none if it told us nothing."""

    schemas: Mapping[str, Schema]
    extensions: frozenset[str] | None

    def lacks(self, path: Path) -> str | None:
        """Say why this path cannot be written, or None if it can, or if nobody knows."""
        schema = self.schemas.get((path.schema or USER).lower())
        if schema is None:
            return self._lacks_extension(path)
        if not path.schema and path.attribute.lower() in map(str.lower, _OURS):
            return None
        attribute = _named(schema.attributes, path.attribute)
        if attribute is None:
            return "the target has no such attribute"
        return _misfit(path, attribute)

    def required(self) -> Iterable[str]:
        """Name what a new account must have; only what clients can give counts."""
        core = self.schemas.get(USER.lower())
        for attribute in core.attributes if core is not None else ():
            if attribute.required and attribute.mutability != "readOnly":
                yield attribute.name

    @property
    def knows_manager(self) -> bool:
        """Say whether accounts can point at a manager; silence means yes."""
        return self.lacks(Path(ENTERPRISE, "manager", (), "value")) is None

    def _lacks_extension(self, path: Path) -> str | None:
        """Blame an extension only if the server listed what it has, and this is not among it."""
        silent = not self.schemas and self.extensions is None
        if silent or not path.schema or path.schema.lower() in (self.extensions or ()):
            return None
        return "the target has no such extension"


def look_around(session: Session, search: Search, paths: Mapping[str, Path], page_size: int) -> TargetReport:
    """Report on the server; failures become findings. The list first: discovery is often open to all."""
    problems: list[Finding] = []
    config = ServiceProviderConfig()
    described = Described({}, None)
    deaf: list[Finding] = []
    listed = _list(session, page_size, problems)
    if listed is not None:
        config = _asked(session, "/ServiceProviderConfig", ServiceProviderConfig, problems) or config
        described = _described(session, problems)
        problems += _second_page(session, listed, page_size)
        problems += [*_of_another_time(listed), *_unknown(described, paths), *_unmapped(described, paths)]
        deaf = list(_deaf(search, listed))
    capabilities = Capabilities(
        patch=config.patch.supported,
        filter=config.filter.supported and not deaf,
        manager=described.knows_manager,
        page_size=min(page_size, config.filter.max_results or page_size),
    )
    return TargetReport(capabilities, (*problems, *deaf))


def _list(session: Session, page_size: int, problems: list[Finding]) -> Slice | None:
    try:
        return Listing(session, page_size).everybody(None)
    except StaffettaError as error:
        problems.append(Finding(error.code, USERS, error.detail))
        return None


def _second_page(session: Session, listed: Slice, page_size: int) -> Iterable[Finding]:
    """Read on once where there is more: a list that shows its first page for ever is found out only so."""
    more = listed.total is None or listed.total > len(listed.resources)
    if not listed.resources or listed.cursor is None or not more:
        return
    try:
        Listing(session, page_size).page(listed.cursor)
    except StaffettaError as error:
        endless = error.code is Code.TARGET_NOT_SCIM
        code = Code.TARGET_LIST_ENDLESS if endless else error.code
        yield Finding(code, USERS, error.detail, blocks=not endless)


def _of_another_time(listed: Slice) -> Iterable[Finding]:
    """Recognise SCIM 1.1, whose list looks alike and whose PATCH means something else."""
    urns = [str(get(one, "schemas")).lower() for one in listed.resources]
    if any(_OLD in told for told in urns):
        yield Finding(
            Code.TARGET_NOT_SCIM,
            USERS,
            "the accounts are of SCIM 1.1; this is no address of 2.0",
        )


def _deaf(search: Search, listed: Slice) -> Iterable[Finding]:
    """Look for somebody whom the list shows; a server that does not find them is worked around, slowly."""
    for path in (EXTERNAL_ID, USER_NAME):
        try:
            honours = search.honours(path, listed)
        except StaffettaError as error:
            yield Finding(error.code, f"?filter={path.asked}", error.detail)
            continue
        if honours is False:
            detail = "the whole list is read for each look-up instead"
            yield Finding(Code.TARGET_FILTER_IGNORED, path.asked, detail, blocks=False)


def _asked(session: Session, path: str, shape: type[Shape], problems: list[Finding]) -> Shape | None:
    """Read a discovery endpoint. Not having one is fine; not answering leaves us in doubt.

    One that breaks (500) while the list is told may do so for ever: it is named, and stands in nobody's way.
    """
    broken = False
    try:
        answer = session.ask("GET", path)
        if answer.good:
            return session.shape(answer, shape)
        error, broken = session.error_of(answer), answer.status == _BROKEN
    except TemporaryError as failure:
        error = failure
    if isinstance(error, TemporaryError) and error.code is not Code.TARGET_NOT_SCIM:
        problems.append(Finding(error.code, path, error.detail, blocks=not broken))
    return None


def _described(session: Session, problems: list[Finding]) -> Described:
    types = _asked(session, "/ResourceTypes", ResourceTypes, problems)
    schemas = _asked(session, "/Schemas", Schemas, problems) or Schemas()
    return Described({schema.id.lower(): schema for schema in schemas.resources}, _extensions(types))


def _extensions(types: ResourceTypes | None) -> frozenset[str] | None:
    users = [one for one in types.resources if one.schema.lower() == USER.lower()] if types else []
    if not users:
        return None
    return frozenset(extension.schema.lower() for one in users for extension in one.schema_extensions or ())


def _unknown(described: Described, paths: Mapping[str, Path]) -> Iterable[Finding]:
    for text, path in sorted(paths.items()):
        reason = described.lacks(path)
        if reason is not None:
            yield Finding(Code.TARGET_ATTRIBUTE_UNKNOWN, text, reason)


def _unmapped(described: Described, paths: Mapping[str, Path]) -> Iterable[Finding]:
    mapped = {path.attribute.lower() for path in paths.values() if not path.schema}
    for name in described.required():
        if name.lower() not in mapped | set(map(str.lower, _OURS)):
            yield Finding(Code.TARGET_ATTRIBUTE_REQUIRED, name, blocks=False)


def _named(attributes: Iterable[Attribute], name: str) -> Attribute | None:
    return next((one for one in attributes if one.name.lower() == name.lower()), None)


def _misfit(path: Path, attribute: Attribute) -> str | None:
    """Say why an attribute that exists cannot hold this value."""
    if attribute.mutability == "readOnly":
        return "the target does not let us write it"
    if attribute.multi_valued and not path.selection:
        return 'it holds several values; choose one, as in emails[type eq "work"].value'
    if path.selection and not attribute.multi_valued:
        return "it holds one value; leave the selection in brackets out"
    if attribute.type == "complex" and not path.part:
        return "it has parts; name one, as in name.givenName"
    return _misfit_part(path, attribute)


def _misfit_part(path: Path, attribute: Attribute) -> str | None:
    parts = attribute.sub_attributes
    wanted = [name for name, _ in path.selection] + ([path.part] if path.part else [])
    unknown = [name for name in wanted if _named(parts, name) is None]
    if unknown:
        return f"the target knows no «{unknown[0]}» in it{_instead(path, parts)}"
    part = _named(parts, path.part or "")
    if part is not None and part.mutability == "readOnly":
        return "the target does not let us write it"
    return None


def _instead(path: Path, parts: Iterable[Attribute]) -> str:
    """Name what serves as well where a server keeps one e-mail and has no types for it."""
    if not path.selection or _named(parts, "primary") is None or _named(parts, path.part or "") is None:
        return ""
    return f"; choose by another mark, as in {path.attribute}[primary eq true].{path.part}"
