"""The closed vocabularies of segment definitions: types, operators, and the codes of what can be wrong."""

from collections.abc import Mapping
from enum import StrEnum


class SegmentType(StrEnum):
    """A static segment lists its customers; the others have conditions and say what kind of field they lean on."""

    STATIC = "static"
    DYNAMIC = "dynamic"
    RFM = "rfm"
    BEHAVIORAL = "behavioral"


class FieldType(StrEnum):
    NUMBER = "number"
    INTEGER = "integer"
    MONEY = "money"  # reporting currency
    TEXT = "text"
    DATE = "date"
    BOOLEAN = "boolean"
    ENUMERATION = "enumeration"


class Operator(StrEnum):
    EQ = "eq"
    NEQ = "neq"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    BETWEEN = "between"
    IN = "in"
    NOT_IN = "not_in"
    CONTAINS = "contains"
    IS_NULL = "is_null"
    WITHIN_LAST = "within_last"


SYMBOLS: Mapping[str, Operator] = {
    "=": Operator.EQ,
    "==": Operator.EQ,
    "!=": Operator.NEQ,
    "<>": Operator.NEQ,
    ">": Operator.GT,
    ">=": Operator.GTE,
    "<": Operator.LT,
    "<=": Operator.LTE,
}

_EQUALITY = (Operator.EQ, Operator.NEQ)
_CHOICE = (*_EQUALITY, Operator.IN, Operator.NOT_IN)
_ORDER = (*_CHOICE, Operator.GT, Operator.GTE, Operator.LT, Operator.LTE, Operator.BETWEEN)
OPERATORS: Mapping[FieldType, tuple[Operator, ...]] = {
    FieldType.NUMBER: (*_ORDER, Operator.IS_NULL),
    FieldType.INTEGER: (*_ORDER, Operator.IS_NULL),
    FieldType.MONEY: (*_ORDER, Operator.IS_NULL),
    FieldType.TEXT: (*_CHOICE, Operator.CONTAINS, Operator.IS_NULL),
    FieldType.DATE: (*_ORDER, Operator.WITHIN_LAST, Operator.IS_NULL),
    FieldType.BOOLEAN: (*_EQUALITY, Operator.IS_NULL),
    FieldType.ENUMERATION: (*_CHOICE, Operator.IS_NULL),
}


class Code(StrEnum):
    """What is wrong with a definition. Codes are part of the interface: they are added, never renamed."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> "Code":
        code = str.__new__(cls, value)
        code._value_ = value
        code.meaning = meaning
        return code

    NOT_YAML = "not_yaml", "the file cannot be read, or is no plain YAML (anchors and tags are not)"
    DUPLICATE_KEY = "duplicate_key", "a key stands twice in one mapping"
    UNKNOWN_KEY = "unknown_key", "a key that nothing reads"
    MISSING_KEY = "missing_key", "a key without which the definition means nothing"
    WRONG_TYPE = "wrong_type", "a value of another type than the key or the field takes"
    OUT_OF_RANGE = "out_of_range", "a number below the least or above the greatest that makes sense"
    BAD_NAME = "bad_name", "a name that is not lower_case_with_underscores, or not that of its file"
    DUPLICATE_NAME = "duplicate_name", "two files define the same name; neither is used"
    UNKNOWN_SEGMENT_TYPE = "unknown_segment_type", "a type that segments do not have"
    UNKNOWN_FIELD = "unknown_field", "a field that is not in the catalogue"
    UNKNOWN_OPERATOR = "unknown_operator", "an operator that does not exist"
    OPERATOR_NOT_FOR_TYPE = "operator_not_for_type", "an operator that the field's type does not have"
    NOT_AN_ENUMERATION_VALUE = "not_an_enumeration_value", "a value that the field never has"
    MALFORMED_TEXT = "malformed_text", "an empty text, or one with characters that no database stores"
    MALFORMED_DATE = "malformed_date", "neither a date nor a span of time"
    EMPTY_LIST = "empty_list", "a list without values"
    EMPTY_GROUP = "empty_group", "a group without conditions"
    REVERSED_RANGE = "reversed_range", "a range whose end comes before its start"
    DEPTH_EXCEEDED = "depth_exceeded", "groups nested too deeply"
