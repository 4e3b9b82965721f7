"""Operations that have one wire only: they pass to upstreams of the same wire as they come."""
