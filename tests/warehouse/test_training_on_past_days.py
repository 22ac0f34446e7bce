"""A training on a past day learns from the rows as they stood then, not from the present ones."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from creamery import publication, warehouse
from creamery.as_of import Moment
from creamery.modelling import history
from creamery.orchestration import dbt
from creamery.warehouse import Role
from tests import nights
from tests.shops import AS_OF, Built

pytestmark = pytest.mark.slow

DAY = AS_OF - dt.timedelta(days=30)
FIRST_ORDER = DAY - dt.timedelta(days=300)
# As if the shop's orders and subscriptions had been others on the day.
KNOWN_THEN = (
    "create table star_past.fact_order as select * from star.fact_order with no data",
    f"insert into star_past.fact_order (order_date, customer_sk) values ('{FIRST_ORDER}', 1)",
    "create table star_past.fact_subscription as select * from star.fact_subscription with no data",
    "insert into star_past.fact_subscription (started_date, subscription_state)"
    f" values ('{DAY}'::date - 100, 'active'), ('{DAY}'::date - 10, 'draft')",
)


def test_it_reads_what_was_known_then(
    built: Built, new_database: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    target = nights.as_login(new_database("warehouse", template=built.warehouse_admin), "creamery_pipeline")
    past = Moment((DAY,), dt.datetime.combine(DAY, dt.time(22), dt.UTC))
    monkeypatch.setattr(dbt, "TRAINING", replace(dbt.TRAINING, select=("subscription_terms",)))
    with warehouse.connect(target, Role.TRANSFORMER) as connection:
        for statement in KNOWN_THEN:
            connection.execute(statement.encode())
        generation = publication.newest_generation(connection)
        connection.commit()
        present_days = history.cutoffs(connection, Moment((DAY,)))
        assert len(present_days) > 2
        # The first order is 300 days old, so at 90 and 180 days 60 days of orders were known.
        assert history.cutoffs(connection, past) == present_days[:2]
    dbt.build_layer(target, dbt.TRAINING, past, generation)
    with warehouse.connect(target, Role.TRANSFORMER) as connection:
        terms = connection.execute("select * from training.subscription_terms").fetchall()
    assert terms == [(DAY, 3, False, 1)]
