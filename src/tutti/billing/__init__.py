"""Prices and the ledger."""
