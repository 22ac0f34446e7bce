"""A permanent table that was made when its model had another key takes the new one, and readers notice nothing."""

from collections.abc import Callable

import psycopg
import pytest

from creamery import publication, warehouse
from creamery.as_of import Moment
from creamery.orchestration import dbt
from creamery.warehouse import Role
from tests import nights
from tests.shops import Built

# As an earlier model made it: with a coarser key, and so with one row for each of it.
WITH_ANOTHER_KEY = """
    delete from {table} as facts using (
        select tableoid, ctid, row_number() over (partition by {key} order by ctid) as number from {table}
    ) as numbered
    where numbered.number > 1 and facts.tableoid = numbered.tableoid and facts.ctid = numbered.ctid;
    drop index {table}__alive;
    create unique index {name}__alive on {table} ({key}) where generation_to is null
"""
INDEX = """
    select pg_get_indexdef('{table}__alive'::regclass), (
        select owners.relowner = indexes.relowner from pg_class as owners, pg_class as indexes
        where owners.oid = '{table}'::regclass and indexes.oid = '{table}__alive'::regclass
    )
"""
PUBLISHED = """
    select (to_jsonb(facts) - 'generation_from' - 'generation_to' - 'created_at')::text
    from {table} as facts cross join ops.publication
    where facts.generation_from <= generation and coalesce(facts.generation_to > generation, true) order by 1
"""


def fetch(uri: str, query: str, table: str) -> list[tuple[object, ...]]:
    with psycopg.connect(uri) as connection:
        return connection.execute(query.format(table=table).encode()).fetchall()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "old_key", "new_key"),
    [
        ("star.dim_lifecycle_stage", "stage", "vocabulary, stage"),
        # In partitions.
        ("marts.segment_migration", "as_of_date, from_segment_sk", "as_of_date, from_segment_sk, to_segment_sk"),
    ],
)
def test_a_table_follows_its_key(
    built: Built, new_database: Callable[..., str], table: str, old_key: str, new_key: str
) -> None:
    admin_uri = new_database("warehouse", template=built.warehouse_admin)
    target, name = nights.prepare_warehouse(admin_uri), table.partition(".")[2]
    complete = fetch(admin_uri, PUBLISHED, table)
    with psycopg.connect(admin_uri) as connection:
        connection.execute("set role creamery_transformer")
        connection.execute(WITH_ANOTHER_KEY.format(table=table, name=name, key=old_key).encode())
    known = fetch(admin_uri, PUBLISHED, table)
    assert 0 < len(known) < len(complete)
    generation, _ = nights.open_generation(target, built.as_of)
    dbt.build_layer(target, dbt.Layer("one model", (name,)), Moment((built.as_of,)), generation)
    ((definition, is_of_the_owner),) = fetch(admin_uri, INDEX, table)
    assert str(definition).startswith("CREATE UNIQUE INDEX")
    assert f"({new_key}) WHERE (generation_to IS NULL)" in str(definition)
    assert is_of_the_owner
    assert fetch(admin_uri, PUBLISHED, table) == known
    with warehouse.writer(target, Role.TRANSFORMER, "test") as writer:
        publication.publish(writer.connection, generation)
    assert fetch(admin_uri, PUBLISHED, table) == complete
