"""Files that callers give and results they get: kept, signed, served, swept."""
