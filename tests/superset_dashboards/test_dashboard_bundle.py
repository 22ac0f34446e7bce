"""The files themselves: references, ids, palette, no secret, nothing from outside. Needs no Superset."""

import csv
import dataclasses
import json
import re
import uuid
from typing import Any

import bundle
import pytest
from bundle import BundleError, Sources, compile_bundle, identity, read
from dashboard_layout import chart_names, charts_by_tab, filtered_charts, rows
from query_context import emitted_columns
from running_superset import DASHBOARDS, ROOT

DOCUMENTS = compile_bundle(read())


@pytest.fixture
def sources() -> Sources:
    return read()


def documents(kind: str) -> dict[str, dict[str, Any]]:
    return {
        path.rsplit("/", 1)[-1].removesuffix(".yaml"): document
        for path, document in DOCUMENTS.items()
        if path.startswith(f"{kind}/")
    }


CHARTS = documents("charts")
PERSONAL = {"name", "customer_name", "contact_name", "email", "phone", "mobile", "address", "street", "zip", "vat"}


def dataset_of(chart: str) -> dict[str, Any]:
    return next(each for each in documents("datasets").values() if each["uuid"] == CHARTS[chart]["dataset_uuid"])


def test_ids_follow_from_file_names() -> None:
    for path, document in DOCUMENTS.items():
        if path != "metadata.yaml":
            assert document["uuid"] == identity(path.removesuffix(".yaml"))
    # One literal, so that nobody changes the namespace by accident: every import would then make new objects.
    assert identity("dashboards/segmentation") == "e8c444a4-83bb-5227-9c34-266be60bfc63"
    assert len({document.get("uuid", path) for path, document in DOCUMENTS.items()}) == len(DOCUMENTS)


def test_every_chart_is_on_a_dashboard(sources: Sources) -> None:
    shown = {name for dashboard in sources.dashboards.values() for name in chart_names(dashboard)}
    assert shown == set(sources.charts)


def test_every_dashboard_is_laid_out_within_twelve_columns(sources: Sources) -> None:
    for dashboard in sources.dashboards.values():
        for row in rows(dashboard):
            assert sum(cell["width"] for cell in row["cells"]) <= 12


def test_drawings_are_wide_enough_to_fill_a_phone(sources: Sources) -> None:
    for dashboard in sources.dashboards.values():
        for row in rows(dashboard):
            for cell in row["cells"]:
                kind = sources.charts[cell["chart"]]["viz_type"] if "chart" in cell else "text"
                assert kind in {"text", "table", "big_number_total"} or cell["width"] >= 5, cell


def test_every_dashboard_says_how_fresh_it_is_on_every_tab(sources: Sources) -> None:
    for dashboard in sources.dashboards.values():
        on_top = [sources.charts[name]["params"] for name in charts_by_tab(dashboard)[""]]
        assert any(params.get("metric") == "as_of_day" for params in on_top)
        assert any("freshness" in params.get("all_columns", []) for params in on_top)


@pytest.mark.parametrize("chart", sorted(CHARTS))
def test_charts_name_existing_columns_and_metrics(chart: str) -> None:
    dataset = dataset_of(chart)
    known = {each["column_name"] for each in dataset["columns"]} | {each["metric_name"] for each in dataset["metrics"]}
    for query in json.loads(CHARTS[chart]["query_context"])["queries"]:
        columns = [each if isinstance(each, str) else each["sqlExpression"] for each in query["columns"]]
        used = [
            *columns,
            *query.get("groupby", []),
            *query.get("metrics", []),
            *(each[0] for each in query.get("orderby", [])),
        ]
        assert set(used) <= known


@pytest.mark.parametrize("chart", sorted(CHARTS))
def test_charts_explain_themselves(chart: str) -> None:
    assert len(CHARTS[chart]["description"]) > 40


def test_metrics_are_empty_over_several_days() -> None:
    for dataset in documents("datasets").values():
        if "as_of_date" in {column["column_name"] for column in dataset["columns"]}:
            for metric in dataset["metrics"]:
                assert metric["expression"].startswith("case when min(as_of_date) = max(as_of_date) then ")


def test_datasets_of_the_reporting_views_have_no_personal_data() -> None:
    for dataset in documents("datasets").values():
        if dataset["schema"] == "reporting":
            assert not PERSONAL & {column["column_name"] for column in dataset["columns"]}, dataset["table_name"]


def test_every_column_and_metric_has_a_help_text() -> None:
    for dataset in documents("datasets").values():
        for each in dataset["columns"] + dataset["metrics"]:
            assert each["description"], (dataset["table_name"], each)


def test_no_name_has_two_colours(sources: Sources) -> None:
    labels = [label for section in sources.palette["labels"].values() for label in section]
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize("dashboard", sorted(documents("dashboards")))
def test_native_filters_apply_to_every_chart_in_their_scope(dashboard: str, sources: Sources) -> None:
    compiled = documents("dashboards")[dashboard]
    spec = sources.dashboards[dashboard]
    numbers = {name: number for number, name in enumerate(chart_names(spec), start=1)}
    as_of, *_ = compiled["metadata"]["native_filter_configuration"]
    for each, written in zip(compiled["metadata"]["native_filter_configuration"], spec["filters"], strict=True):
        column = each["targets"][0]["column"]["name"]
        in_scope = filtered_charts(spec, written, sources.charts)
        assert in_scope
        for name, number in numbers.items():
            known = {column["column_name"] for column in dataset_of(name)["columns"]}
            assert (number not in each["scope"]["excluded"]) == (name in in_scope)
            if name in in_scope:
                assert column in known
            elif written.get("tabs") is None or column == "as_of_date":
                assert column not in known, f"{name} knows {column}, and yet {each['name']} leaves it alone"
    # Always exactly one day: never several, never none, the newest first.
    assert as_of["targets"][0]["column"]["name"] == "as_of_date"
    assert as_of["requiredFirst"]
    assert as_of["controlValues"]["enableEmptyFilter"]
    assert as_of["controlValues"]["defaultToFirstItem"]
    assert not as_of["controlValues"]["multiSelect"]
    assert not as_of["controlValues"]["sortAscending"]


