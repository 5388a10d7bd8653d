"""What Personio allows: a credential, an address with all its credentials, and logins."""

from typing import Final

from domain.budget import Allowance

CREDENTIAL: Final = (Allowance(15, 1.1), Allowance(300, 61.0))
"""v1 `GET /company/employees`, per credential: 15 a second and 300 a minute.

The windows are a little wider than Personio's: what leaves evenly may arrive in bunches.
"""

ADDRESS: Final = Allowance(2000, 61.0)
"""All of v1, per source address since 2024-07-08, whatever the credential."""

LOGINS: Final = Allowance(60, 61.0)
"""`POST /v1/auth`; one more and every login is refused for a minute."""
