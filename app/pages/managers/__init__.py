"""Pages that managers read."""
