"""Customer lifetime value (spec, section 3): `fit` a shop's model, `score` its customers, `back_test` candidates."""

from creamery.scoring.clv.backtest import BackTest, back_test
from creamery.scoring.clv.config import ClvConfig
from creamery.scoring.clv.frames import PastCutoff
from creamery.scoring.clv.model import ClvFitRecord, ClvModel, fit, score
from creamery.scoring.clv.purchasing import BASELINES, CANDIDATES
from creamery.scoring.clv.record import FitRecord
from creamery.scoring.clv.timing import Timing, timing_of

__all__ = [
    "BASELINES",
    "CANDIDATES",
    "BackTest",
    "ClvConfig",
    "ClvFitRecord",
    "ClvModel",
    "FitRecord",
    "PastCutoff",
    "Timing",
    "back_test",
    "fit",
    "score",
    "timing_of",
]
