"""Campaigns, channels and acquisition against the source, by SQL that knows nothing of the models."""

from collections import Counter

import psycopg

from tests.shops import Built
from tests.warehouse import independent_campaigns

# What the demonstration shop's UTM fields stand for.
CHANNELS = {
    ("Search engine", "Google Adwords"): "SEARCH_PAID",
    ("Facebook", "Social"): "SOCIAL",
    ("Newsletter", "Email"): "EMAIL",
    ("Referral", "Phone"): "REFERRAL",
    ("Billboard", "Banner"): "DISPLAY",
    ("Trade fair", "Website"): "EVENT",
    ("YouTube", "Social"): "SOCIAL",
    ("Direct", "Website"): "DIRECT",
}


def test_the_demo_shop_agrees(built: Built) -> None:
    independent_campaigns.assert_agrees(built)


def test_every_order_has_its_channels(built: Built) -> None:
    expected: Counter[tuple[str, str | None]] = Counter()
    with psycopg.connect(built.source) as connection:
        for is_web, source, medium, count in connection.execute(independent_campaigns.CHANNELS_OF_ORDERS.encode()):
            expected["WEBSHOP" if is_web else "SALES_TEAM", CHANNELS[source, medium] if source else None] += count
    rows = independent_campaigns.computed(
        built,
        "select sale.channel_code, utm.channel_code, count(distinct order_sk) from star.fact_sales as sales"
        " left join star.dim_order_origin as origin using (order_sk)"
        " left join star.dim_interaction_channel as sale using (channel_sk)"
        " left join star.dim_interaction_channel as utm on utm.channel_sk = origin.utm_channel_sk"
        " where sale_source = 'order' group by 1, 2",
    )
    assert len(expected) > 5
    assert {(sale, utm): count for sale, utm, count in rows} == expected


def test_no_address_reaches_the_star(built: Built) -> None:
    (found,) = independent_campaigns.computed(
        built,
        "select count(*) from (select to_jsonb(facts)::text as row from star.fact_mailing_send as facts"
        " union all select to_jsonb(facts)::text from star.fact_lead_funnel as facts) as rows"
        " where strpos(row, '@') > 0",
    )
    assert found == (0,)
