"""The schemas of RFC 7643 as data: User, Group and the enterprise extension."""

from simulators.scim.model import Attribute, Kind, Mutability, ResourceType, Schema, ValueType
from simulators.scim.wire import CORE_GROUP, CORE_USER, ENTERPRISE_USER


def _text(*names: str) -> tuple[Attribute, ...]:
    return tuple(Attribute(name=name) for name in names)


def _complex(name: str, *parts: Attribute, mutability: Mutability = "readWrite") -> Attribute:
    return Attribute(name=name, type="complex", parts=parts, mutability=mutability)


def _plural(
    name: str, value_type: ValueType = "string", mutability: Mutability = "readWrite", *more: Attribute
) -> Attribute:
    parts = (
        Attribute(name="value", type=value_type, mutability=mutability),
        Attribute(name="display", mutability=mutability),
        Attribute(name="type", mutability=mutability),
        Attribute(name="primary", type="boolean", mutability=mutability),
        *more,
    )
    return Attribute(name=name, type="complex", multi=True, mutability=mutability, parts=parts)


def _reference(*targets: str, mutability: Mutability = "readOnly") -> Attribute:
    return Attribute(
        name="$ref", type="reference", exact=True, mutability=mutability, reference_types=targets
    )


COMMON = (
    Attribute(name="schemas", type="reference", multi=True, exact=True, required=True, mutability="readOnly"),
    Attribute(name="id", exact=True, mutability="readOnly", returned="always", unique=True),
    Attribute(name="externalId", exact=True),
    _complex(
        "meta",
        Attribute(name="resourceType", exact=True, mutability="readOnly"),
        Attribute(name="created", type="dateTime", mutability="readOnly"),
        Attribute(name="lastModified", type="dateTime", mutability="readOnly"),
        Attribute(name="location", type="reference", exact=True, mutability="readOnly"),
        Attribute(name="version", exact=True, mutability="readOnly"),
        mutability="readOnly",
    ),
)

_NAME = _complex(
    "name",
    *_text("formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix"),
)

_ADDRESSES = Attribute(
    name="addresses",
    type="complex",
    multi=True,
    parts=(
        *_text("formatted", "streetAddress", "locality", "region", "postalCode", "country", "type"),
        Attribute(name="primary", type="boolean"),
    ),
)

USER_SCHEMA = Schema(
    urn=CORE_USER,
    name="User",
    description="User Account",
    common=COMMON,
    attributes=(
        Attribute(name="userName", required=True, unique=True, description="Unique without regard to case"),
        _NAME,
        *_text("displayName", "nickName"),
        Attribute(name="profileUrl", type="reference", reference_types=("external",)),
        *_text("title", "userType", "preferredLanguage", "locale", "timezone"),
        Attribute(name="active", type="boolean"),
        Attribute(name="password", mutability="writeOnly", returned="never"),
        _plural("emails"),
        _plural("phoneNumbers"),
        _plural("ims"),
        _plural("photos", "reference"),
        _ADDRESSES,
        _plural("groups", "string", "readOnly", _reference("User", "Group")),
        _plural("entitlements"),
        _plural("roles"),
        _plural("x509Certificates", "binary"),
    ),
)

ENTERPRISE_SCHEMA = Schema(
    urn=ENTERPRISE_USER,
    name="EnterpriseUser",
    description="Enterprise User",
    attributes=(
        *_text("employeeNumber", "costCenter", "organization", "division", "department"),
        _complex(
            "manager",
            Attribute(name="value", exact=True, description="The id of the manager's account"),
            _reference("User"),
            Attribute(name="displayName", mutability="readOnly"),
        ),
    ),
)

_MEMBERS = Attribute(
    name="members",
    type="complex",
    multi=True,
    parts=(
        Attribute(name="value", exact=True, mutability="immutable"),
        _reference("User", "Group", mutability="immutable"),
        Attribute(name="type", mutability="immutable"),
        Attribute(name="display", mutability="readOnly"),
    ),
)

GROUP_SCHEMA = Schema(
    urn=CORE_GROUP,
    name="Group",
    description="Group",
    common=COMMON,
    attributes=(Attribute(name="displayName", required=True), _MEMBERS),
)

USER = ResourceType(kind="User", endpoint="/Users", core=USER_SCHEMA, extensions=(ENTERPRISE_SCHEMA,))
PLAIN_USER = ResourceType(kind="User", endpoint="/Users", core=USER_SCHEMA)
GROUP = ResourceType(kind="Group", endpoint="/Groups", core=GROUP_SCHEMA)


def resource_type(kind: Kind, *, enterprise: bool = True) -> ResourceType:
    """Choose the type of a resource, without its extension where the application lacks it."""
    if kind == "Group":
        return GROUP
    return USER if enterprise else PLAIN_USER
