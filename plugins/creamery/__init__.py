"""Creamery: the customer warehouse for shops that run on Odoo."""
