"""The domain decides; these are its decisions."""
