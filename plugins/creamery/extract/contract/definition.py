"""What the source contract is made of: tables, columns, and how each is kept up to date."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from creamery.errors import ContractError

RAW_TYPES = frozenset({"int4", "int8", "bool", "text", "date", "timestamp", "numeric", "float8", "jsonb"})


class Tracking(StrEnum):
    """How a large table's changes are found; small tables are read whole in any case."""

    WRITE_DATE = "write_date"  # by write_date; what that misses, by checksums over keys and references
    KEYS = "keys"  # rows come and go but never change in place: by the checksums alone
    WHOLE = "whole"  # rows change without a trace


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """One column and its PostgreSQL type in schema raw_odoo."""

    name: str
    raw_type: str


@dataclass(frozen=True, slots=True)
class SourceTable:
    """One table of Odoo: columns that must exist, and columns that are read where they exist.

    Names are those of the newest Odoo; `former_name` and `former_columns` (new name to old) are what older versions
    call the same. `module` is the Odoo module that brings the table, `is_optional` that a shop may do without it.
    `only` is an SQL condition on the source's rows. A row whose `event_date` lies outside the calendar, or one of
    whose `positive` columns is not above zero, goes to quarantine. Rows of a table that `is_volatile` may vanish in
    any number. `words` are columns of free text: only the current version of a row keeps them. Raises ContractError
    where the parts contradict each other.
    """

    name: str
    module: str
    required: tuple[SourceColumn, ...]
    optional: tuple[SourceColumn, ...] = ()
    key: tuple[str, ...] = ("id",)
    is_optional: bool = False
    tracking: Tracking = Tracking.WRITE_DATE
    schema: str = "public"
    former_name: str | None = None
    former_columns: Mapping[str, str] = field(default_factory=dict)
    only: str | None = None
    event_date: str | None = None
    positive: tuple[str, ...] = ()
    is_volatile: bool = False
    words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        required = {column.name for column in self.required}
        problems = [f"column {name} is named twice" for name in sorted({n for n in names if names.count(n) > 1})]
        problems += [f"key column {name} is not required" for name in self.key if name not in required]
        problems += [
            f"column {column.name} has unknown type {column.raw_type}"
            for column in self.columns
            if column.raw_type not in RAW_TYPES
        ]
        mentioned = {*self.former_columns, *self.positive, *self.words, *filter(None, [self.event_date])}
        problems += [f"column {name} is not read" for name in sorted(mentioned - set(names))]
        if self.tracking is Tracking.WRITE_DATE and "write_date" not in names:
            problems.append("it is tracked by write_date, which is not read")
        if self.tracking is not Tracking.WHOLE and self._type_of(self.key[0]) != "int4":
            problems.append(f"key column {self.key[0]} is not int4, so its changes cannot be found by checksums")
        if problems:
            raise ContractError(f"Source contract, table {self.name}: {'; '.join(problems)}.")

    @property
    def columns(self) -> tuple[SourceColumn, ...]:
        return self.required + self.optional

    @property
    def raw_name(self) -> str:
        """Name in schema raw_odoo: tables from another schema than Odoo's own carry its name in front."""
        return self.name if self.schema == "public" else f"{self.schema}_{self.name}"

    def _type_of(self, name: str) -> str | None:
        return next((column.raw_type for column in self.columns if column.name == name), None)


def columns(**names_by_type: str) -> tuple[SourceColumn, ...]:
    """columns(int4="id partner_id", text="name") in the order written."""
    return tuple(SourceColumn(name, raw_type) for raw_type, names in names_by_type.items() for name in names.split())


def link_table(name: str, module: str, left: str, right: str) -> SourceTable:
    """A many-to-many table of Odoo: two references, which together are its key, and nothing else."""
    return SourceTable(
        name,
        module,
        required=columns(int4=f"{left} {right}"),
        key=(left, right),
        is_optional=True,
        tracking=Tracking.KEYS,
    )
