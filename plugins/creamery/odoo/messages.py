"""Odoo's own words, made fit for logs."""

import re

_ADDRESS = re.compile(r"\S+@\S+")


def without_addresses(text: str) -> str:
    """What Odoo says names the record it is about, often by its address."""
    return _ADDRESS.sub("<address>", text)
