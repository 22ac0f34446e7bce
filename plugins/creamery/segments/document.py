"""Strict YAML, and a cursor over it that knows where it stands."""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from creamery.errors import SegmentError
from creamery.segments.vocabulary import Code

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # which no text in PostgreSQL has


class _DuplicateKeyError(yaml.MarkedYAMLError):
    """A key stands twice in one mapping."""


class _StrictLoader(yaml.SafeLoader):
    """Plain YAML: `no` is a text and not false, 010 is no 8, dates are texts, 0.1 is exact, and nothing is hidden."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "tag", None):
            raise yaml.MarkedYAMLError(problem="aliases and tags are not used here", problem_mark=event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        mapping = super().construct_mapping(node, deep)
        if len(mapping) < len(node.value):
            key, _ = Counter(key.value for key, _ in node.value).most_common(1)[0]
            raise _DuplicateKeyError(problem=f"{key!r} stands twice", problem_mark=node.start_mark)
        return mapping


_SCALARS = (
    ("null", r"~|null|", ["~", "n", ""]),
    ("bool", r"true|false", ["t", "f"]),
    ("int", r"[-+]?(0|[1-9][0-9]{0,17})", list("-+0123456789")),
    ("float", r"[-+]?[0-9]{1,18}\.[0-9]{1,9}", list("-+0123456789")),
)
_StrictLoader.yaml_implicit_resolvers = {}  # none of PyYAML's own
for _name, _pattern, _first in _SCALARS:
    _StrictLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(rf"(?:{_pattern})\Z"), _first)
_StrictLoader.add_constructor("tag:yaml.org,2002:float", lambda _, node: Decimal(node.value))


@dataclass(frozen=True, slots=True)
class Cursor:
    """A value of a document and its place, such as conditions.all[1].value. What it expects and does not find, it
    refuses with SegmentError."""

    file: str
    path: str
    raw: object

    def refusal(self, code: StrEnum, problem: str, allowed: Iterable[str] = ()) -> SegmentError:
        return SegmentError(code, self.file, self.path, problem, tuple(allowed))

    def mapping(self, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, "Cursor"]:
        """The values by key; no other keys than these, and all that are required."""
        if not isinstance(self.raw, dict):
            raise self.refusal(Code.WRONG_TYPE, f"{shown(self.raw)} is no mapping", ["a mapping of " + required[0]])
        known = (*required, *optional)
        for key in self.raw:
            if key not in known:
                raise self.refusal(Code.UNKNOWN_KEY, f"nothing reads the key {shown(key)}", known)
        for key in required:
            if key not in self.raw:
                raise self.refusal(Code.MISSING_KEY, f"the key {key} is missing", known)
        prefix = f"{self.path}." if self.path else ""
        return {key: Cursor(self.file, prefix + key, value) for key, value in self.raw.items()}

    def items(self) -> list["Cursor"]:
        if not isinstance(self.raw, list):
            raise self.refusal(Code.WRONG_TYPE, f"{shown(self.raw)} is no list", ["a list: [..., ...]"])
        return [Cursor(self.file, f"{self.path}[{index}]", value) for index, value in enumerate(self.raw)]

    def text(self) -> str:
        if not isinstance(self.raw, str):
            raise self.refusal(Code.WRONG_TYPE, f"{shown(self.raw)} is no text", ['a text, in quotes: "..."'])
        if not self.raw.strip() or _UNSTORABLE.search(self.raw):
            raise self.refusal(Code.MALFORMED_TEXT, f"{shown(self.raw)} is empty or no plain text", ["a text"])
        return self.raw

    def boolean(self) -> bool:
        if not isinstance(self.raw, bool):
            raise self.refusal(Code.WRONG_TYPE, f"{shown(self.raw)} is not true or false", ["true", "false"])
        return self.raw

    def integer(self, lowest: int | None = None, highest: int | None = None) -> int:
        if not isinstance(self.raw, int) or isinstance(self.raw, bool):
            raise self.refusal(Code.WRONG_TYPE, f"{shown(self.raw)} is no whole number", ["a number such as 30"])
        if (lowest is not None and self.raw < lowest) or (highest is not None and self.raw > highest):
            raise self.refusal(Code.OUT_OF_RANGE, f"{self.raw} is out of range", [f"{lowest} to {highest}"])
        return self.raw

    def number(self) -> Decimal:
        if not isinstance(self.raw, int | Decimal) or isinstance(self.raw, bool):
            raise self.refusal(Code.WRONG_TYPE, f"{shown(self.raw)} is no number", ["a number such as 99.50"])
        return Decimal(self.raw)

    def choice(self, allowed: Iterable[str], code: StrEnum) -> str:
        """One of `allowed`, refused with `code` where it is another."""
        options = tuple(allowed)
        value = self.text()
        if value not in options:
            raise self.refusal(code, f"{shown(value)} is none of them", options)
        return value


def shown(value: object) -> str:
    """As it stands in the document, cut short."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | Decimal) else repr(value)[:60]


def read(file: Path) -> Cursor:
    """The document in `file`. Raises SegmentError not_yaml or duplicate_key."""
    try:
        loader = _StrictLoader(file.read_bytes())
        try:
            return Cursor(file.name, "", loader.get_single_data())
        finally:
            loader.dispose()
    except _DuplicateKeyError as error:
        raise SegmentError(Code.DUPLICATE_KEY, file.name, "", _one_line(error)) from error
    except (yaml.YAMLError, OSError, RecursionError) as error:
        raise SegmentError(Code.NOT_YAML, file.name, "", _one_line(error)) from error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
