"""What our roles may do in Superset, by trying it as somebody who has them."""

import pytest
from roles import apply_roles
from running_superset import PEOPLE, RunningSuperset
from superset_client import ImportFailedError, Superset

pytestmark = pytest.mark.slow


def asked_in_sql_lab(session: Superset, database: int, sql: str) -> tuple[int, str]:
    body = {"database_id": database, "sql": sql, "schema": "reporting"}
    answer = session.send("POST", "sqllab/execute/", "asking in SQL Lab", json=body)
    return answer.status_code, answer.text


@pytest.fixture(scope="module")
def databases(client: Superset) -> dict[str, int]:
    return {each["database_name"]: each["id"] for each in client.every("database")}


def test_analysts_ask_the_reporting_views_and_nothing_else(
    superset: RunningSuperset, client: Superset, databases: dict[str, int]
) -> None:
    analyst = superset.sign_in("analyst")
    status, _ = asked_in_sql_lab(analyst, databases["creamery"], "select count(*) from reporting.vw_publication")
    assert status == 200
    status, text = asked_in_sql_lab(analyst, databases["creamery"], "select * from star.dim_customer_contact")
    assert status != 200
    assert "permission denied" in text
    contacts = "select email from marketing.vw_contactable_customer"
    status, text = asked_in_sql_lab(analyst, databases["creamery_marketing"], contacts)
    assert status != 200
    assert "@" not in text


@pytest.mark.parametrize("person", PEOPLE)
def test_nobody_but_administrators_changes_datasets_or_sees_users(
    person: str, superset: RunningSuperset, client: Superset
) -> None:
    session = superset.sign_in(person)
    dataset = next(session.every("dataset"))
    assert session.send("PUT", f"dataset/{dataset['id']}", "changing", json={"description": "x"}).status_code == 403
    assert session.send("GET", "security/users/", "reading users").status_code == 403


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bases": ["Delta"]}, "Analyst names the role 'Delta'"),
        ({"databases": ["elsewhere"]}, "Analyst names the database 'elsewhere'"),
        ({"without": ["can_fly on Chart"]}, "without 'can_fly on Chart'"),
    ],
)
def test_a_role_that_superset_cannot_have_is_refused(
    change: dict[str, list[str]], message: str, client: Superset
) -> None:
    role = {"bases": ["Gamma"], "databases": ["creamery"], "without": []} | change
    with pytest.raises(ImportFailedError, match=message):
        apply_roles(client, {"Analyst": role})
