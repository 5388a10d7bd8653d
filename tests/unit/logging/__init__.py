"""One safe line for everything that is said."""
