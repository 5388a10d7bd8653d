"""Hands for Redis and Valkey: a client that keeps trying, and a server of our own for one machine."""
