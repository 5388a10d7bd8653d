"""A strict SCIM 2.0 application to synchronise into, which misbehaves when told to."""
