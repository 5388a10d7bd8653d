"""The faults by their usual names, each as an effect for a rule."""

from simulators.scim.quirks import Cut, Delay, Halve, Respond, Silence

HTML = "<!doctype html><html><body><h1>We will be right back</h1></body></html>"


def commit_and_never_answer() -> Silence:
    """Carry the request out, then leave the client waiting."""
    return Silence(committed=True)


def never_answer() -> Silence:
    """Leave the client waiting without doing anything."""
    return Silence(committed=False)


def half_applied(status: int = 500) -> Halve:
    """Bring in, or take out, the first half of the members that are named, and break."""
    return Halve(status=status)


def cut_before_commit() -> Cut:
    """Cut the connection and do nothing."""
    return Cut(committed=False)


def cut_after_commit() -> Cut:
    """Carry the request out, then cut the connection."""
    return Cut(committed=True)


def conflict() -> Respond:
    """Answer 409, as if somebody else held the name."""
    return Respond(status=409, scim_type="uniqueness", detail="the value is taken")


def too_many_requests(retry_after: str | float | None = None) -> Respond:
    """Answer 429, with Retry-After as seconds or as an HTTP date, or without it."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Respond(status=429, detail="slow down", headers=headers)


def server_error(status: int = 503, *, committed: bool = False) -> Respond:
    """Answer 5xx, before or after the request took effect."""
    return Respond(status=status, detail="the application has a problem of its own", committed=committed)


def unauthorised() -> Respond:
    """Answer 401, whatever token was sent."""
    headers = {"WWW-Authenticate": 'Bearer realm="scim", error="invalid_token"'}
    return Respond(status=401, detail="the token is not accepted", headers=headers)


def forbidden() -> Respond:
    """Answer 403: the token is known, the right is missing."""
    return Respond(status=403, detail="the token lacks the right to do this")


def refused() -> Respond:
    """Answer 400 for reasons of the application's own, with nobody's data in the detail."""
    return Respond(
        status=400, scim_type="invalidValue", detail="the application does not accept this person: ***"
    )


def html_page(status: int = 200) -> Respond:
    """Answer with a web page, as a proxy or a login screen would."""
    return Respond(status=status, media_type="text/html", body=HTML)


def redirect(location: str, status: int = 302) -> Respond:
    """Send the client elsewhere."""
    return Respond(status=status, headers={"Location": location}, media_type="text/html", body="")


def slow(seconds: float) -> Delay:
    """Answer as usual, later."""
    return Delay(seconds=seconds)
