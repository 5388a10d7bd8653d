"""The command line: what an operator types, and what it answers."""

from bootstrap.cli.app import main as main
