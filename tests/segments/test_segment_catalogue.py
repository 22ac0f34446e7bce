"""What is shipped: the catalogue against the models, the page for marketers, the segments."""

import csv
import re
from pathlib import Path

import psycopg
import pytest

from creamery.errors import InputError, SegmentError
from creamery.segments import Catalogue, load_catalogue, load_segments
from creamery.segments.__main__ import main
from creamery.segments.catalogue import CAMPAIGNS_FOLDER
from creamery.segments.document import Cursor
from creamery.segments.documentation import render
from creamery.segments.values import parse_value
from creamery.segments.vocabulary import Code, FieldType, Operator
from tests.segments import scratch

SEGMENTS = CAMPAIGNS_FOLDER / "segments"
TYPES = {
    FieldType.INTEGER: {"integer", "bigint"},
    FieldType.NUMBER: {"numeric"},
    FieldType.MONEY: {"numeric"},
    FieldType.TEXT: {"text"},
    FieldType.ENUMERATION: {"text"},
    FieldType.DATE: {"date"},
    FieldType.BOOLEAN: {"boolean"},
}
ONE_FIELD = """
relations:
  customer: {table: star.dim_customer}
  lifecycle: {table: marts.customer_lifecycle, is_snapshot: true}
fields:
  - {name: city, type: text, meaning: City., example: Dhaka, column: customer.city}
"""


def test_every_field_is_a_column_of_its_type(catalogue: Catalogue) -> None:
    for field in catalogue.fields.values():
        data_type = scratch.declared_columns(catalogue.relations[field.relation].table)[field.column]
        assert re.sub(r"\(.*", "", data_type) in TYPES[field.type], field.name
        if field.since is not None:
            relation, column = field.since
            since_type = scratch.declared_columns(catalogue.relations[relation].table)[column]
            assert (field.type, since_type) == (FieldType.BOOLEAN, "date"), field.name


def test_every_relation_has_its_join_columns(catalogue: Catalogue) -> None:
    for relation in catalogue.relations.values():
        own = scratch.declared_columns(relation.table)
        assert relation.key in own
        assert relation.through_column in scratch.declared_columns(catalogue.relations[relation.through].table)
        assert relation.is_snapshot == ("as_of_date" in own)
        assert relation.is_versioned == ("valid_from_date" in own)


def test_every_example_is_a_value_of_its_field(catalogue: Catalogue) -> None:
    for field in catalogue.fields.values():
        parse_value(Cursor("catalogue", field.name, field.example), field, Operator.EQ)


def seed(name: str) -> list[dict[str, str]]:
    with (scratch.ROOT / "dbt_project" / "seeds" / name).open(newline="") as file:
        return list(csv.DictReader(file))


def test_enumerations_are_those_of_the_seeds(catalogue: Catalogue) -> None:
    segments, tiers = seed("customer_segment.csv"), seed("lifecycle/customer_tier_level.csv")
    stages = [(row["vocabulary"], row["stage"]) for row in seed("lifecycle/lifecycle_stage.csv")]
    expected = {
        "rfm_segment": {row["segment_name"] for row in segments},
        "rfm_value_tier": {row["value_tier"] for row in segments},
        "customer_tier": {row["tier_name"] for row in tiers},
        "lifecycle_stage": {stage for vocabulary, stage in stages if vocabulary == "stage"},
        "retention_state": {stage for vocabulary, stage in stages if vocabulary == "retention_state"},
        "clm_stage": {stage for vocabulary, stage in stages if vocabulary == "clm_stage"},
    }
    assert {name: set(catalogue.fields[name].values) for name in expected} == expected


def test_no_field_leads_to_a_person(catalogue: Catalogue) -> None:
    assert "dim_customer_contact" not in {relation.table for relation in catalogue.relations.values()}


def test_the_page_for_marketers_is_up_to_date(catalogue: Catalogue) -> None:
    page = scratch.ROOT / "docs" / "segment-fields.md"
    assert page.read_text() == render(catalogue), "python -m creamery.segments fields > docs/segment-fields.md"


def test_the_example_on_the_page_can_be_used(tmp_path: Path, catalogue: Catalogue) -> None:
    found = re.search(r"```yaml\n(name: (\w+)\n.*?)```", render(catalogue), re.S)
    assert found
    (tmp_path / f"{found[2]}.yaml").write_text(found[1])
    assert load_segments(tmp_path, catalogue).errors == ()


def test_shipped_segments_run(connection: psycopg.Connection, catalogue: Catalogue) -> None:
    """On tables of the declared shape; as many files as definitions."""
    segments = load_segments(SEGMENTS, catalogue)
    assert segments.errors == ()
    assert len(segments.definitions) == len(list(SEGMENTS.iterdir())) >= 12
    for definition in segments.definitions:
        assert scratch.members(connection, definition, catalogue, scratch.AS_OF) == []


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        (("example: Dhaka", "exmaple: Dhaka"), Code.UNKNOWN_KEY, "fields[0]"),
        (("meaning: City., ", ""), Code.MISSING_KEY, "fields[0]"),
        (("type: text", "type: string"), Code.WRONG_TYPE, "fields[0].type"),
        (("type: text", "type: enumeration"), Code.MISSING_KEY, "fields[0]"),
        (("column: customer.city", "column: customer.city; drop"), Code.BAD_NAME, "fields[0].column"),
        (("column: customer.city", "column: orders.city"), Code.UNKNOWN_FIELD, "fields[0].column"),
        (("column: customer.city", "column: customer.city, since: orders.day"), Code.UNKNOWN_FIELD, "fields[0].since"),
        (("name: city", "name: City"), Code.BAD_NAME, "fields[0].name"),
        (("  customer:", "  clients:"), Code.MISSING_KEY, "relations"),
        (("  lifecycle:", "  stages:"), Code.MISSING_KEY, "relations"),
        (("fields:", "  rfm: {table: marts.rfm, through: rhythm.x}\nfields:"), Code.UNKNOWN_FIELD, "relations.rfm"),
    ],
)
def test_a_bad_catalogue_is_refused(tmp_path: Path, change: tuple[str, str], code: Code, place: str) -> None:
    file = tmp_path / "fields.yaml"
    file.write_text(ONE_FIELD)
    assert set(load_catalogue(file).fields) == {"city"}
    file.write_text(ONE_FIELD.replace(*change))
    with pytest.raises(SegmentError) as caught:
        load_catalogue(file)
    assert (caught.value.code, caught.value.place) == (code, place)
    assert isinstance(caught.value, InputError)


def test_check_tells_good_from_bad(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(SEGMENTS)]) == 0
    assert "OK   champions: 1 condition\n" in capsys.readouterr().out
    (tmp_path / "staff.yaml").write_text("name: staff\ntitle: T\ndescription: D\ntype: static\ncustomer_ids: [7, 8]\n")
    (tmp_path / "typo.yaml").write_text("name: typo\ntitle: T\ndescription: D\ntype: dynamci\nconditions: {}\n")
    assert main(["check", str(tmp_path)]) == 1
    good, bad = capsys.readouterr().out.splitlines()
    assert good == "OK   staff: 2 customers"
    assert bad.startswith("BAD  typo.yaml, type: unknown_segment_type")
    assert bad.endswith("Allowed: static, dynamic, rfm, behavioral.")
    assert main(["check", str(tmp_path / "nowhere")]) == 2
