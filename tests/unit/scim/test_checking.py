"""A check only reads, and says everything that stands in the way before it does."""

from typing import Any

import pytest

from adapters.http import ForbiddenAddress, NotSent, Reply
from adapters.targets.scim import ScimTarget
from domain.account import Finding
from domain.codes import Code
from domain.ids import AccountId
from tests.unit.scim.fakes import (
    CORE,
    DEPARTMENT,
    ENTERPRISE,
    WORK_EMAIL,
    Asked,
    FakeServer,
    json_reply,
    page,
    refusal,
    target,
    user,
    web_page,
)

ACME = "urn:acme:params:scim:schemas:1.0:User"


def attribute(name: str, *parts: dict[str, Any], **more: object) -> dict[str, Any]:
    complex_too = {"type": "complex", "subAttributes": list(parts)} if parts else {}
    return {"name": name} | complex_too | more


SCHEMAS = [
    {
        "id": CORE,
        "attributes": [
            attribute("userName"),
            attribute("title"),
            attribute("name", attribute("givenName"), attribute("formatted", mutability="readOnly")),
            attribute("emails", attribute("value"), attribute("type"), multiValued=True),
            attribute("groups", attribute("value"), multiValued=True, mutability="readOnly"),
        ],
    },
    {"id": ENTERPRISE, "attributes": [attribute("department"), attribute("manager", attribute("value"))]},
]
TYPES = [{"name": "User", "endpoint": "/Users", "schema": CORE, "schemaExtensions": [{"schema": ENTERPRISE}]}]
CONFIG = {"patch": {"supported": True}, "filter": {"supported": True, "maxResults": 50}}


def told(config: object = CONFIG, types: object = TYPES, schemas: object = SCHEMAS) -> dict[str, Reply]:
    return {
        "/Users": page(user("1")),
        "/ServiceProviderConfig": json_reply(200, config),
        "/ResourceTypes": json_reply(200, {"Resources": types}),
        "/Schemas": json_reply(200, {"Resources": schemas}),
    }


def serving(replies: dict[str, Reply], *paths: str) -> tuple[ScimTarget, FakeServer]:
    def answer(asked: Asked) -> Reply:
        return replies.get(asked.path, refusal(404))

    return target(answer, paths=frozenset(paths or ("userName",)))


def test_a_good_target_has_no_problems_and_is_only_read() -> None:
    scim, server = serving(told(), "userName", "title", "name.givenName", WORK_EMAIL, DEPARTMENT)
    report = scim.check()
    assert report.problems == ()
    assert {asked.method for asked in server.asked} == {"GET"}
    assert (report.capabilities.patch, report.capabilities.filter, report.capabilities.manager) == (True,) * 3


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("nickName", "no such attribute"),
        ("name.middleName", "middleName"),
        ("name.formatted", "does not let us write"),
        ("name", "name one"),
        ('name[type eq "x"].givenName', "leave the selection"),
        ("emails.value", "several values"),
        ('emails[kind eq "work"].value', "kind"),
        ('groups[value eq "1"].value', "does not let us write"),
        (f"{ENTERPRISE}:division", "no such attribute"),
        (f"{ACME}:badge", "no such extension"),
        ("emails[type", "brackets"),
    ],
)
def test_what_the_target_lacks_is_named(path: str, reason: str) -> None:
    scim, _ = serving(told(), "userName", path)
    (problem,) = scim.check().problems
    assert (problem.code, problem.subject) == (Code.TARGET_ATTRIBUTE_UNKNOWN, path)
    assert reason in problem.detail


def test_a_target_that_has_no_types_of_emails_is_said_what_serves_as_well() -> None:
    parts = [{"name": "value", "type": "string"}, {"name": "primary", "type": "boolean"}]
    emails = {"name": "emails", "type": "complex", "multiValued": True, "subAttributes": parts}
    user_name = {"name": "userName", "type": "string"}
    schemas = {"Resources": [{"id": CORE, "attributes": [user_name, emails]}]}
    scim, _ = serving(told() | {"/Schemas": json_reply(200, schemas)}, "userName", WORK_EMAIL)
    (problem,) = scim.check().problems
    hint = "emails[primary eq true].value"
    assert problem.detail.endswith(f"as in {hint}")
    scim, _ = serving(told() | {"/Schemas": json_reply(200, schemas)}, "userName", hint)
    assert scim.check().problems == ()


@pytest.mark.parametrize(
    "path", ["USERNAME", "externalId", "id", "Name.GivenName", f"{CORE}:title", DEPARTMENT.upper()]
)
def test_names_are_found_in_any_case_and_spelling(path: str) -> None:
    scim, _ = serving(told(), path.replace("URN:", "urn:"))
    assert scim.check().problems == ()


def test_a_server_that_says_nothing_about_itself_is_taken_at_its_word() -> None:
    scim, _ = serving({"/Users": page()}, "userName", "nickName", f"{ACME}:badge")
    report = scim.check()
    assert report.problems == ()
    assert (report.capabilities.patch, report.capabilities.filter, report.capabilities.manager) == (True,) * 3


