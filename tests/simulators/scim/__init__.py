"""What the SCIM simulator promises to those who test against it."""
