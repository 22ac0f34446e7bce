"""The segments that are shipped, on a warehouse as a night builds it."""

from collections.abc import Callable

from creamery import publication, segments, warehouse
from creamery.segments import Outcome
from creamery.warehouse import Role
from tests import nights
from tests.shops import Built

MEMBERS = """
    select customer_sk from scores.segment_membership
    where segment_name = %s and entered_date = %s and left_date is null order by 1
"""
CHAMPIONS = """
    select facts.customer_sk from marts.fact_customer_rfm as facts
    join star.dim_customer_segment as dimension on facts.rfm_segment_sk = dimension.segment_sk
    where dimension.segment_name = 'Champions' and facts.as_of_date = %s
    and facts.generation_to is null and dimension.generation_to is null order by 1
"""
NEVER_BOUGHT = """
    select customer_sk from star.dim_customer
    where has_cart and not has_bought and not is_archived and generation_to is null order by 1
"""


def test_every_shipped_segment_finds_its_customers(built: Built, new_database: Callable[..., str]) -> None:
    target = nights.prepare_warehouse(new_database("warehouse", template=built.warehouse_admin))
    catalogue = segments.load_catalogue()
    defined = segments.load_segments(segments.DEFINITIONS_FOLDER, catalogue)
    assert defined.errors == ()
    with warehouse.writer(target, Role.TRANSFORMER, "test") as writer:
        generation = publication.open_generation(writer.connection, [built.as_of])
        refreshed = segments.refresh(writer.connection, defined, catalogue, built.as_of, generation)
        assert {each.outcome for each in refreshed} == {Outcome.REFRESHED}
        assert len(refreshed) >= 12
        champions = writer.connection.execute(MEMBERS, ("champions", built.as_of)).fetchall()
        assert champions
        assert champions == writer.connection.execute(CHAMPIONS, (built.as_of,)).fetchall()
        carts = writer.connection.execute(MEMBERS, ("carts_without_order", built.as_of)).fetchall()
        assert carts == writer.connection.execute(NEVER_BOUGHT).fetchall()
