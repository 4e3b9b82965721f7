"""Our own neutral view of durable tasks of every family."""
