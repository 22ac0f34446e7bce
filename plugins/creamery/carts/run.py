"""One run of the carts: what changed in Odoo, which reminders are due at the run's moment, and the lists of them.

Everything may be run again at any time. Reminders are decided in one transaction and handed over in another; in between
each has its file by name, so that a run after a crash writes the same file again, and nobody is in two.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import dict_row

from creamery import warehouse
from creamery.audiences import experiments
from creamery.carts.codes import offer_code
from creamery.carts.decide import decide, record_changes
from creamery.carts.rules import CartRules
from creamery.carts.source import Odoo, Scope
from creamery.errors import SourceError, WarehouseError
from creamery.extract import identity, source
from creamery.push.destinations import files
from creamery.push.export_folder import ExportFolder

_LOCK_KEY = 0x63617274  # "cart": one run at a time; nights hold another lock, and neither waits for the other
_LIST_COLUMNS = (
    "customer_code",
    "customer_name",
    "partner_id",
    "email",
    "offer_code",
    "order_name",
    "cart_summary",
    "cart_items",
    "cart_total",
    "currency",
    "cart_link",
    "last_activity_at",
)


class NothingToDo(Exception):  # noqa: N818 - no error: a task is skipped by it
    """Why a run has nothing to look at."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did; counts only."""

    read_carts: int = 0
    closed_carts: int = 0
    decided_steps: int = 0
    handed_over: int = 0
    suppressed: int = 0

    @property
    def is_idle(self) -> bool:
        return not any(asdict(self).values())


@dataclass(frozen=True, slots=True)
class CartRun:
    """What a run needs to know; `as_of` is its moment, by which it is judged what is idle, due and expired."""

    as_of: datetime
    rules: CartRules
    scope: Scope
    odoo_dsn: str
    warehouse_dsn: str
    global_control_percent: float = 0

    def run(self, folder: ExportFolder) -> Summary:
        """Read, decide, hand over. Raises NothingToDo where there is no web shop or the run is late."""
        with self._only_one() as connection:
            decided = self.decide(connection)
            handed_over, suppressed = self.hand_over(connection, folder)
        return replace(decided, handed_over=handed_over, suppressed=suppressed)

    def decide(self, connection: psycopg.Connection) -> Summary:
        """Bring carts.cart to what Odoo says, and write down the steps that are due."""
        _require_forward(connection, self.as_of)
        since = self.as_of - timedelta(days=self.rules.expire_days)
        known = _known_carts(connection, since)
        connection.commit()
        was_open = {cart: row for cart, row in known.items() if row["is_open"]}
        with self._odoo(connection) as odoo:
            stamps = odoo.stamps(self.scope, since, was_open)
            changed = [cart for cart, stamp in stamps.items() if known.get(cart, {}).get("source_stamp") != stamp]
            contents = odoo.contents(changed)
            closings = odoo.closings(set(was_open) - set(stamps))
            gone = set(was_open) - set(stamps) - {row["cart_id"] for row in closings}
            still_open = {cart: row for cart, row in was_open.items() if cart in stamps} | _by_cart(contents)
            orders = odoo.later_orders(still_open.values())
        with connection.transaction():
            generation = _open_generation(connection, self.as_of)
            closed = record_changes(connection, generation, self.rules, contents, closings, gone, orders)
            decided, expired = decide(connection, generation, self.as_of, self.rules)
            summary = Summary(len(contents), closed + expired, decided)
            _close_generation(connection, generation, summary)
        return summary

    def hand_over(self, connection: psycopg.Connection, folder: ExportFolder) -> tuple[int, int]:
        """Look at the contacts of due steps again, live, and write the lists of those that still may be reminded."""
        pending = _due(connection)
        connection.commit()
        if not pending:
            return 0, 0
        with self._odoo(connection) as odoo:
            reasons = odoo.suppression(self.scope, pending)
            reasons |= {row["cart_id"]: "ordered since" for row in odoo.later_orders(pending)}
        controls = _global_controls(connection, pending, self.as_of, self.global_control_percent)
        for row in pending:
            if row["status"] not in ("abandoned", "recovery_started"):
                reasons.setdefault(row["cart_id"], "touched since")
            elif row["cart_id"] in controls:
                reasons.setdefault(row["cart_id"], "global control group")
            elif self._is_control(row):
                reasons.setdefault(row["cart_id"], "control group")
        with connection.transaction():
            _settle(connection, reasons)
            _give_files(connection, self.as_of, self.rules)
        handed_over = 0
        for generation, step, moment in _unfinished_lists(connection):
            handed_over += self._write_list(connection, folder, generation, step, moment)
        return handed_over, len(reasons)

    def _is_control(self, row: Mapping[str, Any]) -> bool:
        share = experiments.draw("abandoned_cart", "control", _customer_code(row["drawn_id"]))
        return share < self.rules.control_percent / 100

    def _write_list(
        self, connection: psycopg.Connection, folder: ExportFolder, generation: int, step: int, moment: datetime
    ) -> int:
        zone = _time_zone(connection)
        name, local = f"abandoned_cart_{step}", moment.astimezone(zone)
        home = PurePosixPath(connection.info.dbname, name, str(local.date()))
        members = _members(connection, generation, step)
        connection.commit()
        files.write_table(
            folder,
            home,
            f"{name}_{local:%H%M%S}_{generation}",
            _LIST_COLUMNS,
            (_list_row(member, zone) for member in members),
            {
                "list": name,
                "kind": "campaign",
                "campaign": "abandoned_cart",
                "step": step,
                "channel": "email",
                "is_service": False,
                "as_of": moment.astimezone(UTC).isoformat(),
                "as_of_date": str(local.date()),
            },
        )
        with connection.transaction():
            _acknowledge(connection, generation, step, self.as_of)
        return len(members)

    @contextmanager
    def _only_one(self) -> Iterator[psycopg.Connection]:
        with warehouse.connect(self.warehouse_dsn, warehouse.Role.CARTS, "creamery carts") as connection:
            if connection.execute("select pg_try_advisory_lock(%s)", (_LOCK_KEY,)).fetchone() != (True,):
                raise NothingToDo("Another run of the carts is still at work.")
            connection.commit()
            try:
                yield connection
            finally:
                # The session's end would release it too, but a moment later.
                connection.rollback()
                connection.execute("select pg_advisory_unlock(%s)", (_LOCK_KEY,))

    @contextmanager
    def _odoo(self, connection: psycopg.Connection) -> Iterator[Odoo]:
        with source.connect(self.odoo_dsn) as session:
            identity.require_same_source(connection, source.read_facts(session, None))
            connection.commit()
            odoo = Odoo(session)
            if reason := odoo.why_no_carts():
                raise NothingToDo(reason)
            yield odoo


