"""The one way out of the house, tried on servers that misbehave."""
