"""A training of the demo night: who serves from then on, what it foretells, and what must not change."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import psycopg
import pytest
from sklearn.metrics import roc_auc_score

from creamery import warehouse
from creamery.modelling import churn_training, registry
from creamery.modelling.registry import Champion, Task
from creamery.warehouse import Role
from tests import nights
from tests.extract.raw_tables import rows
from tests.shops import AS_OF, Built
from tests.warehouse.test_as_of import marts_of

NewDatabase = Callable[..., str]
DAY_BEFORE = AS_OF - dt.timedelta(days=1)
SCORED = ("fact_customer_ltv", "fact_customer_churn_risk", "fact_customer_propensity")
pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Trained:
    """A warehouse in which DAY_BEFORE was published before the training of AS_OF, and both days after it."""

    shop: str
    warehouse: str
    warehouse_admin: str
    untrained: dict[str, list[object]]
    champions: dict[Task, Champion | None]


def champions(target: str, day: dt.date = AS_OF) -> dict[Task, Champion | None]:
    with warehouse.connect(target, Role.TRANSFORMER) as connection:
        return {task: registry.champion(connection, task, day) for task in Task}


@pytest.fixture(scope="module")
def trained(built: Built, new_database: NewDatabase) -> Trained:
    admin_uri = new_database("warehouse", template=built.warehouse_admin)
    target = nights.prepare_warehouse(admin_uri)
    nights.build(target, DAY_BEFORE)
    untrained = marts_of(admin_uri, DAY_BEFORE)
    assert nights.train(target, AS_OF) == {}
    nights.build(target, DAY_BEFORE, AS_OF)
    return Trained(built.source, target, admin_uri, untrained, champions(target))


@pytest.fixture
def own(trained: Trained, new_database: NewDatabase) -> Trained:
    admin_uri = new_database("warehouse", template=trained.warehouse_admin)
    target = nights.prepare_warehouse(admin_uri)
    return Trained(trained.shop, target, admin_uri, trained.untrained, trained.champions)


def versions(admin_uri: str, table: str, day: dt.date) -> list[tuple[object, ...]]:
    """The published fits of the day with their customers."""
    published = "(select generation from ops.publication)"
    return rows(
        admin_uri,
        f"select model_version, count(*) from marts.{table} where as_of_date = '{day}'"
        f" and generation_from <= {published} and coalesce(generation_to > {published}, true) group by 1",
    )


def test_every_buyer_is_scored_by_the_champion(trained: Trained) -> None:
    ((buyers,),) = rows(
        trained.warehouse_admin,
        "select count(distinct customer_sk) from star.fact_order"
        f" where generation_to is null and counted_days @> date '{AS_OF}'",
    )
    assert isinstance(buyers, int)
    assert buyers > 200
    for table, task in zip(SCORED[:2], (Task.LIFETIME_VALUE, Task.CHURN), strict=True):
        champion = trained.champions[task]
        assert champion is not None
        assert versions(trained.warehouse_admin, table, AS_OF) == [(champion.model_version, buyers)]


def test_the_champion_is_shown(trained: Trained) -> None:
    shown = dict(
        rows(
            trained.warehouse_admin,
            f"select task, model_version from reporting.vw_model_champion where as_of_date = '{AS_OF}'",
        )
    )
    assert shown == {task: champion and champion.model_version for task, champion in trained.champions.items()}
    before = rows(
        trained.warehouse_admin,
        f"select distinct model_name, is_stale from reporting.vw_model_champion where as_of_date = '{DAY_BEFORE}'",
    )
    assert before == [("untrained", True)]


def test_a_day_before_the_training_stays_as_it_was(trained: Trained) -> None:
    now = marts_of(trained.warehouse_admin, DAY_BEFORE)
    for table in SCORED:
        assert now[table] == trained.untrained[table], table
    assert [version for version, _ in versions(trained.warehouse_admin, SCORED[1], DAY_BEFORE)] == ["untrained"]
    assert champions(trained.warehouse, DAY_BEFORE) == dict.fromkeys(Task)


def test_the_same_data_give_the_same_models(own: Trained) -> None:
    assert nights.train(own.warehouse, AS_OF) == {}
    assert champions(own.warehouse) == own.champions
    counted = "select (select count(*) from ml.promotion), (select count(distinct task) from ml.promotion)"
    assert rows(own.warehouse_admin, counted) == [(4, 4)]


def test_a_training_that_fails_leaves_the_champion_and_the_other_tasks(
    own: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no memory left")

    monkeypatch.setattr(churn_training, "train", fail)
    trained_day, served_day = (AS_OF + dt.timedelta(days=number) for number in (1, 2))
    assert nights.train(own.warehouse, trained_day) == {Task.CHURN: "no memory left"}
    assert champions(own.warehouse, trained_day) == own.champions
    now = champions(own.warehouse, served_day)
    assert now[Task.CHURN] == own.champions[Task.CHURN]
    clusters = now[Task.CLUSTERS]
    assert clusters is not None
    assert clusters.as_of_date == trained_day
    nights.score(own.warehouse, served_day)
    for task, table in ((Task.CHURN, "customer_churn"), (Task.CLUSTERS, "customer_cluster")):
        scored = f"select distinct model_version from scores.{table} where as_of_date = '{served_day}'"
        champion = now[task]
        assert champion is not None
        assert rows(own.warehouse_admin, scored) == [(champion.model_version,)]


def test_what_is_foretold_is_what_the_shop_was_made_from(trained: Trained) -> None:
    """Who left for ever, and at which rate the others buy: the models saw neither."""
    with psycopg.connect(trained.shop) as connection:
        truth = {
            partner: (is_alive, rate)
            for partner, is_alive, rate in connection.execute(
                "select partner_id, is_alive, rate_per_day from truth.customer where not is_regular"
            )
        }
    foretold = rows(
        trained.warehouse_admin,
        "select customer_id, values.expected_purchases_365, churn_probability from marts.fact_customer_ltv as values"
        " join marts.fact_customer_churn_risk as risks using (as_of_date, customer_sk)"
        " join star.dim_customer as customers using (customer_sk)"
        f" where as_of_date = '{AS_OF}' and customers.is_current and values.generation_to is null"
        " and risks.generation_to is null and customers.generation_to is null",
    )
    known = [
        (truth[int(str(each))], float(str(count)), float(str(risk))) for each, count, risk in foretold if each in truth
    ]
    assert len(known) > 100
    is_alive = np.array([alive for (alive, _), _, _ in known])
    coming = np.array([rate * 365 * alive for (alive, rate), _, _ in known])
    expected, risk = (np.array([each[place] for each in known]) for place in (1, 2))
    assert roc_auc_score(~is_alive, risk) > 0.7
    assert np.corrcoef(expected, coming)[0, 1] > 0.6