@pytest.mark.parametrize("dashboard", sorted(documents("dashboards")))
def test_cross_filters_reach_only_charts_that_know_the_column(dashboard: str, sources: Sources) -> None:
    names = chart_names(sources.dashboards[dashboard])
    configuration = documents("dashboards")[dashboard]["metadata"]["chart_configuration"]
    for number, name in enumerate(names, start=1):
        columns = set(emitted_columns(CHARTS[name]["viz_type"], CHARTS[name]["params"]))
        deaf = configuration[str(number)]["crossFilters"]["scope"]["excluded"]
        for other_number, other in enumerate(names, start=1):
            known = {column["column_name"] for column in dataset_of(other)["columns"]}
            assert (other_number in deaf) == (other == name or not columns <= known)


def test_every_segment_of_the_seed_has_a_colour(sources: Sources) -> None:
    seed = ROOT / "dbt_project" / "seeds" / "customer_segment.csv"
    with seed.open() as lines:
        names = {line["segment_name"] for line in csv.DictReader(lines) if line["segment_type"] == "rfm"}
    assert set(sources.palette["labels"]["segments"]) == names


def test_no_secret_and_no_outside_host() -> None:
    files = [path for path in DASHBOARDS.rglob("*") if path.suffix in {".yaml", ".css", ".html"}]
    assert files
    for path in files:
        text = path.read_text()
        assert not re.search(r"://[^/\s:@]+:[^/\s@]+@", text), f"{path} has a password"
        assert set(re.findall(r"://([^/\s'\"]+)", text)) <= {
            "creamery_bi_reader@127.0.0.1:54329",
            "creamery_marketer@127.0.0.1:54329",
        }


def replace(sources: Sources, kind: str, name: str, **changes: Any) -> Sources:
    specs = getattr(sources, kind)
    return dataclasses.replace(sources, **{kind: specs | {name: specs[name] | changes}})


def test_a_password_in_the_address_is_refused(sources: Sources) -> None:
    with pytest.raises(BundleError, match="SUPERSET_DB_PASSWORD"):
        compile_bundle(sources, "postgresql+psycopg2://reader:pw@dw/warehouse")
    uri = "postgresql+psycopg2://creamery_bi_reader:pw@dw/warehouse"
    with pytest.raises(BundleError, match="SUPERSET_DB_PASSWORD"):
        compile_bundle(replace(sources, "databases", "creamery", sqlalchemy_uri=uri))


@pytest.mark.parametrize("login", ["", "reader@"])
def test_the_environment_replaces_the_address_and_each_connection_keeps_its_login(login: str, sources: Sources) -> None:
    compiled = compile_bundle(sources, f"postgresql+psycopg2://{login}dw:5432/warehouse")
    for name, user in {"creamery": "creamery_bi_reader", "creamery_marketing": "creamery_marketer"}.items():
        uri = compiled[f"databases/{name}.yaml"]["sqlalchemy_uri"]
        assert uri == f"postgresql+psycopg2://{user}@dw:5432/warehouse"


def test_a_filter_that_superset_would_ignore_is_refused(sources: Sources) -> None:
    filters = [each | {"except": []} for each in sources.dashboards["segmentation"]["filters"]]
    with pytest.raises(BundleError, match=r"'Segment'.*'as_of_day'.*no column 'rfm_segment'"):
        compile_bundle(replace(sources, "dashboards", "segmentation", filters=filters))


def test_missing_files_are_named(sources: Sources) -> None:
    with pytest.raises(BundleError, match=r"no file nowhere\.yaml"):
        compile_bundle(replace(sources, "charts", "customers", dataset="nowhere"))
    lost = [{"height": 10, "cells": [{"chart": "nothing", "width": 12}]}]
    with pytest.raises(BundleError, match=r"charts/nothing\.yaml"):
        compile_bundle(replace(sources, "dashboards", "segmentation", rows=lost))
    filters = [each | {"except": ["gone"]} for each in sources.dashboards["segmentation"]["filters"]]
    with pytest.raises(BundleError, match=r"segmentation\.yaml: 'except' names 'gone'"):
        compile_bundle(replace(sources, "dashboards", "segmentation", filters=filters))


def test_an_unknown_chart_type_is_refused(sources: Sources) -> None:
    with pytest.raises(BundleError, match=r"charts/customers\.yaml.*word_cloud.*known: .*table"):
        compile_bundle(replace(sources, "charts", "customers", viz_type="word_cloud"))


def test_files_are_named_after_their_objects(sources: Sources) -> None:
    with pytest.raises(BundleError, match="database_name must be 'creamery'"):
        compile_bundle(replace(sources, "databases", "creamery", database_name="other"))
    with pytest.raises(BundleError, match="table_name must be 'vw_publication'"):
        compile_bundle(replace(sources, "datasets", "vw_publication", table_name="other"))


def test_broken_yaml_is_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("bundle") / "metadata.yaml"
    path.write_text("a: [")
    with pytest.raises(BundleError, match=r"metadata\.yaml is not valid YAML"):
        bundle.read(path.parent)


def test_ids_are_valid() -> None:
    assert all(uuid.UUID(each["uuid"]).version == 5 for each in CHARTS.values())
