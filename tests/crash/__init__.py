"""Let a process die at every boundary, one after the other, and look at what came of it."""
