"""What an import did, for the user and for tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from creamery.demo_shop.importer.columns import Column

BAD_ROWS_SHOWN = 20
_KINDS: Mapping[str, str] = {
    "sale": "sale orders",
    "cancelled": "cancelled orders",
    "stock_adjustment": "stock adjustments (orders in state cancel)",
    "refund": "credit notes",
    "entry": "accounting adjustments (journal entries)",
}


@dataclass(frozen=True, slots=True)
class Documents:
    """Documents of one kind and their lines; `amount` is net, in the company's currency."""

    documents: int
    lines: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that was not imported."""

    line: int
    reason: str
    detail: str | None

    def text(self) -> str:
        detail = f": {self.detail!r}" if self.detail else ""
        return f"line {self.line}: {self.reason}{detail}"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Counts that reconcile: `lines_read` = `lines_imported` + `lines_bad`. Empty lines are no rows."""

    file_name: str
    database: str
    name: str
    columns: Mapping[Column, str]
    currency: str
    time_zone: str
    cancellation_prefix: str | None
    lines_read: int
    lines_imported: int
    lines_bad: int
    empty_lines: int
    bad_by_reason: Mapping[str, int]
    first_bad_rows: Sequence[BadRow]
    bad_rows_file: Path | None
    documents: Mapping[str, Documents]
    matched_credit_lines: int
    customers: int
    products: int
    countries: int
    first_day: date
    as_of: date

    @property
    def next_command(self) -> str:
        return f"make nightly WAREHOUSE={self.name} AS_OF={self.as_of.isoformat()}"

    def text(self) -> str:
        """The report as it is printed."""
        recognised = ", ".join(f"{column.value} = {header}" for column, header in self.columns.items())
        skipped = f" ({self.empty_lines:,} empty lines skipped)" if self.empty_lines else ""
        return "\n".join(
            [
                f"Columns of {self.file_name}: {recognised}",
                f"{self.lines_read:,} lines read = {self.lines_imported:,} imported"
                f" + {self.lines_bad:,} bad rows{skipped}",
                *self._bad_row_lines(),
                f"{self.database}: {self.currency}, {self.time_zone}, {self.first_day} to {self.as_of}",
                *self._document_lines(),
                f"  {self.customers:,} customers, {self.products:,} products, {self.countries:,} countries",
                f"Next: {self.next_command}",
            ]
        )

    def _bad_row_lines(self) -> list[str]:
        if not self.bad_by_reason:
            return []
        return [
            *(f"  {count:,} x {reason}" for reason, count in self.bad_by_reason.items()),
            *(f"  {row.text()}" for row in self.first_bad_rows),
            f"  all bad rows: {self.bad_rows_file}",
        ]

    def _document_lines(self) -> list[str]:
        lines = [
            f"  {found.documents:,} {label}, {found.lines:,} lines, {self.currency} {found.amount:,.2f}"
            for kind, label in _KINDS.items()
            if (found := self.documents.get(kind))
        ]
        if "refund" in self.documents:
            lines.append(f"  {self.matched_credit_lines:,} credit note lines matched to an earlier sale")
        if self.cancellation_prefix:
            lines.append(f"  order ids that begin with {self.cancellation_prefix} are cancellations")
        return lines
