"""Expiry of loyalty points: what a night planned, written into the system that keeps the balances (docs/loyalty.md)."""
