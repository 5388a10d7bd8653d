"""The main job on this machine alone, told as a story: `make demo`."""
