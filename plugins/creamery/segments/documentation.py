"""The page that marketers write segments by: docs/segment-fields.md."""

from collections.abc import Iterable, Sequence

from creamery.segments.catalogue import Catalogue, Field
from creamery.segments.definition import MAX_DEPTH
from creamery.segments.document import shown
from creamery.segments.vocabulary import OPERATORS, SYMBOLS, Code, FieldType

_INTRODUCTION = f"""\
# Segment fields

Written by `python -m creamery.segments fields` from `campaigns/segment_fields.yaml`; change that file, not this one.

A segment is a file `campaigns/segments/<name>.yaml`; `python -m creamery.segments check campaigns/segments` tells
whether it can be used.

```yaml
name: fading_regulars
title: Regulars who fade
description: Five orders in the year, none for a month; companies aside.
type: behavioral  # static, dynamic, rfm or behavioral
refresh_interval_hours: 24  # the default
conditions:
  all:
    - {{field: order_count_365_days, operator: gte, value: 5}}
    - {{field: last_order_date, operator: between, value: ["-90d", "-30d"]}}
    - not: {{field: is_company, operator: eq, value: true}}
```

Groups `all`, `any` and `not` nest up to {MAX_DEPTH} levels. A static segment has `customer_ids` (Odoo's ids of the
customers) instead of `conditions`. The other types are evaluated alike; they say what kind of field a segment leans on.

- **A customer without a value** matches no comparison, `neq` and `not_in` included; `is_null` (true or false) finds it.
  `not` matches exactly those whom its condition or group does not, so `not` of `eq` includes them.
- **D** is the day that is built, never today's. `"-30d"`, `"-2w"`, `"-3m"`, `"-1y"` are days before D; months and
  years are the calendar's (`"-1m"` of 31 March is the last day of February). `within_last` with `"30d"` is the 30 days
  that end with D.
- `between` includes both ends. Texts are compared without regard to case; `contains` takes `%` and `_` literally.
- Who became a customer after D is in no segment of D. Facts are those of D, and attributes of the customer (country,
  company, tags) those of the version that held on D; of fields that say so only the state at the extraction is known.
- Symbols stand in quotes: `">="`. So do texts that YAML would take for something else, such as `"2026"` and `"true"`.
"""


def render(catalogue: Catalogue) -> str:
    """The page as Markdown."""
    symbols = {operator: [symbol for symbol in SYMBOLS if SYMBOLS[symbol] is operator] for operator in SYMBOLS.values()}
    operators = [
        (type_, ", ".join(" ".join(f"`{way}`" for way in (operator, *symbols.get(operator, ()))) for operator in taken))
        for type_, taken in OPERATORS.items()
    ]
    return (
        "\n".join(
            [
                _INTRODUCTION,
                "## Fields\n",
                _table(("field", "type", "meaning", "example"), map(_field_row, catalogue.fields.values())),
                "## Operators\n",
                _table(("type", "operators"), operators),
                "## What a definition is refused for\n",
                _table(("code", "meaning"), ((f"`{code}`", code.meaning) for code in Code)),
            ]
        ).rstrip()
        + "\n"
    )


def _field_row(field: Field) -> Sequence[str]:
    meaning = field.meaning
    if field.type is FieldType.ENUMERATION:
        meaning += f" One of: {', '.join(field.values)}."
    return f"`{field.name}`", field.type, meaning, f"`{shown(field.example)}`"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
