"""Campaigns and acquisition computed straight from an Odoo database, sharing nothing with the models."""

from typing import Any

import pandas as pd
import psycopg

from tests.shops import Built
from tests.warehouse import independent_rfm

# What happened to messages, with the day of each thing in the shop's own zone; delivered, bounced and sent are dated by
# the sending, or by the mailing's where Odoo has forgotten the message's.
MESSAGES = """
    select m.campaign_id, t.trace_status as status, t.email, t.model, t.res_id,
           (coalesce(t.sent_datetime, m.sent_date, t.create_date) at time zone 'UTC' at time zone %(zone)s)::date
               as day,
           case when t.trace_status in ('open', 'reply')
               then (t.open_datetime at time zone 'UTC' at time zone %(zone)s)::date end as open_day,
           case when t.trace_status in ('sent', 'open', 'reply')
               then (coalesce(c.first_at, t.links_click_datetime) at time zone 'UTC' at time zone %(zone)s)::date
           end as click_day
    from mailing_trace t join mailing_mailing m on m.id = t.mass_mailing_id
    left join (select mailing_trace_id, min(create_date) as first_at from link_tracker_click group by 1) c
        on c.mailing_trace_id = t.id
    where not coalesce(t.is_test_trace, false)
"""
CLICKS = """
    select m.campaign_id, (c.create_date at time zone 'UTC' at time zone %(zone)s)::date as day
    from link_tracker_click c join mailing_trace t on t.id = c.mailing_trace_id
    join mailing_mailing m on m.id = t.mass_mailing_id
    union all
    select m.campaign_id, (t.links_click_datetime at time zone 'UTC' at time zone %(zone)s)::date
    from mailing_trace t join mailing_mailing m on m.id = t.mass_mailing_id
    where t.links_click_datetime is not null
    and t.id not in (select mailing_trace_id from link_tracker_click where mailing_trace_id is not null)
"""
CAMPAIGN_OF_ORDER = "select 'order' || id as order_key, campaign_id from sale_order where campaign_id is not null"
LEADS = """
    select p.commercial_partner_id as customer_id, l.campaign_id,
           (l.create_date at time zone 'UTC' at time zone %(zone)s)::date as day
    from crm_lead l left join res_partner p on p.id = l.partner_id
"""
PARTNERS = "select id, commercial_partner_id as customer_id, email_normalized as email from res_partner"
CHANNELS_OF_ORDERS = """
    select w.website_id is not null, s.name, m.name, count(*)
    from sale_order w left join utm_source s on s.id = w.source_id left join utm_medium m on m.id = w.medium_id
    where w.state in ('sale', 'done') and w.id in (select order_id from sale_order_line where display_type is null)
    group by 1, 2, 3
"""


