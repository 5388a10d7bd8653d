"""Answer SCIM requests: what each method does to users, groups and the pages about them."""

from contextlib import suppress
from typing import assert_never

from simulators.scim import accents, discovery, groups
from simulators.scim.counters import Counters
from simulators.scim.directory import Directory
from simulators.scim.filters import Filter, FilterSyntaxError, parse_filter
from simulators.scim.indexes import index_key
from simulators.scim.matching import UnsupportedFilterError, compile_filter
from simulators.scim.model import ResourceType
from simulators.scim.paging import list_response, read_page
from simulators.scim.paths import UnknownPathError
from simulators.scim.projection import project
from simulators.scim.promises import Promises
from simulators.scim.quirks import Quirks
from simulators.scim.render import Renderer
from simulators.scim.routes import About, Collection, Item, Nowhere, Route
from simulators.scim.store import Resource, Store
from simulators.scim.wire import Call, Json, Reply, ScimError, error_reply, reply


class Application:
    """Be the SCIM server without the network: a call in, a reply out."""

    def __init__(self, store: Store, quirks: Quirks, counters: Counters, base_url: str) -> None:
        self._store = store
        self._quirks = quirks
        self._base_url = base_url
        self._promises = Promises(store, quirks)
        self.directory = Directory(store, quirks, counters)

    def answer(self, call: Call, route: Route) -> Reply:
        """Carry one request out; a refusal is an answer too."""
        try:
            with self._store.lock:
                self._keep_promises()
                return Reply(202) if self._promises.take(call, route) else self._answer(call, route)
        except ScimError as error:
            if error.status == 404 and self._quirks.switches.not_found == "html":
                return accents.missing(error)
            if error.status == 409 and self._quirks.switches.conflict == "bare":
                return accents.bare(409)
            return error_reply(error, {"Allow": "GET"} if error.status == 405 else None)

    def _keep_promises(self) -> None:
        """Do what was agreed to for now; of what is refused by then nobody hears."""
        for each in self._promises.due():
            with suppress(ScimError):
                self._answer(each.call, each.route)

    def _answer(self, call: Call, route: Route) -> Reply:
        _check_media_type(call)
        if isinstance(route, Item) and call.method == "PATCH" and self._quirks.switches.patch == "unrouted":
            raise ScimError(404, "there is nothing at this path")
        match route:
            case Collection():
                return self._collection(call, route)
            case Item():
                return self._item(call, route)
            case About():
                return self._about(call, route)
            case Nowhere():
                raise ScimError(404, "there is nothing at this path")
            case _:
                assert_never(route)

    def _collection(self, call: Call, route: Collection) -> Reply:
        kind = self.directory.kind(route.kind)
        match call.method:
            case "GET":
                return reply(200, self._list(call, kind))
            case "POST":
                return self._created(self.directory.create(kind, call.body), call, kind)
            case _:
                raise _not_allowed()

    def _item(self, call: Call, route: Item) -> Reply:
        kind = self.directory.kind(route.kind)
        resource = self.directory.find(route.kind, route.id)
        match call.method:
            case "GET":
                return self._read(resource, call, kind)
            case "PUT" | "PATCH" | "DELETE":
                return self._write(resource, call, kind)
            case _:
                raise _not_allowed()

    def _write(self, resource: Resource, call: Call, kind: ResourceType) -> Reply:
        if call.method == "PATCH" and self._quirks.switches.patch == "unsupported":
            raise ScimError(501, "PATCH is not supported: see ServiceProviderConfig")
        if self._quirks.switches.insists_on_version and call.if_match is None:
            raise ScimError(428, "name the version in If-Match")
        _check_if_match(call, resource)
        match call.method:
            case "PUT":
                return self._shown(self.directory.replace(resource, kind, call.body), call, kind)
            case "PATCH":
                return self._patched(self.directory.patch(resource, kind, call.body), call, kind)
            case _:
                self.directory.delete(resource)
                return Reply(204)

    def _read(self, resource: Resource, call: Call, kind: ResourceType) -> Reply:
        if call.if_none_match is not None and _names_version(call.if_none_match, resource):
            return Reply(304, headers={"ETag": resource.etag})
        return self._shown(resource, call, kind)

    def _shown(self, resource: Resource, call: Call, kind: ResourceType) -> Reply:
        headers = {"ETag": resource.etag, "Content-Location": self._renderer().location(resource)}
        return self._told(200, resource, call, kind, headers)

    def _patched(self, resource: Resource, call: Call, kind: ResourceType) -> Reply:
        if self._quirks.switches.patch_answers == "nothing" and "attributes" not in call.query:
            return Reply(204, headers={"ETag": resource.etag})
        return self._shown(resource, call, kind)

    def _created(self, resource: Resource, call: Call, kind: ResourceType) -> Reply:
        headers = {"Location": self._renderer().location(resource), "ETag": resource.etag}
        if self._quirks.switches.created_answers == "location_only":
            return Reply(201, headers=headers)
        return self._told(201, resource, call, kind, headers)

    def _told(
        self, status: int, resource: Resource, call: Call, kind: ResourceType, headers: dict[str, str]
    ) -> Reply:
        switches = self._quirks.switches
        whole = groups.shown(self._renderer().document(resource), call.query, switches, listed=False)
        document = project(whole, call.query, kind)
        return accents.loosened(reply(status, accents.spoken(document, switches), headers), switches)

    def _list(self, call: Call, kind: ResourceType) -> Json:
        switches, renderer = self._quirks.switches, self._renderer()
        page = read_page(call.query, switches)
        found = self._matching(call.query.get("filter"), kind)
        if switches.max_results is not None and len(found) > switches.max_results:
            raise ScimError(400, "the filter finds more than this application will list", "tooMany")
        documents = [
            accents.spoken(
                project(groups.shown(one, call.query, switches, listed=True), call.query, kind), switches
            )
            for one in map(renderer.document, found[page.slice])
        ]
        told = list_response(documents, len(found) + switches.total_results_shift, page.start)
        return accents.listed(told, page, page.start - 1 + len(documents) < len(found), switches)

    def _matching(self, text: str | None, kind: ResourceType) -> list[Resource]:
        everybody = self._quirks.switches.filter == "ignored"
        if text is None or everybody:
            return self.directory.visible(self._store.all(kind.kind))
        _refuse_where_unsupported(self._quirks.switches.filter)
        if text.partition(" ")[0] in self._quirks.switches.unfilterable_attributes:
            return []
        try:
            return self._filtered(parse_filter(text), kind)
        except (FilterSyntaxError, UnknownPathError, UnsupportedFilterError) as error:
            raise ScimError(400, f"filter: {error}", "invalidFilter") from error

    def _filtered(self, node: Filter, kind: ResourceType) -> list[Resource]:
        question, key, renderer = compile_filter(node, kind), index_key(node), self._renderer()
        candidates = self._store.all(kind.kind) if key is None else self._store.look_up(kind.kind, key)
        return [one for one in self.directory.visible(candidates) if question(renderer.document(one))]

    def _about(self, call: Call, route: About) -> Reply:
        if call.method != "GET":
            raise _not_allowed()
        if "filter" in call.query:
            raise ScimError(403, "pages about the application cannot be filtered (RFC 7644 §4)")
        switches = self._quirks.switches
        if route.page == "ServiceProviderConfig":
            return reply(200, discovery.service_provider_config(switches, self._base_url))
        listed = discovery.schemas if route.page == "Schemas" else discovery.resource_types
        documents = listed(switches, self._base_url)
        if route.id is not None:
            return reply(200, discovery.one_of(documents, route.id))
        return reply(200, list_response(documents, len(documents), 1))

    def _renderer(self) -> Renderer:
        return Renderer(self._store, self._base_url, self._quirks.switches)


def _check_media_type(call: Call) -> None:
    if call.method not in {"POST", "PUT", "PATCH"}:
        return
    if call.content_type not in {"application/scim+json", "application/json"}:
        raise ScimError(415, "send application/scim+json")


def _check_if_match(call: Call, resource: Resource) -> None:
    if call.if_match is not None and not _names_version(call.if_match, resource):
        raise ScimError(412, "the resource has another version than If-Match names: read it again")


def _names_version(header: str, resource: Resource) -> bool:
    named = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return "*" in named or resource.etag.removeprefix("W/") in named


def _refuse_where_unsupported(mode: str) -> None:
    if mode == "unsupported_400":
        raise ScimError(400, "filters are not supported: see ServiceProviderConfig", "invalidFilter")
    if mode.startswith("unsupported"):
        raise ScimError(
            int(mode.removeprefix("unsupported_")), "filters are not supported: see ServiceProviderConfig"
        )


def _not_allowed() -> ScimError:
    return ScimError(405, "the path exists, the method does not")
