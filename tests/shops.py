"""The small demonstration shop that most tests share, and what was built from it."""

import datetime as dt
from dataclasses import dataclass

AS_OF = dt.date(2026, 11, 19)


@dataclass(frozen=True)
class Built:
    """A source, the warehouse built from it, and both as the administrator sees them."""

    source: str
    warehouse: str
    warehouse_admin: str
    as_of: dt.date = AS_OF
