"""Say JSON as SCIM's own kind of it, or as plain JSON to a server that knows no other."""

from collections.abc import Mapping
from datetime import timedelta

from adapters.http import Reply
from adapters.targets.scim.session import NO_HEADERS, Params, Sender

PLAIN = "application/json"
_KIND_REFUSED = 415


class InTheirKind:
    """Send on, once more as plain JSON after a 415, which says that nothing was done; what served is kept."""

    def __init__(self, outbound: Sender) -> None:
        self._outbound = outbound
        self._plain = False

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Params = (),
        headers: Mapping[str, str] = NO_HEADERS,
        body: bytes | None = None,
        content_type: str | None = None,
        deadline: timedelta | None = None,
    ) -> Reply:
        """Return the answer to the request in the kind that the server takes, if it takes one."""

        def said(kind: str | None) -> Reply:
            return self._outbound.send(
                method, path, params=params, headers=headers, body=body, content_type=kind, deadline=deadline
            )

        if content_type is None or self._plain:
            return said(content_type and PLAIN)
        reply = said(content_type)
        if reply.status != _KIND_REFUSED:
            return reply
        again = said(PLAIN)
        self._plain = again.status != _KIND_REFUSED
        return again
