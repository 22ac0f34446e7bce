"""Odoo over its external API: one client, two transports."""

from creamery.odoo.client import OdooClient, connect
from creamery.odoo.http import Pace
from creamery.odoo.login import Login

__all__ = ["Login", "OdooClient", "Pace", "connect"]
