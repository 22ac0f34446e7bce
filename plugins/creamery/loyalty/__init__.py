"""Expiry of loyalty points: what a night planned, written where the balances are kept (docs/loyalty-push.md)."""
