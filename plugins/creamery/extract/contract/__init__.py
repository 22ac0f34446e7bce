"""The source contract: which tables and columns of Odoo the warehouse reads, and which it cannot do without.

Types are those of the raw tables, to which the extraction casts (Odoo's differ between versions). A column exists in
Odoo only if the module that adds it is installed, hence `optional`; a table that `is_optional` belongs to a module
that a shop may not have. Nothing that is not named here is read; secrets never are (docs/security.md).
"""

from creamery.errors import ContractError
from creamery.extract.contract import (
    accounting,
    addon,
    base,
    crm,
    feedback,
    loyalty,
    marketing,
    pos,
    products,
    sales,
    subscriptions,
    website,
)
from creamery.extract.contract.definition import SourceColumn, SourceTable, Tracking

CONTRACT: tuple[SourceTable, ...] = (
    *base.TABLES,
    *products.TABLES,
    *sales.TABLES,
    *accounting.TABLES,
    *pos.TABLES,
    *crm.TABLES,
    *marketing.TABLES,
    *loyalty.TABLES,
    *feedback.TABLES,
    *website.TABLES,
    *subscriptions.TABLES,
    *addon.TABLES,
)

__all__ = ["CONTRACT", "SourceColumn", "SourceTable", "Tracking"]

if len({table.raw_name for table in CONTRACT}) < len(CONTRACT):
    raise ContractError("Source contract: two tables would share one raw table.")
