"""Durable work: what is stored of it, who does it, and how its ends are told."""
