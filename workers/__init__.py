"""Workers do: event in, outcome out."""
