"""The outside world: a Personio and a SCIM application to run against."""
