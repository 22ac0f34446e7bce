"""An Odoo for tests: real HTTP, both protocols, and the semantics that pushing depends on."""

from tests.push.fake_odoo.faults import Fault
from tests.push.fake_odoo.server import API_KEY, DATABASE, LOGIN, FakeOdoo
from tests.push.fake_odoo.store import ADMIN_UID, API_UID, Store

__all__ = ["ADMIN_UID", "API_KEY", "API_UID", "DATABASE", "LOGIN", "FakeOdoo", "Fault", "Store"]
