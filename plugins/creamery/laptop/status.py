"""make status: what runs, where to look, what is there."""

from creamery.laptop import data_docs, environment, sources
from creamery.laptop.environment import DEFAULT_WAREHOUSE
from creamery.laptop.installation import Installation
from creamery.laptop.processes import NAMES, Supervisor


def print_status(installation: Installation) -> None:
    """Every process with its state, then the places if all of it runs."""
    states = Supervisor(installation).states()
    for name in NAMES:
        print(f"{name:<14} {states[name].lower()}")
    if all(state == "STOPPED" for state in states.values()):
        print("Nothing runs. Start it: make demo")
        return
    if installation.server.is_answering():
        print(f"sources: {', '.join(sources.names(installation)) or 'none yet'}")
    print_places(installation)


def print_places(installation: Installation) -> None:
    """Addresses and logins of both user interfaces, the folder of the exported lists, the page of the data model."""
    secrets = installation.secrets
    airflow = environment.standing_airflow(installation)
    login = f"user {environment.ADMIN}, password"
    print()
    print(f"Airflow         {airflow.url}   {login} {secrets.airflow_admin}")
    print(f"Superset        {environment.superset_url(installation)}   {login} {secrets.superset_admin}")
    print(f"Exported lists  {installation.exports / environment.warehouse_database(DEFAULT_WAREHOUSE)}")
    print(f"Data model      {data_model(installation)}")
    print("Warehouse       make psql")
    print("Stop            make down")


def data_model(installation: Installation) -> str:
    """The address of the dbt docs page, or how to make it."""
    page = data_docs.page(installation)
    return page.as_uri() if page.exists() else "make docs"
