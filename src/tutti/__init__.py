"""Tutti: one self-hosted gateway to every kind of AI model."""

__version__ = "0.1.0"
