"""Abandoned carts: what is open in the web shop, which reminders are due, and to whom they go (spec, section 9)."""
