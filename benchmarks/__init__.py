"""Measure what the limits are and how far from them we are."""
