"""Cards of a world's Odoo in the fake one."""

from tests.loyalty import worlds
from tests.loyalty.worlds import CARDS, World
from tests.push.fake_odoo import FakeOdoo


def fill(server: FakeOdoo, world: World) -> None:
    """The first cards, as the world's warehouse knows them."""
    records = server.store.records
    records["loyalty.program"][1] = {"id": 1, "program_type": "loyalty", "active": True}
    for card in CARDS[:3]:
        records["loyalty.card"][card] = {
            "id": card, "program_id": 1, "points": 200.0, "active": True, "write_date": "2025-01-01 00:00:00",
        }  # fmt: skip
    for key, card, issued in worlds.rows(
        world.odoo, "select id, card_id, issued from loyalty_history where card_id = any(%s)", list(CARDS[:3])
    ):
        records["loyalty.history"][key] = {
            "id": key, "card_id": card, "description": "Order", "issued": issued, "used": 0.0,
            "create_date": "2025-01-01 00:00:00",
        }  # fmt: skip
    server.store.sequences["loyalty.history"] = max(records["loyalty.history"])
