"""Applications that speak SCIM 2.0: the first-class target."""
