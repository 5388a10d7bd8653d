"""Take `[TENANT] ID`: an id is enough; whoever names the tenant first, as everywhere else, means the same."""

from bootstrap.cli.secrets_in import UsageRefusedError
from domain.plain import one_line

MOST = 2


def tenant_and_id(words: list[str]) -> tuple[str | None, str]:
    """Tell the tenant, if one was named, from the id."""
    if len(words) > MOST:
        raise UsageRefusedError(
            f"One word too many: «{one_line(words[MOST], 40)}».", "An id is enough, or a tenant and an id."
        )
    return (words[0] if len(words) == MOST else None), words[-1].strip()
