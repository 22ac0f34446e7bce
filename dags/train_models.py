"""
### Lifetime value, churn, propensity and clusters learn again

Builds the features of past cut-offs and what followed them, lets the candidates of each task compete on windows that
have closed, fits the winner and writes who serves from the next day on, with every number that decided it (schema ml).
Nights score by whoever served on their day, so a training changes no score of its own day or an earlier one.

**Red?** Nights go on with the last champion; vw_model_champion says how old it is. The other tasks' trainings stand.
Clear the failed task once its message is dealt with.
"""

from airflow.sdk import dag, task

from creamery.orchestration.defaults import DAG_DEFAULTS, as_of_param, clock


@dag(
    schedule=clock("0 5 * * 0"),
    catchup=False,
    max_active_runs=1,
    default_args=DAG_DEFAULTS,
    params={"as_of_date": as_of_param("the newest published one")},
    doc_md=__doc__,
    tags=["models"],
)
def train_models():
    @task(doc_md="Features of the day and of cut-offs every 90 days before it, and what followed them.")
    def build_history(*, params: dict) -> dict:
        from creamery.orchestration import training

        return training.build_history(params["as_of_date"])

    @task(map_index_template="{{ params_of_task }}", doc_md="Back-tests, the fit of the winner, and the decision.")
    def train(learned: str, prepared: dict) -> str:
        from airflow.sdk import get_current_context

        from creamery.orchestration import training

        get_current_context()["params_of_task"] = learned
        return training.train(learned, prepared)

    train.partial(prepared=build_history()).expand(learned=["lifetime_value", "churn", "propensity", "clusters"])


train_models()
