"""A small PDF writer: lines of text in Helvetica, and rectangles. Enough for tables and bars, without a dependency.

Helvetica is one of the fonts that every reader has; it knows the letters of Western Europe, others become '?'.
"""

from dataclasses import dataclass, field

A4 = (595.28, 841.89)  # points
Color = tuple[float, float, float]
BLACK: Color = (0.12, 0.13, 0.15)

# Widths in thousandths of the font's size (Adobe's metrics), as far as numbers need them; letters on average.
_WIDTHS = dict.fromkeys("0123456789", 556) | dict.fromkeys(" ,.:/'ijl", 278) | {"-": 333, "+": 584, "%": 889, "m": 833}
_LOWER, _UPPER = 530, 680


def width_of(text: str, size: float) -> float:
    """Points that a text takes; exact for numbers."""
    return size / 1000 * sum(_WIDTHS.get(letter, _UPPER if letter.isupper() else _LOWER) for letter in text)


@dataclass
class Page:
    """Coordinates in points from the top left corner; y of a text is its base line."""

    commands: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, text: str, size: float = 9, is_bold: bool = False, color: Color = BLACK) -> None:
        font = "F2" if is_bold else "F1"
        shown = text.encode("cp1252", "replace").decode("cp1252")
        escaped = shown.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        self.commands.append(f"BT {_paint(color)} rg /{font} {size:g} Tf {x:.2f} {A4[1] - y:.2f} Td ({escaped}) Tj ET")

    def text_right(self, right: float, y: float, text: str, size: float = 9, color: Color = BLACK) -> None:
        """A text that ends at `right`."""
        self.text(right - width_of(text, size), y, text, size, color=color)

    def rectangle(self, x: float, y: float, width: float, height: float, color: Color) -> None:
        """From its top left corner."""
        self.commands.append(f"{_paint(color)} rg {x:.2f} {A4[1] - y - height:.2f} {width:.2f} {height:.2f} re f")


def _paint(color: Color) -> str:
    return " ".join(f"{part:.3f}" for part in color)


def document(pages: list[Page], title: str) -> bytes:
    """The file."""
    numbers = [6 + 2 * index for index in range(len(pages))]
    kids = " ".join(f"{number} 0 R" for number in numbers)
    fonts = [
        f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>"
        for name in ("Helvetica", "Helvetica-Bold")
    ]
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        *fonts,
        f"<< /Title ({title}) /Producer (Creamery) >>",
    ]
    for number, page in zip(numbers, pages, strict=True):
        stream = "\n".join(page.commands)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {A4[0]} {A4[1]}] /Contents {number + 1} 0 R"
            " /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream.encode('cp1252'))} >>\nstream\n{stream}\nendstream")
    return _assembled(objects)


def _assembled(objects: list[str]) -> bytes:
    """The objects, numbered from 1, and the table that says at which byte each begins."""
    body = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n".encode("cp1252")
    entries = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R /Info 5 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return body + f"xref\n0 {size}\n0000000000 65535 f \n{entries}{trailer}".encode()
