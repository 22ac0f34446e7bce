"""The spec's RFM (section 2) computed straight from an Odoo database with pandas, sharing nothing with the models."""

import datetime as dt

import numpy as np
import pandas as pd
import psycopg

SALES = """
    select 'order' || o.id as order_key, p.commercial_partner_id as customer_id,
           ((o.date_order at time zone 'UTC') at time zone %(zone)s)::date as day,
           sum(l.price_subtotal) / coalesce(nullif(o.currency_rate, 0), 1) as net, sum(l.price_subtotal) as document_net
    from sale_order o join sale_order_line l on l.order_id = o.id and l.display_type is null
    join res_partner p on p.id = o.partner_id
    where o.state in ('sale', 'done')
    group by o.id, p.commercial_partner_id
"""
POS = """
    select 'pos' || coalesce(original.order_id, o.id) as order_key,
           coalesce(op.commercial_partner_id, p.commercial_partner_id) as customer_id,
           ((o.date_order at time zone 'UTC') at time zone %(zone)s)::date as day,
           l.price_subtotal / coalesce(nullif(o.currency_rate, 0), 1) as net, l.price_subtotal as document_net,
           l.qty < 0 as is_refund
    from pos_order o join pos_order_line l on l.order_id = o.id
    left join pos_order_line original on original.id = l.refunded_orderline_id
    left join pos_order oo on oo.id = original.order_id
    left join res_partner op on op.id = oo.partner_id
    left join res_partner p on p.id = o.partner_id
    where o.state in ('paid', 'done', 'invoiced')
"""
REFUNDS = """
    select 'order' || so.id as order_key, p.commercial_partner_id as customer_id,
           coalesce(m.invoice_date, m.date) as day, -sum(l.balance) as net, -sum(l.price_subtotal) as document_net
    from account_move m
    join account_move_line l on l.move_id = m.id and l.display_type = 'product'
    cross join lateral (
        select sol.order_id from (
            select 1 as preference, r.order_line_id from sale_order_line_invoice_rel r where r.invoice_line_id = l.id
            union all
            select case when ol.product_id is not distinct from l.product_id then 2 else 3 end, r.order_line_id
            from account_move_line ol join sale_order_line_invoice_rel r on r.invoice_line_id = ol.id
            where ol.move_id = m.reversed_entry_id
        ) ways join sale_order_line sol on sol.id = ways.order_line_id
        join sale_order o on o.id = sol.order_id
        order by preference, o.state in ('sale', 'done') desc, order_line_id limit 1
    ) way
    join sale_order so on so.id = way.order_id and so.state in ('sale', 'done')
    join res_partner p on p.id = so.partner_id
    where m.move_type = 'out_refund' and m.state = 'posted'
      and not exists (select 1 from pos_order po where po.account_move in (m.id, m.reversed_entry_id))
    group by so.id, p.commercial_partner_id, m.id
"""
NEVER_CUSTOMERS = """
    select partner_id from res_users where not coalesce(share, false)
    union select partner_id from res_company
    union select u.partner_id from website w join res_users u on u.id = w.user_id
"""


def compute(source: str, day: dt.date, zone: str) -> pd.DataFrame:
    """One row per customer_id: the measures and scores of `day`."""
    events = read_events(source, zone)
    events = events[events["day"] <= day]
    counted = counted_orders(events)
    table = counted.groupby("customer_id").agg(last_order_date=("day", "max"))
    start = day - dt.timedelta(days=365)
    table["orders"] = counted[counted["day"] > start].groupby("customer_id").size()
    table["spend"] = events[events["day"] > start].groupby("customer_id")["net"].sum().round(2)
    table = table.fillna({"orders": 0, "spend": 0.0})
    table["days"] = [(day - last).days for last in table["last_order_date"]]
    return _score(table)


def counted_orders(events: pd.DataFrame) -> pd.DataFrame:
    """One row per order that refunds have not taken back whole."""
    orders = events.groupby(["customer_id", "order_key"]).agg(
        day=("order_day", "min"), remaining=("document_net", "sum"), refunded=("is_refund", "any")
    )
    return orders[orders["day"].notna() & ~(orders["refunded"] & (orders["remaining"] < 0.005))].reset_index()


def read_events(source: str, zone: str) -> pd.DataFrame:
    """What customers bought and gave back, one row per order or refund."""
    with psycopg.connect(source) as connection:
        frames = [
            _frame(connection, SALES, zone).assign(is_refund=False),
            _frame(connection, POS, zone),
            _frame(connection, REFUNDS, zone).assign(is_refund=True),
        ]
        never = {row[0] for row in connection.execute(NEVER_CUSTOMERS)}
    events = pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
    events = events[events["customer_id"].notna() & ~events["customer_id"].isin(never)].copy()
    events = events.astype({"net": float, "document_net": float})
    events["order_day"] = events["day"].where(~events["is_refund"].astype(bool))
    return events


def _frame(connection: psycopg.Connection, query: str, zone: str) -> pd.DataFrame:
    cursor = connection.execute(query.encode(), {"zone": zone})
    assert cursor.description is not None
    return pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description], dtype=object)


def _score(table: pd.DataFrame) -> pd.DataFrame:
    active = table[table["orders"] > 0]
    scores = pd.DataFrame(index=active.index)
    for name, values in (("r", -active["days"]), ("f", active["orders"]), ("m", active["spend"])):
        numbers = values.to_numpy(dtype=float)
        ordered = np.sort(numbers)
        below = np.searchsorted(ordered, numbers, side="left")
        equal = np.searchsorted(ordered, numbers, side="right") - below
        fifth = np.minimum(5, 1 + 5 * (2 * below + equal) // (2 * len(numbers)))
        scores[name] = fifth if len(numbers) >= 5 else 3
    scores.loc[active["orders"] == 1, "f"] = 1
    scores.loc[active["orders"] == 2, "f"] = scores["f"].clip(upper=3)
    scores.loc[active["days"] <= 7, "r"] = scores["r"].clip(lower=3)
    scores.loc[active["days"] <= 1, "r"] = 5
    for name in "rfm":
        table[name] = scores[name].reindex(table.index).fillna(1).astype(int)
    return table
