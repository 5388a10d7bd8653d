"""What the simulated Personio promises."""
