"""Producers ask: it is time, or somebody wants it now."""
