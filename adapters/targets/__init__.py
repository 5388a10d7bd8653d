"""Hands that write: one module or folder for each kind of application."""
