"""The warehouse's part of a night, timed: dbt layer by layer, as build_warehouse runs it."""

import datetime as dt
import os
import time
from collections.abc import Sequence

from creamery import publication, warehouse
from creamery.as_of import Moment
from creamery.modelling import scores
from creamery.orchestration import dbt
from creamery.warehouse import Role
from tests import nights

os.environ.setdefault("DBT_QUIET", "1")

_RFM = ("rfm_customer_measures", "rfm_customer_scores", "rfm_customer_segments", "fact_customer_rfm")
_SALES = ("int_sales__order_lines", "fact_sales")
# What fact_sales cannot do without: the lines of confirmed orders, found together with their customers.
_BARE_JOIN = """
    select count(partners.commercial_partner_id)
    from raw_odoo.sale_order_line as lines
    inner join raw_odoo.sale_order as orders on lines.order_id = orders.id and orders._valid_to = 'infinity'
    left join raw_odoo.res_partner as partners
        on orders.partner_id = partners.id and partners._valid_to = 'infinity'
    where lines._valid_to = 'infinity' and lines.display_type is null and orders.state in ('sale', 'done')
"""


def night_seconds(target: str, day: dt.date) -> float:
    """Every layer for one day from the present rows, scored, published, with its audiences; dbt's own time and all."""
    started = time.monotonic()
    generation = _build(target, [day], (dbt.STAGING, dbt.STAR, dbt.FEATURES))
    scores.score_days(target, Moment((day,)), generation)
    for layer in (dbt.MARTS, dbt.REPORTING):
        dbt.build_layer(target, layer, Moment((day,)), generation)
    with warehouse.writer(target, Role.TRANSFORMER, "bench") as writer:
        publication.publish(writer.connection, generation)
    nights.build_audiences(target, day, generation)
    return time.monotonic() - started


def marts_seconds(target: str, days: Sequence[dt.date]) -> float:
    """Features, scores and marts of all days in one pass; never published, so that the next generation undoes them."""
    started = time.monotonic()
    generation = _build(target, days, (dbt.FEATURES,))
    scores.score_days(target, Moment(tuple(days)), generation)
    dbt.build_layer(target, dbt.MARTS, Moment(tuple(days)), generation)
    return time.monotonic() - started


def rfm_seconds(target: str, days: Sequence[dt.date]) -> float:
    """Seconds that the database works on RFM of these days, and of those they are compared with; nothing beside it."""
    generation = _build(target, days, (dbt.Layer("RFM", _RFM),))
    return _model_seconds(target, generation, _RFM)


def sales_seconds(target: str, day: dt.date) -> float:
    """Seconds for fact_sales where there was none; nothing beside it."""
    with warehouse.connect(target, Role.TRANSFORMER) as connection:
        connection.execute("drop table star.fact_sales cascade")
    generation = _build(target, [day], (dbt.Layer("sales", (f"{_SALES[0]}+,+{_SALES[-1]}",)),))
    return _model_seconds(target, generation, _SALES)


def bare_join_seconds(target: str) -> float:
    """The join that fact_sales stands on, with nothing computed and nothing written."""
    with warehouse.connect(target, Role.TRANSFORMER) as connection:
        started = time.monotonic()
        connection.execute(_BARE_JOIN)
        return time.monotonic() - started


def _model_seconds(target: str, generation: int, models: Sequence[str]) -> float:
    with warehouse.connect(target, Role.TRANSFORMER) as connection:
        row = connection.execute(
            "select sum(seconds) from ops.dbt_result where generation = %s and unique_id = any(%s)",
            (generation, [f"model.creamery.{model}" for model in models]),
        ).fetchone()
    assert row is not None
    return float(row[0])


def _build(target: str, days: Sequence[dt.date], layers: Sequence[dbt.Layer]) -> int:
    with warehouse.writer(target, Role.TRANSFORMER, "bench") as writer:
        generation = publication.open_generation(writer.connection, days)
    for layer in layers:
        dbt.build_layer(target, layer, Moment(tuple(days)), generation)
    return generation
