"""A push into the add-on's tables: the engine of odoo_push.py with another destination and the same questions."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from creamery import warehouse
from creamery.push import ledger
from creamery.push.destinations.addon_tables import AddonTables
from creamery.push.odoo_push import OdooPush, known_at
from creamery.push.settings import PushSettings
from creamery.push.sql_suppression import SqlSuppression


@contextmanager
def opened(
    dsn: str, writer_dsn: str, reader_dsn: str, settings: PushSettings, companies: Sequence[int] = ()
) -> Iterator[OdooPush]:
    """Connect the warehouse, the login that writes and the one that reads. PushError where another push is at work, or
    the Odoo is not the pinned one. `companies` are the warehouse's, none for all."""
    with warehouse.connect(dsn, warehouse.Role.PUSHER, "creamery push") as connection:
        connection.autocommit = True
        tables = AddonTables(writer_dsn, connection)
        with ledger.held_by_us(connection, tables.name):
            ledger.pin(connection, tables)
            of_night = replace(settings, reminder_lists=())
            categories: dict[str, str] = dict(
                connection.execute("select list_name, category from audiences.list_definition").fetchall()
            )
            suppression = SqlSuppression(reader_dsn, known_at(connection), categories, companies)
            yield OdooPush(connection, tables, suppression, of_night)
