"""The page of the data model is one file, made when the project is newer than it, and named where people look."""

import os

import pytest

from creamery.laptop import data_docs, stack, status
from creamery.laptop.environment import DEFAULT_WAREHOUSE
from creamery.laptop.installation import Installation


@pytest.fixture
def page(installation: Installation) -> Installation:
    """As if it had just been made."""
    data_docs.page(installation).parent.mkdir()
    data_docs.page(installation).write_text("<html>")
    return installation


def test_one_file_holds_models_exposures_and_overview(served: Installation) -> None:
    stack.prepare_warehouse(served, DEFAULT_WAREHOUSE)
    text = data_docs.generate(served, DEFAULT_WAREHOUSE).read_text()
    for name in ("model.creamery.fact_customer_rfm", "exposure.creamery.segmentation", "# The customer warehouse"):
        assert name in text
    assert '"send_anonymous_usage_stats": false' in text  # else the page reports to getdbt.com
    assert data_docs.is_current(served)


def test_the_page_is_outdated_when_the_project_is_newer(page: Installation) -> None:
    assert data_docs.is_current(page)
    model = page.root / "dbt_project" / "models" / "star" / "fact_sales.sql"
    before = model.stat().st_mtime - 1
    os.utime(data_docs.page(page), (before, before))
    assert not data_docs.is_current(page)


def test_people_are_told_where_it_is(page: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    status.print_places(page)
    assert f"file://{data_docs.page(page)}" in capsys.readouterr().out


def test_people_are_told_how_to_make_it(installation: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    status.print_places(installation)
    assert "Data model      make docs" in capsys.readouterr().out
