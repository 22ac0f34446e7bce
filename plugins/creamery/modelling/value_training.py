"""Training of lifetime value: candidates compete on past windows, the winner is fitted to all that is known."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date
from statistics import fmean

from creamery.errors import ScoringError
from creamery.modelling.history import History
from creamery.modelling.registry import Bin, Champion, Decision, Fit, Metric, Task, Training, Verdict, number, plain
from creamery.scoring.clv import model as clv
from creamery.scoring.clv.backtest import BackTest, back_test
from creamery.scoring.clv.config import ClvConfig
from creamery.scoring.clv.purchasing import BASELINES, CANDIDATES
from creamery.scoring.clv.timing import timing_of

_PREFERRED = "bg_nbd"  # of equals: what it says can be explained
_LEAST_GAIN = 0.01  # of the error, for another model to take over
_JUDGED_WINDOWS = 3
_LONG_WINDOW = 365
_LOSSES_TO_DEMOTE = 2


def train(history: History, incumbent: Champion | None, config: ClvConfig) -> Training:
    """Back-test every candidate, fit the winner at the training's day, and decide."""
    tests = list(_back_tests(history, config))
    name, reason = choose(tests, incumbent.model_name if incumbent else None, config)
    chosen = replace(config, purchase_model=name, is_seasonal=True)
    seasonal = {(test.days_ago, test.days): test for test in _in_season(history, tests, chosen)}
    chosen = replace(chosen, is_seasonal=bool(seasonal))
    try:
        model, record = clv.fit(history.today, history.past, chosen, history.subscriptions)
    except ScoringError as problem:
        return _failed(history, incumbent, tests, name, str(problem))
    if model.seasonal:
        # The evidence of who serves is of what serves.
        tests = [seasonal.get((test.days_ago, test.days), test) if test.model == name else test for test in tests]
        reason += " Scaled by last year's season."
    served = model.champion or model.generative
    timing = timing_of(history.gaps)
    fit = Fit(
        served.name if served else "heuristic",
        history.window,
        len(history.today),
        len(history.today),
        history.fingerprint,
        parameters=model.to_parameters(),
        metrics=plain(asdict(record) | {"timing": asdict(timing)}),
    )
    decision = Decision.DEMOTION if served and name in BASELINES else Decision.PROMOTION
    if not served:
        few = f"Under {config.least_repeat_customers} repeat customers ({record.repeat_customers})"
        reason = f"{few}: the heuristic serves."
    verdict = Verdict(decision, fit.model_name, fit.version(history.as_of), f"{reason} {timing}")
    return _training(history, [fit], tests, verdict)


def choose(tests: Sequence[BackTest], incumbent: str | None, config: ClvConfig) -> tuple[str, str]:
    """Name of the purchase model that shall serve, and why: the least error of orders over the judged windows.

    The present one stays unless another is better by a hundredth; it is demoted to a baseline when it lost to that one
    on the two newest windows.
    """
    judged = [test for test in tests if test.days == config.judged_days]
    errors = {name: _errors(judged, name) for name in CANDIDATES}
    complete = {name: fmean(each) for name, each in errors.items() if each and len(each) == _window_count(judged)}
    if not complete:
        return _PREFERRED, "No closed window to compare models on."
    present = incumbent if incumbent in complete else _PREFERRED if _PREFERRED in complete else min(complete)
    best = min(complete, key=lambda name: complete[name])
    if complete[best] < complete[present] * (1 - _LEAST_GAIN):
        name = best
        reason = f"Error of orders {complete[best]:.3f} against {complete[present]:.3f} of {present}"
    else:
        name = present
        reason = f"Error of orders {complete[present]:.3f}; no other is better by a hundredth"
    if better := _better_baseline(errors[name], judged):
        return better, f"{name} lost to the baseline {better} on the {_LOSSES_TO_DEMOTE} newest windows in a row."
    return name, f"{reason} ({_window_count(judged)} windows of {config.judged_days} days)."


def _back_tests(history: History, config: ClvConfig) -> Iterable[BackTest]:
    past = history.past
    closed = [each for each in past if each.is_closed(config.judged_days)][:_JUDGED_WINDOWS]
    windows = [(each, config.judged_days) for each in closed]
    windows += [(each, _LONG_WINDOW) for each in past if each.is_closed(_LONG_WINDOW)][:1]
    for cutoff, days in windows:
        for name in (*CANDIDATES, *BASELINES):
            try:
                yield back_test(name, cutoff, past, days, config)
            except ScoringError:  # too little was known then: the model has no row for that window
                continue


