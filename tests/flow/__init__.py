"""The real handlers over a real store and the simulators, without processes: one relay in one thread."""
