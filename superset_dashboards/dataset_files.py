"""Expands a dataset file: columns and help texts come from the view's contract, the file adds what is ours."""

from typing import Any

Spec = dict[str, Any]


class DatasetError(Exception):
    """A dataset file contradicts the contract of its view."""


def expand(spec: Spec, contract: Spec, vocabulary: Spec) -> Spec:
    """The dataset as Superset imports it, without ids."""
    own = dict(spec)
    columns = contract["columns"]
    day = own.pop("one_day_of", "as_of_date" if "as_of_date" in columns else None)
    units = {name: details["unit"] for name, details in own.get("columns", {}).items() if "unit" in details}
    derived = {
        "schema": own.get("schema", "reporting"),
        "description": own.get("description", contract["description"]),
        "currency_code_column": "reporting_currency" if "reporting_currency" in columns else None,
        "columns": _columns(own.get("columns", {}), columns, vocabulary["columns"]),
        "metrics": [
            _metric(name, details, columns, day, vocabulary["units"]) for name, details in own["metrics"].items()
        ],
        "units": units | {name: details["unit"] for name, details in own["metrics"].items() if "unit" in details},
    }
    return own | derived


def _columns(own: Spec, contract: Spec, labels: dict[str, str]) -> list[Spec]:
    for name, details in own.items():
        if name not in contract and "expression" not in details:
            raise DatasetError(f"the view has no column {name!r}; remove it or give it an expression and a type")
    from_view = [_column(name, column | own.get(name, {}), labels) for name, column in contract.items()]
    return from_view + [_column(name, details, labels) for name, details in own.items() if name not in contract]


def _column(name: str, details: Spec, labels: dict[str, str]) -> Spec:
    column_type = str(details.get("type", details.get("data_type", "text"))).upper().split("(")[0].strip()
    return {
        "column_name": name,
        "verbose_name": details.get("label") or label_of(name, labels),
        "description": (details.get("description") or "").strip() or None,
        "type": column_type,
        "expression": details.get("expression"),
        "is_dttm": column_type.startswith(("DATE", "TIMESTAMP")),
        "is_active": True,
        "groupby": True,
        "filterable": True,
    }


def label_of(name: str, labels: dict[str, str]) -> str:
    return labels.get(name) or name.removeprefix("is_").removesuffix("_date").replace("_", " ").capitalize()


def _metric(name: str, details: Spec, contract: Spec, day: str | None, units: Spec) -> Spec:
    """The reporting views hold many published days. Over several of them no sum has a meaning, so a metric is
    empty unless exactly one day is selected: no number rather than a wrong one."""
    summed = details.get("sum_of")
    if summed and summed not in contract:
        raise DatasetError(f"metric {name!r} sums {summed!r}, which the view does not have")
    expression = f"sum({summed})" if summed else details["expression"]
    defined_by = contract.get(summed or details.get("defined_by", name), {})
    description = details.get("description") or defined_by.get("description")
    if not description:
        raise DatasetError(f"metric {name!r} has no description; write one, or name its column with 'defined_by'")
    unit = units[details["unit"]] if "unit" in details else {}
    return {
        "metric_name": name,
        "verbose_name": details["label"],
        "description": description.strip(),
        "expression": f"case when min({day}) = max({day}) then {expression} end" if day else expression,
        "d3format": details.get("d3format", unit.get("tile")),
    }
