"""Which model name means what, and who serves it."""
