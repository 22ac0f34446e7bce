"""What the importer's tests share: a shop made from the text of a file."""

from pathlib import Path

import psycopg
from psycopg.rows import TupleRow

from creamery.demo_shop.importer import ImportOptions, ImportReport, import_orders

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
HEADER = "order_id,date,customer,product,quantity,price"


class Shop:
    """One database and a folder for files; imports text and answers queries."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self.dsn = dsn
        self.folder = folder

    def write(self, text: str, name: str = "orders.csv") -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def load(self, text: str, **options: object) -> ImportReport:
        return self.load_file(self.write(text), **options)

    def load_file(self, path: Path, **options: object) -> ImportReport:
        given: dict[str, object] = {"name": "test", "bad_rows_folder": self.folder, **options}
        return import_orders(path, self.dsn, ImportOptions(**given))  # type: ignore[arg-type]

    def rows(self, query: str) -> list[TupleRow]:
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(query.encode()).fetchall()

    def content(self) -> list[TupleRow]:
        """Everything that a reader could notice, without write_date."""
        return self.rows(
            "select 'order', id, name, state, partner_id::text, date_order::text, amount_untaxed"
            " from sale_order"
            " union all select 'line', id, name, state, order_id::text, product_id::text, price_subtotal"
            " from sale_order_line"
            " union all select 'move', id, name, state, partner_id::text, date::text, amount_untaxed"
            " from account_move"
            " union all select 'partner', id, name, ref, tz, create_date::text, country_id from res_partner"
            " union all select 'setting', id, key, value, null, null, null from ir_config_parameter"
            " order by 1, 2"
        )
