"""Segment definitions: campaigns/segments/*.yaml to a typed tree."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from creamery.errors import InputError, SegmentError
from creamery.segments.catalogue import Catalogue, parse_name
from creamery.segments.document import Cursor, read, shown
from creamery.segments.values import Value, parse_value
from creamery.segments.vocabulary import OPERATORS, SYMBOLS, Code, Operator, SegmentType

MAX_DEPTH = 5  # groups within groups
_MAX_INTERVAL_HOURS = 366 * 24
_MAX_CUSTOMER_ID = 2**31 - 1


class Logic(StrEnum):
    ALL = "all"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison; `field` is a name of the catalogue and `value` of its type."""

    field: str
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class Group:
    logic: Logic
    members: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Everybody whom `member` does not match."""

    member: "Node"


Node = Condition | Group | Not


@dataclass(frozen=True, slots=True)
class CustomerList:
    """The customers of a static segment: ids of res_partner, the commercial entity's."""

    customer_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SegmentDefinition:
    """A definition that can be compiled; `document` is what was written, as JSON."""

    name: str
    title: str
    description: str
    type: SegmentType
    refresh_interval_hours: int
    rule: Node | CustomerList
    document: str

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.document.encode()).hexdigest()


class LoadedSegments(NamedTuple):
    """The definitions that can be used, by name, and what is wrong with the others, by file."""

    definitions: tuple[SegmentDefinition, ...]
    errors: tuple[SegmentError, ...]

    @property
    def refused(self) -> dict[str, SegmentError]:
        """The errors by the name of their segment, which is that of the file."""
        return {Path(error.file).stem: error for error in self.errors}


def load_segments(folder: Path, catalogue: Catalogue) -> LoadedSegments:
    """Every *.yaml and *.yml of `folder`; a bad one is among the errors and stops no other.

    Raises InputError where there is no such folder.
    """
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder} of segment definitions. Create it, or name the right one.")
    files = sorted(file for file in folder.iterdir() if file.suffix in (".yaml", ".yml"))
    holders = Counter(file.stem for file in files)
    definitions, errors = [], []
    for file in files:
        try:
            if holders[file.stem] > 1:
                raise SegmentError(Code.DUPLICATE_NAME, file.name, "name", f"{file.stem} has another file as well")
            definitions.append(load_segment(file, catalogue))
        except SegmentError as error:
            errors.append(error)
    return LoadedSegments(tuple(definitions), tuple(errors))


def load_segment(file: Path, catalogue: Catalogue) -> SegmentDefinition:
    """The definition in `file`, named like it. Raises SegmentError."""
    document = read(file)
    keys = document.mapping(["name", "title", "description", "type"], ["refresh_interval_hours", *_RULE_KEYS])
    type_ = SegmentType(keys["type"].choice(SegmentType, Code.UNKNOWN_SEGMENT_TYPE))
    rule_key = "customer_ids" if type_ is SegmentType.STATIC else "conditions"
    # Again, now that the type is known: conditions of a static segment would mean nothing.
    document.mapping(["name", "title", "description", "type", rule_key], ["refresh_interval_hours"])
    interval = keys.get("refresh_interval_hours")
    return SegmentDefinition(
        name=_name(keys["name"], file.stem),
        title=keys["title"].text(),
        description=keys["description"].text(),
        type=type_,
        refresh_interval_hours=interval.integer(1, _MAX_INTERVAL_HOURS) if interval else 24,
        rule=_customers(keys[rule_key]) if type_ is SegmentType.STATIC else parse_conditions(keys[rule_key], catalogue),
        document=json.dumps(document.raw, sort_keys=True, default=float),
    )


def parse_conditions(cursor: Cursor, catalogue: Catalogue) -> Node:
    """A condition, or groups of them. Raises SegmentError."""
    return _node(cursor, catalogue, 1)


def count_conditions(node: Node) -> int:
    match node:
        case Group(members=members):
            return sum(map(count_conditions, members))
        case Not(member=member):
            return count_conditions(member)
        case Condition():
            return 1


_RULE_KEYS = ("conditions", "customer_ids")


def _name(cursor: Cursor, stem: str) -> str:
    # A file too broken to be read still tells by its name whose members have to stay as they are.
    name = parse_name(cursor)
    if name != stem:
        raise cursor.refusal(Code.BAD_NAME, f"{name!r} is not the name of its file", [stem])
    return name


def _customers(cursor: Cursor) -> CustomerList:
    customer_ids = tuple(item.integer(1, _MAX_CUSTOMER_ID) for item in cursor.items())
    if not customer_ids:
        raise cursor.refusal(Code.EMPTY_LIST, "the list is empty", ["at least one res_partner id"])
    return CustomerList(customer_ids)


def _node(cursor: Cursor, catalogue: Catalogue, depth: int) -> Node:
    """A condition, or a group at nesting `depth` (the outermost: 1)."""
    raw = cursor.raw
    group = next((key for key in (*Logic, "not") if isinstance(raw, dict) and key in raw), None)
    if group is None:
        return _condition(cursor, catalogue)
    if depth > MAX_DEPTH:
        raise cursor.refusal(Code.DEPTH_EXCEEDED, "groups are nested too deeply", [f"{MAX_DEPTH} levels"])
    inner = cursor.mapping([group])[group]
    if group == "not":
        return Not(_node(inner, catalogue, depth + 1))
    members = tuple(_node(item, catalogue, depth + 1) for item in inner.items())
    if not members:
        raise inner.refusal(Code.EMPTY_GROUP, "the group is empty", ["at least one condition or group"])
    return Group(Logic(group), members)


def _condition(cursor: Cursor, catalogue: Catalogue) -> Condition:
    if not isinstance(cursor.raw, dict):
        allowed = ["a mapping with field, operator and value", "or with one of all, any, not"]
        raise cursor.refusal(Code.WRONG_TYPE, f"{shown(cursor.raw)} is no condition", allowed)
    keys = cursor.mapping(["field", "operator", "value"])
    field = catalogue.fields[keys["field"].choice(catalogue.fields, Code.UNKNOWN_FIELD)]
    written = keys["operator"].choice((*Operator, *SYMBOLS), Code.UNKNOWN_OPERATOR)
    operator = SYMBOLS.get(written) or Operator(written)
    if operator not in OPERATORS[field.type]:
        problem = f"{field.name} is of type {field.type}, which has no {operator}"
        raise keys["operator"].refusal(Code.OPERATOR_NOT_FOR_TYPE, problem, OPERATORS[field.type])
    return Condition(field.name, operator, parse_value(keys["value"], field, operator))