class Source:
    """What one Odoo database says, as frames of everything up to the day."""

    def __init__(self, built: Built) -> None:
        self.built = built
        with psycopg.connect(built.warehouse_admin) as connection:
            row = connection.execute("select business_time_zone from ops.warehouse").fetchone()
        assert row is not None
        self.zone = str(row[0])
        events = independent_rfm.read_events(built.source, self.zone)
        self.events = events[events["day"] <= built.as_of]

    def frame(self, query: str) -> pd.DataFrame:
        with psycopg.connect(self.built.source) as connection:
            cursor = connection.execute(query.encode(), {"zone": self.zone})
            assert cursor.description is not None
            return pd.DataFrame(cursor.fetchall(), columns=[c.name for c in cursor.description], dtype=object)

    def until_the_day(self, frame: pd.DataFrame) -> pd.DataFrame:
        # A plain list of an empty frame's rows would be a list of columns.
        return frame[pd.Series([day <= self.built.as_of for day in frame["day"]], frame.index, dtype=bool)].copy()

    def campaign_days(self) -> pd.DataFrame:
        """Counts per campaign_id and day, in the columns of campaign_daily_stats."""
        messages, clicks = self.frame(MESSAGES), self.frame(CLICKS)
        delivered = messages["status"].isin(["sent", "open", "reply"])
        bounced = messages["status"] == "bounce"
        sales = self.events.merge(self.frame(CAMPAIGN_OF_ORDER), on="order_key")
        orders = sales[~sales["is_refund"].astype(bool)].drop_duplicates("order_key")
        parts = {
            "sent": _count(messages[delivered | bounced], "day"),
            "delivered": _count(messages[delivered], "day"),
            "bounced": _count(messages[bounced], "day"),
            "unique_opens": _count(messages, "open_day"),
            "unique_clicks": _count(messages, "click_day"),
            "total_clicks": _count(clicks, "day"),
            "attributed_orders": _count(orders, "day"),
            "attributed_revenue": sales.groupby(["campaign_id", "day"])["net"].sum().round(2),
        }
        table = pd.DataFrame(parts).fillna(0)
        return table[[day <= self.built.as_of for day in table.index.get_level_values(1)]]

    def persons(self, messages: pd.DataFrame) -> "pd.Series[Any]":
        """Who got each message: the record's customer, else that of an address of one customer, else the record."""
        known = computed(self.built, "select distinct customer_id from star.dim_customer where generation_to is null")
        partners = self.frame(PARTNERS)
        partners = partners[partners["customer_id"].isin([row[0] for row in known])]
        by_record = partners.set_index("id")["customer_id"]
        holders = partners.groupby("email")["customer_id"].agg(["nunique", "min"])
        by_address = holders.loc[holders["nunique"] == 1, "min"]
        customers = messages["res_id"].where(messages["model"] == "res.partner").map(by_record)
        customers = customers.fillna(messages["email"].map(by_address))
        return customers.fillna(messages["model"] + messages["res_id"].astype(str))

    def first_orders(self) -> pd.DataFrame:
        """Per customer: day of the first order that stands, revenue in windows from it, orders in the longest."""
        standing = independent_rfm.counted_orders(self.events)
        table = standing.groupby("customer_id").agg(first=("day", "min"))
        events = self.events.merge(table, left_on="customer_id", right_index=True)
        ordered = self.events.groupby("order_key")["order_day"].min().rename("ordered")
        events = events.merge(ordered, left_on="order_key", right_index=True)
        events = events[events["ordered"].fillna(events["day"]) >= events["first"]]
        age = pd.Series([(day - first).days for day, first in zip(events["day"], events["first"], strict=True)])
        age.index = events.index
        for days in (30, 90, 365):
            table[f"revenue_{days}"] = events[age < days].groupby("customer_id")["net"].sum().round(2)
        standing = standing.merge(table[["first"]], left_on="customer_id", right_index=True)
        in_year = [(day - first).days < 365 for day, first in zip(standing["day"], standing["first"], strict=True)]
        table["orders_365"] = standing[in_year].groupby("customer_id").size()
        return table


def _count(frame: pd.DataFrame, day: str) -> "pd.Series[int]":
    dated = frame[frame[day].notna() & frame["campaign_id"].notna()]
    return dated.groupby(["campaign_id", day]).size().rename_axis(["campaign_id", "day"])


