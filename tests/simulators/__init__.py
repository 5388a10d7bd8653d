"""Tests of the outside world."""
