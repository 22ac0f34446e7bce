"""Every chart, asked through Superset's API as its dashboard asks it."""

import copy
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from bundle import read
from running_superset import NEWEST_DAY, Chart, RunningSuperset, stored_charts
from superset_client import Superset

pytestmark = pytest.mark.slow

CHARTS = sorted(read().charts)
# Charts that the segment filter leaves alone, as the dashboard says.
WITHOUT_SEGMENT = {"as_of_day", "publication"}
Filter = dict[str, Any]
Ask = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def charts(client: Superset) -> dict[str, Chart]:
    return stored_charts(client)


def on_day(day: str = NEWEST_DAY) -> Filter:
    """What the native filter sends for a day: milliseconds since 1970."""
    milliseconds = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)
    return {"col": "as_of_date", "op": "IN", "val": [milliseconds]}


def in_segments(*segments: str) -> Filter:
    return {"col": "rfm_segment", "op": "IN", "val": list(segments)}


@pytest.fixture(scope="module")
def ask(client: Superset, charts: dict[str, Chart]) -> Ask:
    """Asks a chart by file name, with filters; gives its results, one per query."""

    def answer(chart: str, *filters: Filter, force: bool = True) -> list[dict[str, Any]]:
        body = copy.deepcopy(charts[chart].context) | {"force": force}
        for query in body["queries"]:
            query["filters"] += filters
        response = client.session.post(f"{client.url}/api/v1/chart/data", json=body, timeout=60)
        assert response.status_code == 200, response.text
        results: list[dict[str, Any]] = response.json()["result"]
        for result in results:
            assert result["error"] is None
            assert result["rejected_filters"] == []
        return results

    return answer


@pytest.mark.parametrize("chart", CHARTS)
def test_a_chart_answers_in_time_with_rows(chart: str, ask: Ask) -> None:
    filters = [on_day()] if chart in WITHOUT_SEGMENT else [on_day(), in_segments("At Risk", "Champions")]
    started = time.perf_counter()
    results = ask(chart, *filters)
    assert time.perf_counter() - started < 3
    for result in results:
        assert result["rowcount"] > 0
        assert {each["column"] for each in result["applied_filters"]} == {each["col"] for each in filters}
        assert any(value is not None for value in result["data"][0].values())


def value(results: list[dict[str, Any]]) -> Any:
    """The only figure of a big number."""
    (row,) = results[0]["data"]
    (figure,) = row.values()
    return figure


@pytest.mark.parametrize(
    ("chart", "sql"),
    [
        ("customers", "count(*)"),
        ("net_revenue", "sum(total_spend_365_days)"),
        ("active_share", "avg((days_since_last_order <= 30)::int)"),
        (
            "revenue_at_risk",
            "sum(total_spend_365_days) filter (where rfm_segment in ('At Risk', 'Cant Lose Them'))",
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
    chart: str, sql: str, segments: tuple[str, ...], ask: Ask, warehouse_dsn: str
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


def test_the_summary_adds_up(ask: Ask) -> None:
    lines, totals = ask("segment_summary", on_day())
    (total,) = totals["data"]
    for metric in ("customers", "net_revenue"):
        assert sum(line[metric] for line in lines["data"]) == pytest.approx(total[metric])
    assert total["share_of_customers"] == pytest.approx(1)
    assert all(line["order_value"] > 0 for line in [total, *lines["data"]])
    assert [line["net_revenue"] for line in lines["data"]] == sorted(
        (line["net_revenue"] for line in lines["data"]), reverse=True
    )


def test_the_heatmap_holds_every_customer_once(ask: Ask) -> None:
    (cells,) = ask("recency_frequency_heatmap", on_day())
    assert sum(cell["customers"] for cell in cells["data"]) == 5000


def test_another_day_gives_that_day(ask: Ask) -> None:
    assert value(ask("as_of_day", on_day("2026-10-31"))) == pytest.approx(on_day("2026-10-31")["val"][0])
    (newest,) = ask("publication", on_day())
    (older,) = ask("publication", on_day("2026-10-31"))
    assert (newest["data"][0]["newest"], older["data"][0]["newest"]) == ("yes", "no")
    assert older["data"][0]["origin"] == "later, from history"


@pytest.mark.parametrize("days", [(), ("2026-11-18", "2026-11-19")])
def test_several_days_at_once_give_no_number_rather_than_a_wrong_one(days: tuple[str, ...], ask: Ask) -> None:
    filters = [on_day(days[0]) | {"val": [on_day(day)["val"][0] for day in days]}] if days else []
    assert value(ask("customers", *filters)) is None


def test_the_table_of_customers_has_no_personal_data(ask: Ask) -> None:
    page, count = ask("customers_by_code", on_day())
    assert count["data"][0]["rowcount"] == 5000
    assert len(page["data"]) == 25
    assert set(page["colnames"]) == {
        "customer_code",
        "rfm_segment",
        "recency_score",
        "frequency_score",
        "monetary_score",
        "days_since_last_order",
        "last_order_date",
        "order_count_365_days",
        "total_spend_365_days",
        "avg_order_value",
        "country",
        "customer_kind",
        "score_change",
    }


def test_money_carries_the_shops_currency(ask: Ask) -> None:
    for chart in ("net_revenue", "revenue_by_segment", "customers_by_code", "segment_summary"):
        assert ask(chart, on_day())[0]["detected_currency"] == "BDT"


def test_an_import_drops_cached_figures(
    ask: Ask, client: Superset, superset: RunningSuperset, warehouse_dsn: str
) -> None:
    """A night publishes a day again, or a new one: the dashboard shows it at once."""
    from import_dashboards import import_dashboards

    day = (date.fromisoformat(NEWEST_DAY) - timedelta(days=1)).isoformat()
    before = value(ask("customers", on_day(day)))
    change = "update reporting.vw_rfm_segment_summary set customer_count = customer_count + %s where as_of_date = %s"
    with psycopg.connect(warehouse_dsn) as warehouse:
        warehouse.execute(change, (1, day))
    assert value(ask("customers", on_day(day), force=False)) == before
    import_dashboards(client, warehouse_uri=superset.warehouse_uri)
    assert value(ask("customers", on_day(day), force=False)) == before + 11
    with psycopg.connect(warehouse_dsn) as warehouse:
        warehouse.execute(change, (-1, day))
