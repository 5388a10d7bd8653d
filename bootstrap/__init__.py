"""The only place that knows all names."""
