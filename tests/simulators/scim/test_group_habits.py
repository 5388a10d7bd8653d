"""Switches and effects about groups: what applications do with members otherwise than the standard says."""

import pytest

from simulators.scim.effects import half_applied
from simulators.scim.handle import ScimSimulator
from tests.simulators.scim.builders import Client, add, group, patch, refusal, remove


@pytest.fixture
def people(client: Client) -> list[str]:
    return [client.create(f"person-{n}@example.com")["id"] for n in range(4)]


@pytest.fixture
def path(client: Client, people: list[str]) -> str:
    relay = client.send("POST", "/Groups", group("Relay", *people[:3])).json()["id"]
    return f"/Groups/{relay}"


def listed(*members: str) -> list[dict[str, str]]:
    return [{"value": member} for member in members]


def there(app: ScimSimulator) -> list[str]:
    found: list[str] = app.state.groups()[0]["members"]
    return found


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("413", (413, None)), ("400", (400, None)), ("tooMany", (400, "tooMany"))],
)
def test_a_patch_can_be_too_large(
    client: Client, app: ScimSimulator, path: str, people: list[str], answer: str, expected: object
) -> None:
    app.quirks.switch(group_patch_limit=1, group_patch_refusal=answer)
    assert refusal(client.send("PATCH", path, patch(add("members", listed(*people[2:]))))) == expected
    assert there(app) == people[:3]
    assert client.send("PATCH", path, patch(add("members", listed(people[3])))).status_code == 200


def test_unknown_members_can_be_dropped(
    client: Client, app: ScimSimulator, path: str, people: list[str]
) -> None:
    app.quirks.switch(unknown_references="drop")
    assert client.send("PATCH", path, patch(add("members", listed("nobody", people[3])))).status_code == 200
    assert there(app) == people


def test_somebody_can_be_unwelcome(client: Client, app: ScimSimulator, path: str, people: list[str]) -> None:
    app.quirks.switch(unwelcome_members=(people[3],), unwelcome_answer=422)
    assert refusal(client.send("PATCH", path, patch(add("members", listed(people[3]))))) == (422, None)


def test_members_can_be_hidden_or_shown_on_request(client: Client, app: ScimSimulator, path: str) -> None:
    app.quirks.switch(group_members="on_request")
    assert "members" not in client.get(path).json()
    assert len(client.get(path, attributes="members").json()["members"]) == 3
    app.quirks.switch(group_members="hidden")
    assert "members" not in client.get(path, attributes="members").json()


def test_a_list_of_members_can_be_cut_and_left_out(client: Client, app: ScimSimulator, path: str) -> None:
    app.quirks.switch(group_members_shown=2, group_lists_members=False)
    assert len(client.get(path).json()["members"]) == 2
    assert "members" not in client.get("/Groups").json()["Resources"][0]


def test_users_can_be_silent_about_their_groups(
    client: Client, app: ScimSimulator, path: str, people: list[str]
) -> None:
    assert [f"/Groups/{one['value']}" for one in client.read(people[0])["groups"]] == [path]
    app.quirks.switch(users_show_groups=False)
    assert "groups" not in client.read(people[0])


@pytest.mark.parametrize(
    ("habit", "status", "left"),
    [("honoured", 200, 2), ("refused", 400, 3), ("skipped", 200, 3), ("everybody", 200, 0)],
)
def test_brackets_of_a_leaver_are_understood_in_many_ways(
    client: Client, app: ScimSimulator, path: str, people: list[str], *, habit: str, status: int, left: int
) -> None:
    app.quirks.switch(remove_with_path=habit)
    answer = client.send("PATCH", path, patch(remove(f'members[value eq "{people[0]}"]')))
    assert (answer.status_code, len(there(app))) == (status, left)


@pytest.mark.parametrize(
    ("habit", "status", "left"), [("refuse", 400, 3), ("honoured", 200, 2), ("everybody", 200, 0)]
)
def test_a_leaver_in_a_value_is_understood_in_many_ways(
    client: Client, app: ScimSimulator, path: str, people: list[str], *, habit: str, status: int, left: int
) -> None:
    app.quirks.switch(remove_with_value=habit)
    operation = {**remove("members"), "value": listed(people[0])}
    answer = client.send("PATCH", path, patch(operation))
    assert (answer.status_code, len(there(app))) == (status, left)


def test_names_of_groups_can_be_unique(client: Client, app: ScimSimulator, path: str) -> None:
    app.quirks.switch(unique_display_name=True)
    assert refusal(client.send("POST", "/Groups", group("relay"))) == (409, "uniqueness")
    assert client.get(path).json()["displayName"] == "Relay"


def test_half_of_a_patch_can_be_applied(
    client: Client, app: ScimSimulator, path: str, people: list[str]
) -> None:
    number = app.quirks.add(half_applied(), methods=("PATCH",), times=2)
    leavers = patch(*(remove(f'members[value eq "{one}"]') for one in people[:2]))
    assert refusal(client.send("PATCH", path, leavers)) == (500, None)
    assert there(app) == people[1:3]
    client.send("PATCH", path, patch(add("members", listed(people[3], people[0]))))
    assert there(app) == people[1:]
    assert app.quirks.taken(number) == 2
