"""A whole installation in one seeded thread of time: real handlers, a model of the world, misfortunes."""