def test_web_pages_in_place_of_discovery_say_nothing() -> None:
    everywhere = {path: web_page() for path in told()} | {"/Users": page()}
    scim, _ = serving(everywhere, "nickName")
    assert scim.check().problems == ()


def test_an_extension_may_be_listed_without_its_attributes() -> None:
    types = [TYPES[0] | {"schemaExtensions": [{"schema": ACME}]}]
    scim, _ = serving(told(types=types), f"{ACME}:badge")
    assert scim.check().problems == ()


def test_a_target_without_the_enterprise_extension_knows_no_managers() -> None:
    scim, _ = serving(told(types=[TYPES[0] | {"schemaExtensions": None}], schemas=SCHEMAS[:1]))
    assert not scim.check().capabilities.manager


def test_capabilities_are_told_as_the_server_limits_them() -> None:
    config = {"patch": {"supported": False}, "filter": {"supported": False, "maxResults": 1}}
    scim, server = serving(told(config=config) | {"/Users/7": json_reply(200, user("7"))})
    capabilities = scim.check().capabilities
    assert (capabilities.patch, capabilities.filter, capabilities.page_size) == (False, False, 1)
    scim.deactivate(AccountId("7"))
    assert "PUT /Users/7" in server.lines
    assert "PATCH /Users/7" not in server.lines


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (refusal(401), Code.TARGET_CREDENTIALS_REFUSED),
        (refusal(403), Code.TARGET_CREDENTIALS_REFUSED),
        (refusal(404), Code.TARGET_NOT_SCIM),
        (refusal(503), Code.TARGET_BUSY),
        (web_page(), Code.TARGET_NOT_SCIM),
        (web_page(404), Code.TARGET_NOT_SCIM),
        (json_reply(302, location="https://login.test"), Code.TARGET_NOT_SCIM),
        (json_reply(200, {"ok": True}), Code.TARGET_NOT_SCIM),
        (NotSent("GET host/Users: no connection"), Code.TARGET_UNREACHABLE),
        (ForbiddenAddress("host: plain HTTP"), Code.TARGET_FORBIDDEN_ADDRESS),
    ],
    ids=str,
)
def test_a_target_that_cannot_be_read_is_a_finding_and_no_exception(
    reply: Reply | Exception, code: Code
) -> None:
    scim, server = target(reply, reply)
    (problem,) = scim.check().problems
    assert (problem.code, problem.subject) == (code, "/Users")
    assert problem.detail
    assert len(server.asked) == (2 if code is Code.TARGET_CREDENTIALS_REFUSED else 1)


def paging(total: int, further: Reply) -> tuple[ScimTarget, FakeServer]:
    """Serve two accounts first, and something else behind them; filters find."""

    def answer(asked: Asked) -> Reply:
        if asked.path != "/Users":
            return refusal(404)
        if "filter" in asked.params:
            return page(user("1"))
        return further if "startIndex" in asked.params else page(user("1"), user("2"), total=total)

    return target(answer)


def test_a_list_of_which_nobody_will_see_the_end_is_foretold_and_stands_in_nobodys_way() -> None:
    """Seen at SCIMMY 1.3: the first accounts again, whatever page is asked for."""
    scim, server = paging(5, page(user("1"), user("2"), total=5))
    detail = "HTTP 200: the list repeats a page"
    assert scim.check().problems == (Finding(Code.TARGET_LIST_ENDLESS, "/Users", detail, blocks=False),)
    assert "3" in [one.params.get("startIndex") for one in server.asked]


@pytest.mark.parametrize("total", [2, 5])
def test_a_list_is_read_on_only_where_there_is_more(total: int) -> None:
    scim, server = paging(total, page(user("3"), user("4"), total=total))
    assert scim.check().problems == ()
    assert len([one for one in server.asked if "startIndex" in one.params]) == (total > 2)


def test_a_second_page_that_does_not_come_is_told_as_what_it_is() -> None:
    scim, _ = paging(5, refusal(503))
    assert scim.check().problems == (Finding(Code.TARGET_BUSY, "/Users", "HTTP 503"),)


def test_a_discovery_that_is_down_leaves_us_in_doubt_and_says_so() -> None:
    scim, _ = serving(told() | {"/Schemas": refusal(503)})
    assert scim.check().problems == (Finding(Code.TARGET_BUSY, "/Schemas", "HTTP 503"),)


@pytest.mark.parametrize("path", ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"])
def test_a_description_that_is_broken_is_named_and_stands_in_nobodys_way(path: str) -> None:
    """Seen at django-scim2 0.23 without its setting AUTHENTICATION_SCHEMES: 500, whenever it is asked."""
    scim, _ = serving(told() | {path: refusal(500)})
    assert scim.check().problems == (Finding(Code.TARGET_BUSY, path, "HTTP 500", blocks=False),)
