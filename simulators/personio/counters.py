"""Count what was asked and answered, so that a test can hold the client to it."""

from collections import Counter

LIST = "GET /v1/company/employees"
ONE = "GET /v1/company/employees/{id}"
ATTRIBUTES = "GET /v1/company/employees/attributes"
LOGIN = "POST /v1/auth"
_FIXED = {
    "/v1/auth": "/v1/auth",
    "/v1/company/employees": "/v1/company/employees",
    "/v1/company/employees/attributes": "/v1/company/employees/attributes",
    "/v1/company/employees/custom-attributes": "/v1/company/employees/custom-attributes",
}


def endpoint(method: str, path: str) -> str:
    """Name the endpoint of a request; ids do not make a new one, and unknown paths share one."""
    known = _FIXED.get(path)
    if known is None and path.startswith("/v1/company/employees/"):
        known = "/v1/company/employees/{id}"
    return f"{method} {known or '(other)'}"


class Counters:
    """Requests by endpoint and status; pages and people told; logins; faults by kind."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Start again from nought."""
        self.requests: dict[str, Counter[str]] = {}
        self.pages = 0
        self.employees_told = 0
        self.logins = 0
        self.tokens: set[str] = set()
        self.faults: Counter[str] = Counter()
        self.changes = 0

    def answered(self, name: str, outcome: str) -> None:
        """Count a request by how it ended: a status, or «dropped» where the connection was cut short."""
        self.requests.setdefault(name, Counter())[outcome] += 1

    def logged_in(self, token: str) -> None:
        """Count a good login, and the token if it is a new one."""
        self.logins += 1
        self.tokens.add(token)

    def told(self, people: int) -> None:
        """Count a page and the people on it."""
        self.pages += 1
        self.employees_told += people

    def figures(self) -> dict[str, object]:
        """Give everything as plain JSON."""
        return {
            "requests": {name: dict(sorted(by.items())) for name, by in sorted(self.requests.items())},
            "total": sum(sum(by.values()) for by in self.requests.values()),
            "pages": self.pages,
            "employees_told": self.employees_told,
            "logins": self.logins,
            "tokens": len(self.tokens),
            "faults": dict(sorted(self.faults.items())),
            "changes": self.changes,
        }
