"""Ways to reach a human."""
