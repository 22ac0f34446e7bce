"""The weekly report on paper: one table per section, with bars where figures are parts of a whole."""

from decimal import Decimal

from creamery.reports import pdf, wording
from creamery.reports.figures import Figure, Report, Unit

_LEFT, _RIGHT = 50.0, pdf.A4[0] - 50
_COLUMNS = (370.0, 460.0, _RIGHT)  # right edges of value, week before, change
_LINE, _FOOT = 17.0, pdf.A4[1] - 60
_GREEN: pdf.Color = (0.08, 0.47, 0.35)
_PALE: pdf.Color = (0.79, 0.90, 0.85)
_GREY: pdf.Color = (0.42, 0.46, 0.51)
_BAR_LEFT, _BAR_WIDTH = 175.0, 120.0


def as_pdf(report: Report) -> bytes:
    pages = [pdf.Page()]
    y = _head(pages[0], report)
    for section in report.sections():
        figures = [each for each in report.figures if each.section == section]
        if y + _LINE * (len(figures) + 2) > _FOOT:
            pages.append(pdf.Page())
            y = 60
        y = _section(pages[-1], y, section, figures, report.currency)
    for number, page in enumerate(pages, start=1):
        _foot(page, report, f"{number} / {len(pages)}")
    return pdf.document(pages, wording.subject(report))


def _head(page: pdf.Page, report: Report) -> float:
    page.rectangle(0, 0, pdf.A4[0], 6, _GREEN)
    page.text(_LEFT, 52, wording.subject(report), size=20, is_bold=True)
    note = f"Beside the week before. Money is net, in {report.currency}; a dash: not known, or that day not published."
    page.text(_LEFT, 70, note, color=_GREY)
    return 100


def _section(page: pdf.Page, y: float, title: str, figures: list[Figure], currency: str) -> float:
    page.text(_LEFT, y, title, size=12, is_bold=True, color=_GREEN)
    for right, heading in zip(_COLUMNS, ("this week", "week before", "change"), strict=True):
        page.text_right(right, y, heading, size=8, color=_GREY)
    page.rectangle(_LEFT, y + 5, _RIGHT - _LEFT, 0.7, _PALE)
    largest = max((each.value or Decimal(0) for each in figures), default=Decimal(0))
    for each in figures:
        y += _LINE
        if title.endswith("by segment") and largest:
            page.rectangle(_BAR_LEFT, y - 9, _BAR_WIDTH * float((each.value or 0) / largest), 11, _PALE)
        page.text(_LEFT, y, each.label)
        page.text_right(_COLUMNS[0], y, wording.shown(each.value, each.unit, currency))
        page.text_right(_COLUMNS[1], y, wording.shown(each.before, each.unit, currency), color=_GREY)
        page.text_right(_COLUMNS[2], y, wording.change(each) + (" points" if _is_rate(each) else ""))
    return y + 2 * _LINE


def _is_rate(figure: Figure) -> bool:
    return figure.unit is Unit.PERCENT and figure.before is not None


def _foot(page: pdf.Page, report: Report, number: str) -> None:
    published = f"Figures as of the end of {report.as_of_date}, published {report.published_at:%Y-%m-%d %H:%M %Z}"
    page.text(_LEFT, pdf.A4[1] - 34, published, size=8, color=_GREY)
    page.text_right(_RIGHT, pdf.A4[1] - 34, number, size=8, color=_GREY)