def computed(built: Built, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(built.warehouse_admin) as connection:
        return connection.execute(query.encode(), {"day": built.as_of}).fetchall()


def assert_agrees(built: Built) -> None:
    source = Source(built)
    assert_campaign_days_agree(source)
    assert_deliverability_agrees(source)
    assert_performance_agrees(source)
    assert_acquisition_agrees(source)


def assert_campaign_days_agree(source: Source) -> None:
    expected = source.campaign_days()
    columns = ", ".join(f"stats.{name}" for name in expected.columns)
    rows = computed(
        source.built,
        f"select campaign.campaign_id, stat_date, {columns} from star.campaign_daily_stats as stats"
        " join star.dim_campaign as campaign using (campaign_sk) where stats.generation_to is null"
        " and campaign.generation_to is null and campaign_source = 'utm' and stat_date <= %(day)s"
        # Days with nothing but an unsubscription.
        f" and ({columns}) is distinct from (0, 0, 0, 0, 0, 0, 0, 0)",
    )
    assert len(rows) > 30
    assert {row[:2] for row in rows} == set(expected.index)
    for campaign_id, day, *values in rows:
        want = expected.loc[(campaign_id, day)]
        assert [float(value) for value in values] == [float(value) for value in want], (campaign_id, day)


def assert_deliverability_agrees(source: Source) -> None:
    messages = source.frame(MESSAGES)
    counts = messages["status"].value_counts().to_dict()
    delivered = sum(counts.get(status, 0) for status in ("sent", "open", "reply"))
    (sums,) = computed(
        source.built,
        "select sum(total_sent), sum(total_delivered), sum(total_bounced), sum(total_failed)"
        " from star.email_deliverability_stats where generation_to is null",
    )
    assert sums == (delivered + counts.get("bounce", 0), delivered, counts.get("bounce", 0), counts.get("error", 0))


def assert_performance_agrees(source: Source) -> None:
    """What adds up equals the days' sums; orders are those of which something is left; persons count once."""
    days = source.campaign_days().groupby(level=0).sum()
    orders = independent_rfm.counted_orders(source.events).merge(source.frame(CAMPAIGN_OF_ORDER), on="order_key")
    messages, leads = source.until_the_day(source.frame(MESSAGES)), source.until_the_day(source.frame(LEADS))
    messages["person"] = source.persons(messages)
    reached = messages[messages["status"].isin(["sent", "open", "reply"])]
    rows = computed(
        source.built,
        "select campaign_id, impressions, opens, clicks, revenue_attributed, orders_attributed, conversions,"
        " leads_generated, unique_reach from marts.fact_campaign_performance as facts"
        " join star.dim_campaign as campaign using (campaign_sk)"
        " where as_of_date = %(day)s and facts.generation_to is null and campaign.generation_to is null",
    )
    assert set(days.index) <= {row[0] for row in rows}
    for campaign_id, impressions, opens, clicks, revenue, order_count, conversions, lead_count, reach in rows:
        if campaign_id in days.index:
            want = days.loc[campaign_id]
            assert (impressions, opens, clicks) == tuple(want[["delivered", "unique_opens", "total_clicks"]])
            assert abs(float(revenue) - want["attributed_revenue"]) < 0.05
        own = orders[orders["campaign_id"] == campaign_id]
        assert (order_count, conversions) == (len(own), own["customer_id"].nunique()), campaign_id
        assert lead_count == (leads["campaign_id"] == campaign_id).sum(), campaign_id
        assert reach == reached.loc[reached["campaign_id"] == campaign_id, "person"].nunique(), campaign_id


def assert_acquisition_agrees(source: Source) -> None:
    expected = source.first_orders()
    rows = computed(
        source.built,
        "select customer_id, first_order_date, orders_365_days, revenue_30_days, revenue_90_days, revenue_365_days"
        " from marts.fact_customer_acquisition as facts"
        " join (select distinct customer_sk, customer_id from star.dim_customer where generation_to is null)"
        " as customer using (customer_sk) where as_of_date = %(day)s and facts.generation_to is null",
    )
    leads = source.frame(LEADS)
    leads = source.until_the_day(leads[leads["customer_id"].notna()])
    without = {row[0] for row in rows if row[1] is None}
    assert {row[0] for row in rows} - without == set(expected.index)
    assert set(leads["customer_id"]) <= {row[0] for row in rows}
    for customer_id, first, orders, *revenues in rows:
        if customer_id in without:
            continue
        want = expected.loc[customer_id]
        assert (first, orders) == (want["first"], want["orders_365"]), customer_id
        for days, revenue in zip((30, 90, 365), revenues, strict=True):
            assert abs(float(revenue) - want[f"revenue_{days}"]) <= 0.01, (customer_id, days)
