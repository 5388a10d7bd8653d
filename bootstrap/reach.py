"""Say from the settings which addresses this installation may reach, and whose certificates count there."""

from adapters.http import AddressPolicy
from bootstrap.settings import Settings


def policy_of(settings: Settings) -> AddressPolicy:
    """Build the one policy that every request to the outside world is judged by."""
    return AddressPolicy(allow_private=settings.allow_private, authorities=settings.ca_file)
