"""The SCIM target passes the contract against somebody else's server, over a real socket."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from scim2_models import ScimProvider
from scim2_server.memory import InMemoryStorage
from scim2_server.service import ScimService
from scim2_server.testserver.application import BearerTokenApplication
from scim2_server.testserver.cli import ThreadingWSGIServer
from scim2_server.utils import (
    load_default_resource_types,
    load_default_schemas,
    load_default_service_provider_config,
)

from adapters.http import AddressPolicy, Outbound
from adapters.targets.scim import ScimTarget
from domain.ports_world import Target
from tests.contracts.target_contract import TargetContract

TOKEN = "canary-token"


class QuietHandler(WSGIRequestHandler):
    """The server's own log line for every request is of no use to a test."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the parent's
        logging.getLogger(__name__).debug(format, *args)


class Noon:
    def now(self) -> datetime:
        return datetime(2026, 3, 1, 12, tzinfo=UTC)


@contextmanager
def served(*, patch: bool) -> Iterator[str]:
    """Run the independent server on a free port and give its origin."""
    with make_server("127.0.0.1", 0, application(patch=patch), ThreadingWSGIServer, QuietHandler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join(10)


def application(*, patch: bool) -> BearerTokenApplication:
    service = described(patch=patch)
    return BearerTokenApplication(InMemoryStorage(), service.provider, service=service, bearer_tokens=[TOKEN])


@cache
def described(*, patch: bool) -> ScimService:
    """Build the server's schemas once: it takes longer than all the requests of a test."""
    config = load_default_service_provider_config()
    assert config.patch is not None
    config.patch.supported = patch
    schemas, types = load_default_schemas().values(), load_default_resource_types().values()
    provider = ScimProvider.from_discovery(schemas, types, config=config)
    return ScimService(provider, secret="x" * 32)


class TestScim2ServerTarget(TargetContract):
    """It answers PATCH with 204 and no body, and refuses `replace` where no element matches."""

    patch = True

    @pytest.fixture
    def target(self) -> Iterator[Target]:
        with served(patch=self.patch) as origin:
            outbound = Outbound(origin, policy=AddressPolicy(allow_private=True))
            yield ScimTarget(outbound, TOKEN, self.roles.paths, Noon(), "/v2", page_size=3)
            outbound.close()


class TestScim2ServerTargetWithoutPatch(TestScim2ServerTarget):
    """The same server, told to answer 501 to every PATCH: everything goes by GET and PUT."""

    patch = False
