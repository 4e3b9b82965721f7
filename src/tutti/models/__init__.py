"""Weights as data: named by SHA-256, fetched from where they can be had, verified, shared by all clones."""
