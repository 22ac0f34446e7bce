"""Experiments as rows, by which SQL draws the arms that `experiments.assign` draws."""

import math

import psycopg

from creamery.audiences.definition import CampaignDefinition
from creamery.audiences.experiment_definition import design_of, reached_weights
from creamery.audiences.experiments import Experiment

# The design stands once a customer was drawn; the share may change.
_STORE = """
    insert into campaigns.experiment as stored (experiment_name, campaign_name, design, test_share, total_weight)
    values (%(experiment_name)s, %(campaign_name)s, %(design)s::jsonb, %(test_share)s, %(total_weight)s)
    on conflict (experiment_name) do update set
        test_share = excluded.test_share,
        design = case
            when exists (
                select from campaigns.enrolment as drawn where drawn.experiment_name = stored.experiment_name
            ) then stored.design
            else excluded.design
        end,
        total_weight = case
            when exists (
                select from campaigns.enrolment as drawn where drawn.experiment_name = stored.experiment_name
            ) then stored.total_weight
            else excluded.total_weight
        end
    returning design = %(design)s::jsonb
"""


def store(connection: psycopg.Connection, definition: CampaignDefinition) -> bool:
    """Keep the campaign's experiment; False where customers were drawn by another design, which then stands."""
    experiment = definition.experiment
    assert experiment is not None
    row = connection.execute(
        _STORE,
        {
            "experiment_name": experiment.name,
            "campaign_name": definition.name,
            "design": design_of(experiment),
            "test_share": experiment.test_share,
            "total_weight": math.fsum(experiment.weights.values()),
        },
    ).fetchone()
    assert row is not None
    if not row[0]:
        return False
    connection.execute("delete from campaigns.experiment_variant where experiment_name = %s", (experiment.name,))
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into campaigns.experiment_variant (experiment_name, variant, place, reached_weight)"
            " values (%s, %s, %s, %s)",
            [(experiment.name, *arm) for arm in reached_weights(experiment)],
        )
    return True


def changed(experiment: Experiment) -> str:
    """What to do about an experiment whose design changed under way."""
    _, _, name = experiment.name.partition(".")
    return (
        f"customers were drawn for experiment {name!r} by other variants, metrics or another planned size; nobody is "
        "enrolled. Put these back, or give the changed experiment another name"
    )
