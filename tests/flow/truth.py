"""Compare the target with the simulated company: what is expected of each person, and who differs."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from simulators.personio.control import Control
from simulators.personio.told import Told
from simulators.scim.handle import ScimSimulator

WANTED = frozenset({"active", "leave"})


class Outside(Protocol):
    """The world beyond the relay: a company and an application."""

    @property
    def personio(self) -> Control:
        """Return the company's Personio."""
        ...

    @property
    def app(self) -> ScimSimulator:
        """Return the application."""
        ...


def people(relay: Outside) -> Sequence[Told]:
    """Return everybody in the simulated company."""
    return relay.personio.truth().people


def is_wanted(person: Told) -> bool:
    """Tell whether the default scope gives this person an account."""
    return person.status in WANTED and person.employment_type == "internal" and bool(person.email)


def accounts(relay: Outside) -> Mapping[str, Mapping[str, object]]:
    """Return the target's accounts by external id, attributes flattened into them."""
    return {
        str(account["externalId"]): {**account, **account["attributes"]}
        for account in relay.app.state.accounts()
    }


def differences(relay: Outside) -> list[str]:
    """List everybody whose account is not as the simulated company says it should be."""
    return compare(people(relay), accounts(relay))


def compare(company: Sequence[Told], found: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Compare what a company tells with accounts by external id; each line begins with the person's id."""
    wrong: list[str] = []
    for person in company:
        account = found.get(str(person.id))
        if is_wanted(person):
            wrong += _compare(person, account, found)
        elif account is not None and account["active"] and person.status != "onboarding":
            wrong.append(f"{person.id} has an open account")
    return wrong


def _compare(
    person: Told, account: Mapping[str, object] | None, found: Mapping[str, Mapping[str, object]]
) -> list[str]:
    if account is None:
        return [f"{person.id} has no account"]
    expected: dict[str, object] = {
        "userName": person.email,
        "name.givenName": person.first_name,
        "name.familyName": person.last_name,
        "title": person.position or None,
        "active": True,
    }
    boss = found.get(str(person.supervisor_id))
    if boss is not None:
        expected["manager"] = boss["id"]
    return [f"{person.id} {key}" for key, value in expected.items() if account.get(key) != value]
