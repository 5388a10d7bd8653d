"""Build SCIM documents and a client with a token, so that a test names only what it is about."""

import ssl

import httpx

from simulators.scim.handle import ScimSimulator
from simulators.scim.wire import CORE_GROUP, CORE_USER, ENTERPRISE_USER, PATCH_OP, Json

DEPARTMENT = f"{ENTERPRISE_USER}:department"
MANAGER = f"{ENTERPRISE_USER}:manager"


def user(user_name: str = "ada@example.com", /, **attributes: object) -> Json:
    """Build a user; a key that is the enterprise URN adds its schema."""
    urns = [CORE_USER, *([ENTERPRISE_USER] if ENTERPRISE_USER in attributes else [])]
    return {"schemas": urns, "userName": user_name, **attributes}


def group(display_name: str = "Relay", *members: str) -> Json:
    """Build a group with members by id."""
    listed = [{"value": member} for member in members]
    return {"schemas": [CORE_GROUP], "displayName": display_name, "members": listed}


def work_email(address: str, /, **more: object) -> Json:
    """Build the e-mail address of the office."""
    return {"value": address, "type": "work", **more}


def patch(*operations: Json) -> Json:
    """Build the body of a PATCH."""
    return {"schemas": [PATCH_OP], "Operations": list(operations)}


def add(path: str | None, value: object) -> Json:
    """Build an «add»."""
    return {"op": "add", "value": value} if path is None else {"op": "add", "path": path, "value": value}


def replace(path: str | None, value: object) -> Json:
    """Build a «replace»."""
    return {**add(path, value), "op": "replace"}


def remove(path: str) -> Json:
    """Build a «remove»."""
    return {"op": "remove", "path": path}


class Client:
    """Speak to a simulator the way a synchroniser would."""

    def __init__(self, app: ScimSimulator, timeout: float = 10.0) -> None:
        headers = {"Authorization": f"Bearer {app.token}", "Content-Type": "application/scim+json"}
        # Loopback needs no certificates, and an empty context spares every test the reading of them.
        plain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.http = httpx.Client(base_url=app.url, headers=headers, timeout=timeout, verify=plain)

    def close(self) -> None:
        self.http.close()

    def get(self, path: str, **query: str | int) -> httpx.Response:
        return self.http.get(path, params=query)

    def send(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is None:
            return self.http.request(method, path, headers=named)
        return self.http.request(method, path, json=body, headers=named)

    def create(self, user_name: str = "ada@example.com", /, **attributes: object) -> Json:
        answer = self.send("POST", "/Users", user(user_name, **attributes))
        assert answer.status_code == 201, answer.text
        created: Json = answer.json()
        return created

    def patch(self, resource_id: str, *operations: Json) -> httpx.Response:
        return self.send("PATCH", f"/Users/{resource_id}", patch(*operations))

    def read(self, resource_id: str) -> Json:
        found: Json = self.get(f"/Users/{resource_id}").json()
        return found

    def found(self, filter_text: str) -> list[str]:
        """List the user names that a filter finds."""
        answer = self.get("/Users", filter=filter_text)
        assert answer.status_code == 200, answer.text
        return [one["userName"] for one in answer.json()["Resources"]]


def refusal(answer: httpx.Response) -> tuple[int, str | None]:
    """Read status and scimType of an error, and insist on its schema."""
    document = answer.json()
    assert document["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert document["status"] == str(answer.status_code)
    assert document["detail"]
    return answer.status_code, document.get("scimType")
