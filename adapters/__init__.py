"""Hands: everything that touches the world, and decides nothing."""