def _in_season(history: History, tests: Sequence[BackTest], config: ClvConfig) -> list[BackTest]:
    """The chosen candidate's tests on the judged windows, repeated with last year's factors.

    None where these do not bring the newest window's total nearer to what happened, or where the model so scaled loses
    to a baseline on the newest windows.
    """
    name, past = config.purchase_model, history.past
    judged = [test for test in tests if test.days == config.judged_days]
    plain = sorted((test for test in judged if test.model == name), key=lambda test: test.days_ago)
    if name in BASELINES:
        return []
    seasonal: list[BackTest] = []
    for test in plain:
        cutoff = next(each for each in past if each.days_ago == test.days_ago)
        try:
            seasonal.append(back_test(name, cutoff, past, test.days, config))
        except ScoringError:
            return []
        if _miss(seasonal[0]) >= _miss(plain[0]):
            return []
    return [] if _better_baseline(_errors(seasonal, name), judged) else seasonal


def _miss(test: BackTest) -> float:
    return abs(test.purchases.predicted_total - test.purchases.actual_total)


def _errors(tests: Sequence[BackTest], name: str) -> list[float]:
    """Newest window first."""
    own = sorted((test for test in tests if test.model == name), key=lambda test: test.days_ago)
    return [test.purchases.root_mean_squared_error for test in own]


def _better_baseline(own: Sequence[float], tests: Sequence[BackTest]) -> str | None:
    """The baseline that beat these errors, newest window first, on each of the newest; of several the better one."""
    newest = own[:_LOSSES_TO_DEMOTE]
    better = {}
    for name in BASELINES:
        rival = _errors(tests, name)[:_LOSSES_TO_DEMOTE]
        is_judged = len(newest) == len(rival) == _LOSSES_TO_DEMOTE
        if is_judged and all(mine > its for mine, its in zip(newest, rival, strict=True)):
            better[name] = fmean(rival)
    return min(better, key=lambda name: better[name]) if better else None


def _window_count(tests: Sequence[BackTest]) -> int:
    return len({test.days_ago for test in tests})


def _failed(
    history: History, incumbent: Champion | None, tests: Sequence[BackTest], name: str, problem: str
) -> Training:
    fit = Fit(name, history.window, len(history.today), len(history.today), history.fingerprint, failure=problem)
    verdict = Verdict(
        Decision.RETAINED,
        incumbent.model_name if incumbent else "heuristic",
        incumbent.model_version if incumbent else None,
        f"The new fit of {name} failed: {problem}",
    )
    return _training(history, [fit], tests, verdict)


def _training(history: History, fits: list[Fit], tests: Sequence[BackTest], verdict: Verdict) -> Training:
    days = {each.days_ago: day for each, day in zip(history.past, history.cutoffs, strict=True)}
    metrics, bins = [], []
    for test in tests:
        cutoff = days[test.days_ago]
        for population, card in (("purchases", test.purchases), ("value", test.value)):
            numbers = asdict(card)
            count = int(numbers.pop("customers"))
            metrics += [
                Metric(test.model, cutoff, test.days, population, metric, number(value), count)
                for metric, value in numbers.items()
            ]
        coverage = number(test.interval_coverage)
        metrics.append(
            Metric(test.model, cutoff, test.days, "value", "interval_coverage", coverage, test.value.customers)
        )
        bins += _bins(test, cutoff)
    return Training(Task.LIFETIME_VALUE, history.as_of, fits, metrics, bins, verdict)


def _bins(test: BackTest, cutoff: date) -> list[Bin]:
    deciles = test.deciles
    coverage = deciles["coverage"] if "coverage" in deciles else [None] * len(deciles)
    columns = (deciles[name].tolist() for name in ("decile", "customers", "predicted_mean", "actual_mean"))
    return [
        Bin(test.model, cutoff, test.days, decile, customers, predicted, actual, number(covered))
        for decile, customers, predicted, actual, covered in zip(*columns, coverage, strict=True)
    ]