def _require_forward(connection: psycopg.Connection, as_of: datetime) -> None:
    if connection.execute("select 1 from ops.warehouse").fetchone() is None:
        raise NothingToDo("This warehouse has not been filled yet: the first night comes before the first cart.")
    row = connection.execute("select last_as_of from carts.progress").fetchone()
    if row and row[0] > as_of:
        raise NothingToDo(f"A run of {row[0]:%Y-%m-%d %H:%M} has been: what is due is decided by the newest alone.")


def _known_carts(connection: psycopg.Connection, since: datetime) -> dict[int, dict[str, Any]]:
    """Carts that may still change: open ones, and closed ones that Odoo still shows as carts touched since."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "select cart_id, customer_id, last_activity_at, source_stamp,"
            " status in ('open', 'abandoned', 'recovery_started', 'excluded') as is_open from carts.cart"
            " where status in ('open', 'abandoned', 'recovery_started', 'excluded')"
            " or source_stamp >= %s::timestamptz at time zone 'UTC'",
            (since,),
        ).fetchall()
    return _by_cart(rows)


def _by_cart(rows: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    return {row["cart_id"]: row for row in rows}


def _open_generation(connection: psycopg.Connection, as_of: datetime) -> int:
    connection.execute(
        "insert into carts.progress (first_as_of, last_as_of) values (%s, %s)"
        " on conflict (is_only) do update set last_as_of = excluded.last_as_of",
        (as_of, as_of),
    )
    row = connection.execute(
        "insert into carts.generation (as_of) values (%s) returning generation", (as_of,)
    ).fetchone()
    assert row is not None  # an insert returns its row
    return int(row[0])


def _close_generation(connection: psycopg.Connection, generation: int, summary: Summary) -> None:
    """Ninety-six runs a day: those that changed nothing leave no row."""
    connection.execute(
        "update carts.generation set read_carts = %s, closed_carts = %s, decided_steps = %s where generation = %s",
        (summary.read_carts, summary.closed_carts, summary.decided_steps, generation),
    )
    connection.execute(
        "delete from carts.generation where generation = %(generation)s"
        " and not exists (select from carts.cart where last_generation = %(generation)s)"
        " and not exists (select from carts.step where generation = %(generation)s or outcome = 'due')",
        {"generation": generation},
    )


def _due(connection: psycopg.Connection) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            # Groups are drawn for an address, by the first of the customers who have had a cart there.
            "with due as ("
            " select step.step, cart.*, coalesce(step.address, cart.email) as address"
            " from carts.step join carts.cart using (cart_id) where step.outcome = 'due'"
            "), first as ("
            " select cart.email, min(cart.customer_id) as customer_id, min(carts.customer_sk(cart.customer_id)) as sk"
            " from carts.cart where cart.email in (select due.email from due) group by cart.email"
            ") select due.cart_id, due.partner_id, due.customer_id, due.last_activity_at, due.status,"
            " due.address as email, coalesce(first.customer_id, due.customer_id) as drawn_id,"
            " coalesce(first.sk, carts.customer_sk(due.customer_id)) as drawn_sk"
            " from due left join first on due.email = first.email order by 1, due.step"
        ).fetchall()


def _global_controls(
    connection: psycopg.Connection, pending: Sequence[Mapping[str, Any]], as_of: datetime, percent: float
) -> set[int]:
    day = as_of.astimezone(_time_zone(connection)).date()
    rows = connection.execute(
        "select cart_id from unnest(%s::integer[], %s::bigint[]) as drawn (cart_id, customer_sk)"
        " where carts.is_in_global_control(customer_sk, %s, %s::numeric)",
        ([row["cart_id"] for row in pending], [row["drawn_sk"] for row in pending], day, percent),
    ).fetchall()
    connection.commit()
    return {cart for (cart,) in rows}


def _settle(connection: psycopg.Connection, reasons: Mapping[int, str]) -> None:
    connection.execute(
        "update carts.step set outcome = found.reason"
        " from unnest(%s::integer[], %s::text[]) as found (cart_id, reason)"
        " where step.cart_id = found.cart_id and step.outcome = 'due'",
        (list(reasons), list(reasons.values())),
    )


def _give_files(connection: psycopg.Connection, as_of: datetime, rules: CartRules) -> None:
    """Steps without a file yet get one together, and what is written into it."""
    row = connection.execute("select value from carts.secret").fetchone()
    if row is None:
        raise WarehouseError("carts.secret is empty: run the bootstrap again (docs/operations.md).")
    waiting = connection.execute(
        "select cart_id, step from carts.step where outcome = 'due' and list_generation is null"
    ).fetchall()
    if not waiting:
        return
    connection.cursor().executemany(
        "update carts.step set list_generation = (select max(generation) from carts.generation), offer_code = %s,"
        " address = (select cart.email from carts.cart where cart.cart_id = step.cart_id)"
        " where cart_id = %s and step = %s",
        [(_code(row[0], rules, cart, step), cart, step) for cart, step in waiting],
    )


def _code(secret: str, rules: CartRules, cart: int, step: int) -> str | None:
    prefix = rules.steps[step - 1].offer_code_prefix if step <= len(rules.steps) else None
    return offer_code(secret, prefix, cart, step) if prefix else None


def _unfinished_lists(connection: psycopg.Connection) -> list[tuple[int, int, datetime]]:
    rows = connection.execute(
        "select distinct step.list_generation, step.step, generation.as_of"
        " from carts.step join carts.generation on step.list_generation = generation.generation"
        " where step.outcome = 'due' order by 1, 2"
    ).fetchall()
    connection.commit()
    return [(int(generation), int(step), moment) for generation, step, moment in rows]


def _members(connection: psycopg.Connection, generation: int, step: int) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "select cart.*, step.address, step.offer_code from carts.step join carts.cart using (cart_id)"
            " where step.list_generation = %s and step.step = %s and step.outcome in ('due', 'handed over')"
            " order by cart_id",
            (generation, step),
        ).fetchall()


def _acknowledge(connection: psycopg.Connection, generation: int, step: int, as_of: datetime) -> None:
    carts = connection.execute(
        "update carts.step set outcome = 'handed over', handed_over_at = %s"
        " where list_generation = %s and step = %s and outcome = 'due' returning cart_id",
        (as_of, generation, step),
    ).fetchall()
    ids = [cart for (cart,) in carts]
    connection.execute(
        "update carts.cart set status = 'recovery_started' where cart_id = any(%s) and status = 'abandoned'", (ids,)
    )
    connection.execute(
        "update carts.generation set handed_over_steps = handed_over_steps + %s where generation = %s",
        (len(ids), generation),
    )
    # Counts as pushed for seven days; nobody stays on such a list, and nobody is taken off it.
    connection.execute(
        "insert into push.list_stay (destination, list_name, address, customer_sk, pushed_at, removed_at)"
        " select 'files', 'abandoned_cart_' || step.step, step.address,"
        " carts.customer_sk(cart.customer_id), %s, %s::timestamptz + interval '8 days'"
        " from carts.step join carts.cart using (cart_id) where step.cart_id = any(%s) and step.step = %s"
        " on conflict do nothing",
        (as_of, as_of, ids, step),
    )


def _list_row(member: Mapping[str, Any], zone: ZoneInfo) -> list[object]:
    values = dict(member) | {
        "customer_code": _customer_code(member["customer_id"]),
        "email": member["address"],
        "cart_items": member["items"],
        "cart_summary": "; ".join(f"{item['quantity']} x {item['name']}" for item in member["items"]),
        "last_activity_at": member["last_activity_at"].astimezone(zone).strftime("%Y-%m-%d %H:%M"),
    }
    return [values[column] for column in _LIST_COLUMNS]


def _customer_code(customer_id: int) -> str:
    """As in star.dim_customer: whoever registered since the last night has one as well."""
    return f"C{customer_id:07d}"


def _time_zone(connection: psycopg.Connection) -> ZoneInfo:
    row = connection.execute("select business_time_zone from ops.warehouse").fetchone()
    if row is None:
        raise SourceError("This warehouse has not been filled yet: run extract_odoo first.")
    return source.time_zone_of(row[0])
