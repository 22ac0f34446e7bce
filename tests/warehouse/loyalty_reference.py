"""What becomes of the points of one card, step by step and as plainly as it can be said."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

NEVER = dt.date.max
MONTH = dt.timedelta(days=30)


@dataclass
class Lot:
    key: str
    age: int
    due: dt.date
    last_day: dt.date
    left: Decimal = Decimal(0)

    def is_over(self, day: dt.date) -> bool:
        return self.last_day < day


@dataclass
class Card:
    lots: dict[str, Lot] = field(default_factory=dict)
    owed: Decimal = Decimal(0)
    taken: dict[str, dict[str, Decimal]] = field(default_factory=dict)

    @property
    def balance(self) -> Decimal:
        return sum((lot.left for lot in self.lots.values()), Decimal(0)) - self.owed

    def open(self, key: str, points: Decimal, due: dt.date, last_day: dt.date) -> None:
        self.lots[key] = Lot(key, len(self.lots), due, last_day)
        self._put(key, points)

    def put_back(self, key: str, points: Decimal) -> None:
        self._put(key, points)

    def use(self, key: str, points: Decimal, day: dt.date) -> None:
        """The oldest that holds first; what fell due and is still there only when nothing else is."""
        self.taken[key] = self._take(points, self._oldest_first(day))

    def expire(self, bound: str, points: Decimal) -> None:
        own = [self.lots[bound]] if bound in self.lots else []
        oldest = sorted(self.lots.values(), key=lambda lot: (lot.due, lot.age))
        self._take(points, own + [lot for lot in oldest if lot not in own])

    def take_back(self, bound: str, points: Decimal) -> None:
        own = [self.lots[bound]] if bound in self.lots else []
        newest = sorted(self.lots.values(), key=lambda lot: -lot.age)
        self._take(points, own + [lot for lot in newest if lot not in own])

    def give_back(self, use: str, key: str, points: Decimal, day: dt.date, due: dt.date, last_day: dt.date) -> None:
        """Into the lots that the use took from, the last first; 30 days for what they can no longer hold."""
        self.lots[key] = Lot(key, len(self.lots), due, last_day)
        points = self._pay(points)
        taken = self.taken.get(use, {})
        for lot in sorted(self.lots.values(), key=lambda lot: (lot.due, lot.age), reverse=True):
            given = min(taken.get(lot.key, Decimal(0)), points)
            if given:
                taken[lot.key] -= given
                points -= given
                (self.lots[key] if lot.is_over(day) else lot).left += given
        self.lots[key].left += points

    def _oldest_first(self, day: dt.date) -> list[Lot]:
        return sorted(self.lots.values(), key=lambda lot: (lot.is_over(day), lot.due, lot.age))

    def _take(self, points: Decimal, queue: list[Lot]) -> dict[str, Decimal]:
        taken = {}
        for lot in queue:
            taken[lot.key] = min(lot.left, points)
            lot.left -= taken[lot.key]
            points -= taken[lot.key]
        self.owed += points
        return taken

    def _pay(self, points: Decimal) -> Decimal:
        paid = min(self.owed, points)
        self.owed -= paid
        return points - paid

    def _put(self, key: str, points: Decimal) -> None:
        self.lots[key].left += self._pay(points)
