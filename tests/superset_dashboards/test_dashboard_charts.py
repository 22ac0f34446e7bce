"""Every chart, asked through Superset's API as its dashboard asks it."""

import time
from typing import Any

import psycopg
import pytest
from bundle import read
from dashboard_layout import chart_names
from independent_figures import FIGURES, Figure
from replay import Replay, filters_of, in_segments, on_day, value
from running_superset import DAY_BEFORE, NEWEST_DAY, PEOPLE, RunningSuperset, stored_charts
from superset_client import Superset
from warming import warm

pytestmark = pytest.mark.slow

SOURCES = read()
SHOWN = [(dashboard, chart) for dashboard, spec in SOURCES.dashboards.items() for chart in chart_names(spec)]
SECONDS = 3


OF_MARKETERS = [
    name for name, spec in SOURCES.charts.items() if SOURCES.datasets[spec["dataset"]].get("schema") == "marketing"
]


@pytest.fixture(scope="module")
def ask(client: Superset) -> Replay:
    return Replay(client, stored_charts(client))


@pytest.fixture(scope="module")
def replays(superset: RunningSuperset, ask: Replay) -> dict[str, Replay]:
    """A session per role."""
    return {"admin": ask} | {name: Replay(superset.sign_in(name), ask.charts) for name in PEOPLE}


@pytest.fixture(scope="module")
def patience(ask: Replay) -> float:
    """Three seconds; on a machine where the smallest chart takes long already, thirty times that."""
    return max(SECONDS, 30 * min(ask.seconds("as_of_day", on_day()) for _ in range(3)))


@pytest.mark.parametrize("person", ["admin", *PEOPLE])
@pytest.mark.parametrize(("dashboard", "chart"), SHOWN)
def test_a_chart_answers_in_time_with_rows(
    dashboard: str, chart: str, person: str, replays: dict[str, Replay], patience: float
) -> None:
    if person == "analyst" and chart in OF_MARKETERS:
        return  # see the test below
    filters = filters_of(SOURCES, dashboard, chart)
    started = time.perf_counter()
    results = replays[person](chart, *filters)
    assert time.perf_counter() - started < patience
    for result in results:
        assert {each["column"] for each in result["applied_filters"]} >= {each["col"] for each in filters}
        if not SOURCES.charts[chart].get("empty"):
            assert result["rowcount"] > 0
            assert any(figure is not None for line in result["data"] for figure in line.values())


@pytest.mark.parametrize("chart", OF_MARKETERS)
def test_contact_data_is_not_for_analysts(chart: str, replays: dict[str, Replay]) -> None:
    refused = replays["analyst"].answer(chart, on_day())
    assert refused.status_code == 403
    assert "@" not in refused.text


def test_people_find_the_dashboards_of_their_role(superset: RunningSuperset, client: Superset) -> None:
    titles = {spec["dashboard_title"] for spec in SOURCES.dashboards.values()}
    for person in PEOPLE:
        seen = {each["dashboard_title"] for each in superset.sign_in(person).every("dashboard")}
        assert seen == (titles - {"Contacts"} if person == "analyst" else titles)


def test_warming_leaves_answers_cached(ask: Replay, client: Superset) -> None:
    client.forget_cached([item["id"] for item in client.every("dataset")])
    assert warm(client, SOURCES) == {}
    for dashboard, chart in SHOWN:
        day = [each for each in filters_of(SOURCES, dashboard, chart) if each["col"] == "as_of_date"]
        is_kept = SOURCES.datasets[SOURCES.charts[chart]["dataset"]].get("cache_timeout") != -1
        assert all(bool(result["is_cached"]) is is_kept for result in ask(chart, *day, force=False)), chart


def test_every_dashboard_has_an_independent_figure() -> None:
    assert {figure.dashboard for figure in FIGURES} == set(SOURCES.dashboards)


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: f"{figure.dashboard}-{figure.chart}")
def test_a_figure_equals_what_is_behind_it(figure: Figure, ask: Replay, warehouse_dsn: str) -> None:
    with psycopg.connect(warehouse_dsn) as warehouse:
        row = warehouse.execute(figure.sql, {"day": NEWEST_DAY}).fetchone()
    assert row
    assert row[0] is not None
    day = [each for each in filters_of(SOURCES, figure.dashboard, figure.chart) if each["col"] == "as_of_date"]
    lines = ask(figure.chart, *day)[0]["data"]
    assert sum(line[figure.metric] or 0 for line in lines) == pytest.approx(float(row[0]), rel=1e-6)


@pytest.mark.parametrize(
    ("chart", "sql"),
    [
        ("customers", "count(*)"),
        ("net_revenue", "sum(total_spend_365_days)"),
        ("active_share", "avg((days_since_last_order <= 30)::int)"),
        (
            "revenue_at_risk",
            "coalesce(sum(total_spend_365_days) filter (where rfm_segment in ('At Risk', 'Cant Lose Them')), 0)",
        ),
        (
            "loyal_revenue_share",
            "sum(total_spend_365_days) filter (where rfm_segment in ('Champions', 'Loyal Customers'))"
            " / sum(total_spend_365_days)",
        ),
    ],
)
@pytest.mark.parametrize("segments", [(), ("Champions", "At Risk")])
def test_a_figure_equals_the_customers_behind_it(
    chart: str, sql: str, segments: tuple[str, ...], ask: Replay, warehouse_dsn: str
) -> None:
    filters = [on_day(), in_segments(*segments)] if segments else [on_day()]
    with psycopg.connect(warehouse_dsn) as warehouse:
        row = warehouse.execute(
            f"select {sql} from reporting.vw_customer_rfm"
            " where as_of_date = %s and (rfm_segment = any(%s) or cardinality(%s::text[]) = 0)",
            (NEWEST_DAY, list(segments), list(segments)),
        ).fetchone()
    assert row
    assert value(ask(chart, *filters)) == pytest.approx(float(row[0]), rel=1e-6)


