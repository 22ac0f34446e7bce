"""From one plain file of orders to an Odoo-shaped source database; see docs/importing-orders.md."""

from creamery.demo_shop.importer.columns import Column
from creamery.demo_shop.importer.load import import_orders
from creamery.demo_shop.importer.options import ImportOptions
from creamery.demo_shop.importer.report import BadRow, ImportReport

__all__ = ["BadRow", "Column", "ImportOptions", "ImportReport", "import_orders"]
