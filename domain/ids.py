"""Names for ids, so that a tenant can never be passed as a person."""

from typing import NewType

TenantId = NewType("TenantId", str)
"""Short lower-case name that an operator chose, such as «acme»."""

INSTALLATION = TenantId("")
"""Stands where a letter or an incident is nobody's in particular, but this installation's own."""

RunId = NewType("RunId", str)
ChangeId = NewType("ChangeId", str)
EnvelopeId = NewType("EnvelopeId", str)
LetterId = NewType("LetterId", str)
IncidentId = NewType("IncidentId", str)
CaseId = NewType("CaseId", str)
ApprovalId = NewType("ApprovalId", str)
SetbackId = NewType("SetbackId", str)

PersonId = NewType("PersonId", str)
"""Personio's id of an employee. Personio: v1 sends integers, v2 strings, both the same number."""

AccountId = NewType("AccountId", str)
"""The target's own id of an account (SCIM: `id`)."""

TeamId = NewType("TeamId", str)
"""The target's own id of a team (SCIM: `id` of a group)."""

ConfigVersion = NewType("ConfigVersion", int)