@pytest.mark.parametrize(
    ("chart", "sql"),
    [
        ("value_at_risk", "sum(risks.value_at_risk)"),
        ("expected_churners", "sum(risks.churn_probability)"),
        ("predicted_value", "sum(worth.predicted_clv_lifetime)"),
        ("net_revenue", "sum(rfm.total_spend_365_days)"),
        ("stage_churned", "count(*) filter (where lifecycle.current_stage = 'churned')"),
        ("cohort_customers", "count(*)"),
    ],
)
def test_filters_leave_whom_they_name(chart: str, sql: str, ask: Replay, warehouse_dsn: str) -> None:
    """By tier, country and channel at once; the customers are found without the tables behind the dashboards."""
    with psycopg.connect(warehouse_dsn) as warehouse:
        row = warehouse.execute(
            f"""
            select tiers.tier_name, customers.country_name, channels.channel_name, {sql}, count(*)
            from marts.customer_lifecycle as lifecycle
            inner join marts.fact_customer_rfm as rfm using (as_of_date, customer_sk)
            inner join marts.fact_customer_ltv as worth using (as_of_date, customer_sk)
            inner join marts.fact_customer_churn_risk as risks using (as_of_date, customer_sk)
            inner join marts.fact_customer_acquisition as won using (as_of_date, customer_sk)
            inner join star.dim_customer as customers
                on lifecycle.customer_sk = customers.customer_sk
                and as_of_date between customers.valid_from_date and customers.valid_to_date
            inner join star.dim_customer_tier as tiers on worth.tier_sk = tiers.tier_sk
            inner join star.dim_interaction_channel as channels on won.channel_sk = channels.channel_sk
            where as_of_date = %s
            group by 1, 2, 3
            having {sql} > 0
            order by count(*) desc
            limit 1
            """,  # type: ignore[arg-type]
            (NEWEST_DAY,),
        ).fetchone()
    assert row
    tier, country, channel, figure, _ = row
    chosen = {"tier_name": tier, "country": country, "acquisition_channel": channel}
    filters = [{"col": column, "op": "IN", "val": [name]} for column, name in chosen.items()]
    assert value(ask(chart, on_day(), *filters)) == pytest.approx(float(figure), rel=1e-4)


def test_the_summary_adds_up(ask: Replay) -> None:
    lines, totals = ask("segment_summary", on_day())
    (total,) = totals["data"]
    for metric in ("customers", "net_revenue"):
        assert sum(line[metric] for line in lines["data"]) == pytest.approx(total[metric])
    assert total["share_of_customers"] == pytest.approx(1)
    assert [line["net_revenue"] for line in lines["data"]] == sorted(
        (line["net_revenue"] for line in lines["data"]), reverse=True
    )


def test_another_day_gives_that_day(ask: Replay) -> None:
    assert value(ask("as_of_day", on_day(DAY_BEFORE))) == pytest.approx(on_day(DAY_BEFORE)["val"][0])
    (newest,) = ask("publication", on_day())
    (older,) = ask("publication", on_day(DAY_BEFORE))
    assert (newest["data"][0]["newest"], older["data"][0]["newest"]) == ("yes", "no")
    assert older["data"][0]["origin"] == "later, from history"


@pytest.mark.parametrize("days", [(), (DAY_BEFORE, NEWEST_DAY)])
def test_several_days_at_once_give_no_number_rather_than_a_wrong_one(days: tuple[str, ...], ask: Replay) -> None:
    filters = [on_day(days[0]) | {"val": [on_day(day)["val"][0] for day in days]}] if days else []
    assert value(ask("customers", *filters)) is None


def test_the_table_of_customers_comes_in_pages(ask: Replay) -> None:
    page, count = ask("customers_by_code", on_day())
    assert count["data"][0]["rowcount"] > 25
    assert len(page["data"]) == 25


def test_money_carries_the_shops_currency(ask: Replay) -> None:
    for chart in ("net_revenue", "revenue_by_segment", "customers_by_code", "segment_summary"):
        assert ask(chart, on_day())[0]["detected_currency"] == "BDT"


def test_an_import_drops_cached_figures(
    ask: Replay, client: Superset, superset: RunningSuperset, warehouse_dsn: str
) -> None:
    """A night publishes a day again, or a new one: the dashboard shows it at once."""
    from import_dashboards import import_dashboards

    def add(days: int) -> Any:
        with psycopg.connect(warehouse_dsn) as warehouse:
            return warehouse.execute(
                "update marts.customer_mix set total_spend_365_days = total_spend_365_days + %s where as_of_date = %s",
                (days, DAY_BEFORE),
            ).rowcount

    before = value(ask("net_revenue", on_day(DAY_BEFORE)))
    rows = add(1)
    assert value(ask("net_revenue", on_day(DAY_BEFORE), force=False)) == before
    import_dashboards(client, warehouse_uri=superset.warehouse_uri)
    assert value(ask("net_revenue", on_day(DAY_BEFORE), force=False)) == pytest.approx(before + rows)
    add(-1)
