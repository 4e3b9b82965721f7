"""Upstreams behind channels."""
