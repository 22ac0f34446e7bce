"""How figures are written in mails, PDFs and files."""

import csv
import io
from decimal import Decimal

from creamery.reports.figures import Figure, Report, Unit

_NOTHING = "-"


def shown(value: Decimal | None, unit: Unit, currency: str) -> str:
    """1234567.8 -> 'BDT 1,234,568'."""
    if value is None:
        return _NOTHING
    match unit:
        case Unit.MONEY:
            return f"{currency} {value:,.0f}"
        case Unit.PERCENT:
            return f"{value:,.1f} %"
        case Unit.POINTS:
            return f"{value:+,.0f}"
        case _:
            return f"{value:,.0f}"


def change(figure: Figure) -> str:
    """Percent for amounts and counts, the difference for percentages and points."""
    if figure.value is None or figure.before is None:
        return _NOTHING
    if figure.unit in (Unit.PERCENT, Unit.POINTS):
        return f"{figure.value - figure.before:+,.1f}"
    if not figure.before:
        return "0 %" if not figure.value else _NOTHING
    return f"{100 * (figure.value - figure.before) / figure.before:+,.0f} %"


def subject(report: Report) -> str:
    return f"Week up to {report.as_of_date:%d %B %Y}"


def text(report: Report) -> str:
    """The mail itself: what one reads without opening the PDF."""
    lines = [f"The week up to {report.as_of_date:%d %B %Y}, beside the week before.", ""]
    for section in report.sections()[:3]:
        lines.append(section)
        lines += [f"  {each.label}: {_beside(each, report)}" for each in report.figures if each.section == section]
        lines.append("")
    lines += ["The PDF has all figures; the CSV has them to work with.", ""]
    return "\n".join(lines)


def _beside(figure: Figure, report: Report) -> str:
    value, before = (shown(each, figure.unit, report.currency) for each in (figure.value, figure.before))
    return f"{value} (before: {before}, {change(figure)})"


def as_csv(report: Report) -> bytes:
    """All figures, one a line, numbers as numbers."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["as_of_date", "section", "figure", "unit", "value", "week_before", "currency"])
    for each in report.figures:
        currency = report.currency if each.unit is Unit.MONEY else ""
        row = [report.as_of_date, each.section, each.label, each.unit, each.value, each.before, currency]
        writer.writerow(["" if cell is None else cell for cell in row])
    return buffer.getvalue().encode()
