"""What the models of customer lifetime value go by."""

from dataclasses import dataclass

DAYS_PER_YEAR = 365
HORIZONS = (30, 56, 90, 180, 365)  # days for which the frames have windows
WINDOWS = (30, 90, 365)  # days for which purchases are foretold; under a year they have seasons


@dataclass(frozen=True, slots=True)
class ClvConfig:
    """The shop sets `discount_rate` and `least_repeat_customers` (modelling/configuration.py)."""

    purchase_model: str = "bg_nbd"  # the champion: a name in purchasing.CANDIDATES
    judged_days: int = 90  # the window on which candidates learn and compete; one of HORIZONS
    least_repeat_customers: int = 100  # below, the heuristic serves
    discount_rate: float = 0.10  # a year
    is_seasonal: bool = False  # scale by last year's actual over predicted: where the back-test says that it helps
    draws: int = 1_000
    seed: int = 20_050_501
    most_training_rows: int = 100_000  # of the boosted model: more rows cost time and gain nothing
    monthly_subscription_loss: float = 0.05  # hazard, where no subscription has been observed for a month

    def __post_init__(self) -> None:
        if self.judged_days not in HORIZONS:
            raise ValueError(f"judged_days must be one of {HORIZONS}, not {self.judged_days}")
        if self.discount_rate < 0:
            raise ValueError(f"discount_rate must not be negative: {self.discount_rate}")
