"""The weekly report on paper: one table per section, with bars where figures are parts of a whole."""

from decimal import Decimal

from fpdf import FPDF

from creamery.reports import wording
from creamery.reports.figures import Figure, Report, Unit

Color = tuple[int, int, int]
_WIDTH, _HEIGHT = 595.28, 841.89  # A4 in points
_LEFT, _RIGHT = 50.0, _WIDTH - 50
_COLUMNS = (370.0, 460.0, _RIGHT)  # right edges of value, week before, change
_LINE, _FOOT = 17.0, _HEIGHT - 60
_BLACK: Color = (31, 33, 38)
_GREEN: Color = (20, 120, 89)
_PALE: Color = (201, 230, 217)
_GREY: Color = (107, 117, 130)
_BAR_LEFT, _BAR_WIDTH = 175.0, 120.0


class Paper(FPDF):
    """A4, in points from the top left corner; y of a text is its base line.

    Helvetica is one of the fonts that every reader has; it knows the letters of Western Europe, others become '?'.
    """

    def __init__(self, report: Report) -> None:
        super().__init__(unit="pt", format="A4")
        self.report = report
        self.set_title(wording.subject(report))
        self.set_creation_date(report.published_at)
        self.set_auto_page_break(False)

    def write_at(self, x: float, y: float, text: str, size: float = 9, style: str = "", color: Color = _BLACK) -> None:
        self._choose(size, style, color)
        self.text(x, y, _printable(text))

    def write_right(self, right: float, y: float, text: str, size: float = 9, color: Color = _BLACK) -> None:
        """A text that ends at `right`."""
        self._choose(size, "", color)
        self.text(right - self.get_string_width(_printable(text)), y, _printable(text))

    def fill(self, x: float, y: float, width: float, height: float, color: Color) -> None:
        """A rectangle from its top left corner."""
        self.set_fill_color(*color)
        self.rect(x, y, width, height, style="F")

    def foot_every_page(self) -> None:
        day, moment = self.report.as_of_date, self.report.published_at
        published = f"Figures as of the end of {day}, published {moment:%Y-%m-%d %H:%M %Z}"
        for number in range(1, self.pages_count + 1):
            self.page = number
            self.write_at(_LEFT, _HEIGHT - 34, published, size=8, color=_GREY)
            self.write_right(_RIGHT, _HEIGHT - 34, f"{number} / {self.pages_count}", size=8, color=_GREY)

    def _choose(self, size: float, style: str, color: Color) -> None:
        self.set_font("Helvetica", style, size)
        self.set_text_color(*color)


def as_pdf(report: Report) -> bytes:
    paper = Paper(report)
    paper.add_page()
    y = _head(paper, report)
    for section in report.sections():
        figures = [each for each in report.figures if each.section == section]
        if y + _LINE * (len(figures) + 2) > _FOOT:
            paper.add_page()
            y = 60
        y = _section(paper, y, section, figures, report.currency)
    paper.foot_every_page()
    return bytes(paper.output())


def _printable(text: str) -> str:
    return text.encode("latin-1", "replace").decode("latin-1")


def _head(paper: Paper, report: Report) -> float:
    paper.fill(0, 0, _WIDTH, 6, _GREEN)
    paper.write_at(_LEFT, 52, wording.subject(report), size=20, style="B")
    note = f"Beside the week before. Money is net, in {report.currency}; a dash: not known, or that day not published."
    paper.write_at(_LEFT, 70, note, color=_GREY)
    return 100


def _section(paper: Paper, y: float, title: str, figures: list[Figure], currency: str) -> float:
    paper.write_at(_LEFT, y, title, size=12, style="B", color=_GREEN)
    for right, heading in zip(_COLUMNS, ("this week", "week before", "change"), strict=True):
        paper.write_right(right, y, heading, size=8, color=_GREY)
    paper.fill(_LEFT, y + 5, _RIGHT - _LEFT, 0.7, _PALE)
    largest = max((each.value or Decimal(0) for each in figures), default=Decimal(0))
    for each in figures:
        y += _LINE
        if title.endswith("by segment") and largest:
            paper.fill(_BAR_LEFT, y - 9, _BAR_WIDTH * float((each.value or 0) / largest), 11, _PALE)
        paper.write_at(_LEFT, y, each.label)
        paper.write_right(_COLUMNS[0], y, wording.shown(each.value, each.unit, currency))
        paper.write_right(_COLUMNS[1], y, wording.shown(each.before, each.unit, currency), color=_GREY)
        paper.write_right(_COLUMNS[2], y, wording.change(each) + (" points" if _is_rate(each) else ""))
    return y + 2 * _LINE


def _is_rate(figure: Figure) -> bool:
    return figure.unit is Unit.PERCENT and figure.before is not None
