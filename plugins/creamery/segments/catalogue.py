"""The fields that conditions may name, and where each lies in the warehouse: campaigns/segment_fields.yaml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from creamery.segments.document import Cursor, read
from creamery.segments.vocabulary import Code, FieldType

CAMPAIGNS_FOLDER = Path(__file__).resolve().parents[3] / "campaigns"
CATALOGUE_FILE = CAMPAIGNS_FOLDER / "segment_fields.yaml"
DEFINITIONS_FOLDER = CAMPAIGNS_FOLDER / "segments"
POPULATION = "customer"  # the relation whose rows are the customers; every other one is joined to it
OF_DAY = "lifecycle"  # the snapshot with a row for everybody who was a customer on D, and for nobody else
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_COLUMN_PATH = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Relation:
    """A permanent table with at most one living row per customer; of a snapshot fact, per customer and day; of a
    dimension with versions, one that holds on any day.

    Its `key` equals `through_column` of the relation `through`.
    """

    name: str
    schema: str
    table: str
    key: str
    through: str
    through_column: str
    is_snapshot: bool
    is_versioned: bool


@dataclass(frozen=True, slots=True)
class Field:
    """What marketers call `name`: a column of a relation. `missing` is what the column holds where the source has no
    value (besides NULL); `values` are those of an enumeration; `since` are relation and column of the day before which
    a boolean was not true yet."""

    name: str
    type: FieldType
    meaning: str
    example: object
    relation: str
    column: str
    values: tuple[str, ...]
    missing: str | None
    since: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Relations and fields by name."""

    relations: Mapping[str, Relation]
    fields: Mapping[str, Field]


def load_catalogue(file: Path = CATALOGUE_FILE) -> Catalogue:
    """Raises SegmentError, an InputError, where the file cannot be used."""
    keys = read(file).mapping(["relations", "fields"])
    raw_relations = keys["relations"].raw
    names = tuple(map(str, raw_relations)) if isinstance(raw_relations, dict) else ()
    relations = {
        name: _relation(name, cursor, names)
        for name, cursor in keys["relations"].mapping([POPULATION, OF_DAY], names).items()
    }
    fields: dict[str, Field] = {}
    for cursor in keys["fields"].items():
        field = _field(cursor, relations)
        if field.name in fields:
            raise cursor.refusal(Code.DUPLICATE_NAME, f"{field.name} is defined twice")
        fields[field.name] = field
    return Catalogue(relations, fields)


def parse_name(cursor: Cursor) -> str:
    """A name in lower case with underscores."""
    name = cursor.text()
    if not NAME.fullmatch(name):
        raise cursor.refusal(Code.BAD_NAME, f"{name!r} is no name", ["lower_case_with_underscores"])
    return name


def _relation(name: str, cursor: Cursor, names: tuple[str, ...]) -> Relation:
    keys = cursor.mapping(["table"], ["key", "through", "is_snapshot", "is_versioned"])
    schema, table = _pair(keys["table"])
    through, through_column = _pair(keys["through"]) if "through" in keys else (POPULATION, "customer_sk")
    # Only what stands above can be joined to, so that joins never go in circles.
    before = names[: names.index(name)]
    if name != POPULATION and through not in before:
        raise cursor.refusal(Code.UNKNOWN_FIELD, f"{through} is no relation above {name}", before)
    return Relation(
        name=name,
        schema=schema,
        table=table,
        key=keys["key"].text() if "key" in keys else "customer_sk",
        through=through,
        through_column=through_column,
        is_snapshot="is_snapshot" in keys and keys["is_snapshot"].boolean(),
        is_versioned="is_versioned" in keys and keys["is_versioned"].boolean(),
    )


def _field(cursor: Cursor, relations: Mapping[str, Relation]) -> Field:
    keys = cursor.mapping(["name", "type", "meaning", "example", "column"], ["values", "missing", "since"])
    relation, column = _column(keys["column"], relations)
    type_ = FieldType(keys["type"].choice(FieldType, Code.WRONG_TYPE))
    if ("values" in keys) != (type_ is FieldType.ENUMERATION):
        raise cursor.refusal(Code.MISSING_KEY, "an enumeration has values, and no other type has", ["values"])
    return Field(
        name=parse_name(keys["name"]),
        type=type_,
        meaning=keys["meaning"].text(),
        example=keys["example"].raw,
        relation=relation,
        column=column,
        values=tuple(value.text() for value in keys["values"].items()) if "values" in keys else (),
        missing=str(keys["missing"].raw) if "missing" in keys else None,
        since=_column(keys["since"], relations) if "since" in keys else None,
    )


def _column(cursor: Cursor, relations: Mapping[str, Relation]) -> tuple[str, str]:
    relation, column = _pair(cursor)
    if relation not in relations:
        raise cursor.refusal(Code.UNKNOWN_FIELD, f"{relation} is no relation", relations)
    return relation, column


def _pair(cursor: Cursor) -> tuple[str, str]:
    """schema.table or relation.column."""
    text = cursor.text()
    if not _COLUMN_PATH.fullmatch(text):
        raise cursor.refusal(Code.BAD_NAME, f"{text!r} is not of the form one.other", ["lower_case.lower_case"])
    left, _, right = text.partition(".")
    return left, right
