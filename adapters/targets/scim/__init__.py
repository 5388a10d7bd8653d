"""Applications that speak SCIM 2.0: the first-class target."""

from adapters.targets.scim.client import ScimTarget as ScimTarget
