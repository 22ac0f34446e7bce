"""What is kept about a fit."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FitRecord:
    """How a model was fitted; only converged fits have one.

    `log_likelihood` is None for models without one (constants that do not depend on parameters are left out, as in
    the papers); `standard_errors` are in the parameters' units; `notes` are sentences for people.
    """

    method: str
    customers: int
    distinct_states: int
    log_likelihood: float | None = None
    standard_errors: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
