"""The lifecycle of the demonstration shop equals one walked day by day through Odoo's own tables."""

from decimal import Decimal

import psycopg
import pytest

from tests.shops import Built
from tests.warehouse import independent_lifecycle
from tests.warehouse.independent_lifecycle import Standing


def rows(built: Built, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(built.warehouse_admin) as connection:
        return connection.execute(query.encode()).fetchall()


@pytest.fixture(scope="module")
def expected(built: Built) -> dict[int, Standing]:
    ((zone,),) = rows(built, "select business_time_zone from ops.warehouse")
    return independent_lifecycle.compute(built.source, built.as_of, str(zone))


def test_stages_retention_states_and_scores(built: Built, expected: dict[int, Standing]) -> None:
    computed = {
        customer_id: Standing(*standing)  # type: ignore[arg-type]
        for customer_id, *standing in rows(
            built,
            "select customer_id, current_stage, retention_state, retention_state_since_date, engagement_score"
            " from marts.customer_lifecycle join star.dim_customer using (customer_sk)"
            " where is_current and total_orders > 0",
        )
    }
    assert computed == expected
    assert {standing.stage for standing in computed.values()} >= {"engaged", "won_back", "onboarding", "at_risk"}
    assert {standing.retention_state for standing in computed.values()} >= {"VIP", "REACTIVATED", "AT_RISK"}


def test_everybody_has_a_stage(built: Built, expected: dict[int, Standing]) -> None:
    """Who is no buyer is acquired: with a cart, a lead, a card, or nothing but orders that were given back."""
    others = rows(
        built,
        "select customer_id, current_stage, retention_state, clm_stage from star.dim_customer"
        " left join marts.customer_lifecycle using (customer_sk) where is_current and coalesce(total_orders, 0) = 0",
    )
    assert {row[1:] for row in others} == {("acquired", "LEAD", "acquisition")}
    ((customers,),) = rows(built, "select count(distinct customer_sk) from star.dim_customer")
    assert len(others) + len(expected) == customers


def test_the_rhythm_of_segments_and_triggers_is_that_of_the_stages(built: Built) -> None:
    """Who has an order left has one: the limits of both are stretched alike."""
    columns = "as_of_date, customer_sk, day_limit_factor"
    of_rhythm = rows(built, f"select {columns} from marts.customer_rhythm where generation_to is null")
    of_stages = rows(
        built, f"select {columns} from marts.customer_lifecycle where total_orders > 0 and generation_to is null"
    )
    assert len(of_rhythm) > 100
    assert sorted(of_rhythm) == sorted(of_stages)


def test_tiers_follow_the_quantiles_of_spend(built: Built) -> None:
    """In taka, where the seed speaks of dollars."""
    wrong = rows(
        built,
        """
        with spend as (
            select customer_sk, total_spend_365_days as spend, order_count_365_days as orders
            from marts.fact_customer_rfm
        ), cut as (
            select q, percentile_cont(q) within group (order by spend) as least from spend,
            unnest(array[0.4, 0.65, 0.85, 0.95]) as q where orders > 0 group by q
        ), wanted as (
            select customer_sk, 1 + count(*) filter (
                where spend >= round(least::numeric, 2) and orders >= case q when 0.4 then 2 when 0.65 then 4
                when 0.85 then 8 else 12 end
            ) as level from spend cross join cut group by customer_sk
        )
        select customer_sk, tier_level, level from wanted
        left join marts.customer_tier using (customer_sk) left join star.dim_customer_tier using (tier_sk)
        where tier_level is distinct from level
        """,
    )
    assert wrong == []


def test_kpis_of_the_source(built: Built, expected: dict[int, Standing]) -> None:
    kpis = {
        code: (of, value)
        for code, of, value in rows(built, "select kpi_code, denominator, kpi_value from marts.fact_kpi")
    }
    working = sum(s.stage in ("onboarding", "active", "engaged", "won_back") for s in expected.values())
    assert kpis["active_customer_rate"] == (len(expected), round(Decimal(100 * working) / len(expected), 2))
    # No journeys in this shop: nothing to divide by, and no invented zero.
    assert kpis["onboarding_completion_rate"] == (0, None)
    assert all(value is not None for code, (_, value) in kpis.items() if code != "onboarding_completion_rate")


def test_views_agree_with_the_mart(built: Built) -> None:
    funnel = rows(
        built,
        "select vocabulary, stage, customer_count from reporting.vw_lifecycle_stage_funnel where customer_count > 0",
    )
    shown = rows(built, "select count(*) from reporting.vw_customer_lifecycle")
    assert shown == rows(built, "select count(*) from marts.customer_lifecycle")
    matrix = rows(
        built,
        "select vocabulary, to_stage, sum(customer_count)::bigint from reporting.vw_stage_transition_matrix"
        " group by 1, 2",
    )
    assert sorted(funnel) == sorted(matrix)
    dwelling = rows(built, "select retention_state, customer_count from reporting.vw_stage_dwell_time")
    assert sorted(row[1:] for row in funnel if row[0] == "retention_state") == sorted(dwelling)
