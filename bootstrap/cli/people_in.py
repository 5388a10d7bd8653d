"""Find the person that an operator means."""

from bootstrap.cli.exits import ExitCode
from bootstrap.cli.failures import CommandError
from domain.ids import PersonId, TenantId
from domain.plain import one_line
from domain.ports import Store


def people_of(store: Store, tenant_id: TenantId, text: str) -> list[PersonId]:
    """Find people by Personio id, user name or e-mail; ends with exit code 7 where there is nobody."""
    with store.read() as tx:
        found = list(tx.people.search(tenant_id, text.strip()))
    if not found:
        raise CommandError(
            f"Nobody at «{tenant_id}» has the id or user name «{one_line(text, 60)}».",
            "Use the Personio id or the exact user name; somebody new is known after the next run.",
            ExitCode.NOT_FOUND,
        )
    return found


def person_of(store: Store, tenant_id: TenantId, text: str) -> PersonId:
    """Find exactly one person. A number that nobody has is taken as the id of somebody new."""
    if text.strip().isascii() and text.strip().isdigit():
        return PersonId(text.strip())
    found = people_of(store, tenant_id, text)
    if len(found) > 1:
        raise CommandError(
            f"{len(found)} people have this user name.", f"Name one by id: {', '.join(found)}", ExitCode.USAGE
        )
    return found[0]
