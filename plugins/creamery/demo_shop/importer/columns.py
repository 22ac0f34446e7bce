"""Which column of a file is what: by the name that the user gives, else by its usual names."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from creamery.errors import InputError


class Column(StrEnum):
    """What the importer understands. The values are the flags' names: --order-id ..."""

    ORDER_ID = "order_id"
    DATE = "date"
    CUSTOMER = "customer"
    PRODUCT = "product"
    QUANTITY = "quantity"
    UNIT_PRICE = "unit_price"
    VALUE = "value"
    DESCRIPTION = "description"
    COUNTRY = "country"
    CURRENCY = "currency_column"
    CANCELLED = "cancelled"


# Without case, spaces and underscores; where a file has several, the first listed is taken.
USUAL_NAMES: Mapping[Column, tuple[str, ...]] = {
    Column.ORDER_ID: (
        "orderid", "invoiceno", "invoice", "order", "orderno", "ordernumber", "ordername", "invoiceid",
        "invoicenumber", "transactionid", "transaction", "receiptno", "receipt",
    ),
    Column.DATE: (
        "invoicedate", "orderdate", "date", "datetime", "orderdatetime", "orderedat", "createdat",
        "timestamp", "purchasedate", "transactiondate",
    ),
    Column.CUSTOMER: (
        "customerid", "customer", "customerno", "customernumber", "custid", "clientid", "client", "userid",
        "user", "memberid", "buyer",
    ),
    Column.PRODUCT: (
        "stockcode", "productid", "product", "productcode", "sku", "itemid", "item", "itemcode",
        "articleno", "article",
    ),
    Column.QUANTITY: ("quantity", "qty", "units", "pieces", "numberofcds"),
    Column.UNIT_PRICE: ("unitprice", "price", "itemprice", "priceeach"),
    Column.VALUE: (
        "value", "amount", "total", "totalprice", "lineamount", "linetotal", "spent", "dollar", "dollars",
        "dollarvalue", "revenue", "sales",
    ),
    Column.DESCRIPTION: ("description", "productname", "productdescription", "itemname"),
    Column.COUNTRY: ("country", "countryname", "shippingcountry", "billingcountry"),
    Column.CURRENCY: ("currency", "currencycode"),
    Column.CANCELLED: (
        "cancelled", "canceled", "iscancelled", "iscanceled", "cancellation", "isreturn", "isrefund",
    ),
}  # fmt: skip


def recognise(header: Sequence[str], given: Mapping[Column, str], file_name: str) -> dict[Column, int]:
    """Position of each column in `header`; `given` are the names from the flags.

    Raises InputError where a given name is not in the header, a name is ambiguous, or a column that
    nothing works without (date, customer, and a unit price or a value) is missing.
    """
    found: dict[Column, int] = {}
    for column, name in given.items():
        exact = [place for place, candidate in enumerate(header) if candidate == name]
        places = exact or _places(name, header)
        if not places:
            raise InputError(
                f"{file_name} has no column {name!r} for {_flag(column)}. Its columns are: {_listed(header)}."
            )
        found[column] = _only(places, name, column, file_name)
    for column in USUAL_NAMES:
        if column not in found and (usual := _usual_places(column, header, found)):
            found[column] = _only(usual, header[usual[0]], column, file_name)
    _settle_price(found, given)
    _require(found, header, file_name)
    return found


def _normalised(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _places(name: str, header: Sequence[str]) -> list[int]:
    return [place for place, candidate in enumerate(header) if _normalised(candidate) == _normalised(name)]


def _usual_places(column: Column, header: Sequence[str], found: Mapping[Column, int]) -> list[int]:
    """Where the first of the column's usual names stands that nothing else has taken."""
    for name in USUAL_NAMES[column]:
        if places := [place for place in _places(name, header) if place not in found.values()]:
            return places
    return []


def _only(places: Sequence[int], name: str, column: Column, file_name: str) -> int:
    if len(places) > 1:
        raise InputError(f"{file_name} has {len(places)} columns {name!r}. Rename one, or choose with {_flag(column)}.")
    return places[0]


def _settle_price(found: dict[Column, int], given: Mapping[Column, str]) -> None:
    """Keep one of unit price and value: the one given by flag, else the unit price."""
    if Column.UNIT_PRICE in found and Column.VALUE in found:
        is_value_given = Column.VALUE in given and Column.UNIT_PRICE not in given
        del found[Column.UNIT_PRICE if is_value_given else Column.VALUE]


def _require(found: Mapping[Column, int], header: Sequence[str], file_name: str) -> None:
    missing = [_flag(column) for column in (Column.DATE, Column.CUSTOMER) if column not in found]
    if Column.UNIT_PRICE not in found and Column.VALUE not in found:
        missing.append(f"{_flag(Column.UNIT_PRICE)} or {_flag(Column.VALUE)}")
    if missing:
        raise InputError(
            f"{file_name}: no column recognised for {', '.join(missing)}. Its columns are: {_listed(header)}."
            " Name them with these flags; a file without a header line needs --columns. See also --separator."
        )


def _flag(column: Column) -> str:
    return "--" + column.value.replace("_", "-")


def _listed(header: Sequence[str]) -> str:
    return ", ".join(name[:40] for name in header[:40]) or "none"
