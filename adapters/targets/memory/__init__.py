"""The reference target, for tests, for simulations and for a first look."""

from adapters.targets.memory.target import MemoryTarget as MemoryTarget
