"""A day whose audiences are built again after somebody looked at its plan and changed the rules."""

import datetime as dt
from collections.abc import Callable

import pytest

from creamery.as_of import Moment
from creamery.errors import RunError
from creamery.orchestration import dbt
from tests import nights
from tests.loyalty import worlds
from tests.shops import Built

EMPTIED = ("loyalty_expiry", "loyalty_award", "list_member")
# As a program left them that the seeds do not name any more.
_OF_A_PROGRAM = """
insert into audiences.loyalty_expiry (as_of_date, expiry_key, points) values ('{day}', 'key of {day}', 30);
insert into audiences.loyalty_award (as_of_date, award_key, points) values ('{day}', 'key of {day}', 30);
"""
# Nobody is handed over any more.
_OF_LISTS = """
insert into audiences.list_member
select (jsonb_populate_record(member, '{{"as_of_date": "{before}"}}')).* from audiences.list_member as member
where as_of_date = '{day}';
delete from audiences.list_outcome where as_of_date = '{day}';
"""


def days_with_rows(uri: str, *models: str) -> dict[str, set[dt.date]]:
    return {
        model: {day for (day,) in worlds.rows(uri, f"select distinct as_of_date from audiences.{model}")}
        for model in models
    }


def test_a_day_that_becomes_empty_keeps_no_plan_and_a_model_that_fails_keeps_its_own(
    built: Built, new_database: Callable[..., str]
) -> None:
    admin = new_database("emptied", template=built.warehouse_admin)
    pipeline = nights.as_login(admin, "creamery_pipeline")
    worlds.run(admin, f"grant connect, temporary on database {admin.rpartition('/')[2]} to creamery_pipeline")
    day, before = built.as_of, built.as_of - dt.timedelta(days=1)
    worlds.run(
        admin,
        *(_OF_A_PROGRAM.format(day=each) for each in (before, day)),
        _OF_LISTS.format(day=day, before=before),
        f"alter table audiences.campaign_result add constraint fails check (as_of_date <> '{day}') not valid",
    )
    assert days_with_rows(admin, *EMPTIED) == {model: {before, day} for model in EMPTIED}
    results = worlds.rows(admin, "select * from audiences.campaign_result order by campaign_name")
    assert results

    layer = dbt.Layer("audiences", (*EMPTIED, "campaign_result"), ("resource_type:test",), is_before_publication=False)
    generation = worlds.value(admin, "select generation from ops.published_day where as_of_date = %s", day)
    with pytest.raises(RunError, match="campaign_result"):
        dbt.build_layer(pipeline, layer, Moment((day,)), generation)
    assert days_with_rows(admin, *EMPTIED) == {model: {before} for model in EMPTIED}
    assert worlds.rows(admin, "select * from audiences.campaign_result order by campaign_name") == results
