"""Campaign definitions: campaigns/campaigns/*.yaml to frozen dataclasses."""

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from creamery.audiences.experiment_definition import parse_experiment
from creamery.audiences.experiments import Experiment
from creamery.audiences.triggers import Trigger, parse_trigger
from creamery.audiences.vocabulary import CampaignCode, CampaignType, Channel, TriggerType
from creamery.errors import InputError, SegmentError
from creamery.segments.catalogue import CAMPAIGNS_FOLDER, Catalogue, parse_name
from creamery.segments.definition import Node, parse_conditions
from creamery.segments.document import Cursor, read
from creamery.segments.vocabulary import Code

DEFINITIONS_FOLDER = CAMPAIGNS_FOLDER / "campaigns"
SEGMENTS_FOLDER = CAMPAIGNS_FOLDER / "segments"
_LISTS_OF_SEGMENTS = "segment_"
_CODE_PREFIX = re.compile(r"[A-Z][A-Z0-9]{1,11}")
_REQUIRED = ("name", "title", "description", "type", "trigger", "steps", "priority")
_OPTIONAL = (
    "category",
    "is_service",
    "audience",
    "exclusions",
    "completes_if",
    "offer",
    "cool_down_days",
    "max_sends",
    "control_percent",
    "conversion_window_days",
    "expires_after_days",
    "ends_on_order",
    "experiment",
)


@dataclass(frozen=True, slots=True)
class Step:
    """One message: so many days after the step before (the first: after the enrolment), and who needs it no more."""

    number: int
    list_name: str
    channel: Channel
    delay_days: int
    skip_if: Node | None


@dataclass(frozen=True, slots=True)
class MaxSends:
    """Most messages of the campaign that a customer gets within so many days."""

    count: int
    days: int


@dataclass(frozen=True, slots=True)
class CampaignDefinition:
    """A campaign that can be run; `document` is what was written, as JSON."""

    name: str
    title: str
    description: str
    type: CampaignType
    category: str
    is_service: bool
    trigger: Trigger
    audience: Node | None
    exclusions: Node | None
    completes_if: Node | None
    steps: tuple[Step, ...]
    offer_prefix: str | None
    cool_down_days: int
    max_sends: MaxSends
    priority: int
    control_percent: int
    conversion_window_days: int
    expires_after_days: int
    ends_on_order: bool
    experiment: Experiment | None
    document: str

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.document.encode()).hexdigest()


class LoadedCampaigns(NamedTuple):
    """The campaigns that can be run, by name, and what is wrong with the others, by file."""

    definitions: tuple[CampaignDefinition, ...]
    errors: tuple[SegmentError, ...]

    @property
    def refused(self) -> dict[str, SegmentError]:
        """The errors by the name of their campaign, which is that of the file."""
        return {Path(error.file).stem: error for error in self.errors}


def load_campaigns(folder: Path, catalogue: Catalogue, segments_folder: Path = SEGMENTS_FOLDER) -> LoadedCampaigns:
    """Every *.yaml of `folder`; a bad one is among the errors and stops no other.

    Raises InputError where there is no such folder.
    """
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder} of campaigns. Create it, or name the right one.")
    segments = frozenset(file.stem for file in segments_folder.glob("*.yaml"))
    definitions: list[CampaignDefinition] = []
    errors: list[SegmentError] = []
    for file in sorted(folder.glob("*.yaml")):
        try:
            definitions.append(load_campaign(file, catalogue, segments))
        except SegmentError as error:
            errors.append(error)
    holders = Counter(step.list_name for definition in definitions for step in definition.steps)
    usable = []
    for definition in definitions:
        taken = [step.list_name for step in definition.steps if holders[step.list_name] > 1]
        if taken:
            problem = f"another campaign hands over the list {taken[0]} as well"
            errors.append(SegmentError(Code.DUPLICATE_NAME, f"{definition.name}.yaml", "name", problem))
        else:
            usable.append(definition)
    return LoadedCampaigns(tuple(usable), tuple(errors))


def load_campaign(file: Path, catalogue: Catalogue, segments: frozenset[str]) -> CampaignDefinition:
    """The campaign in `file`, named like it; `segments` are those that a trigger may name. Raises SegmentError."""
    document = read(file)
    keys = document.mapping(_REQUIRED, _OPTIONAL)
    name = parse_name(keys["name"])
    if name != file.stem:
        raise keys["name"].refusal(Code.BAD_NAME, f"{name!r} is not the name of its file", [file.stem])
    if name.startswith(_LISTS_OF_SEGMENTS):
        problem = f"lists named {_LISTS_OF_SEGMENTS}... are those of segments"
        raise keys["name"].refusal(CampaignCode.RESERVED_NAME, problem, ["a name that begins otherwise"])
    is_service = "is_service" in keys and keys["is_service"].boolean()
    steps = _steps(keys["steps"], name, catalogue)
    trigger = parse_trigger(keys["trigger"], segments)
    return CampaignDefinition(
        name=name,
        title=keys["title"].text(),
        description=keys["description"].text(),
        type=CampaignType(keys["type"].choice(CampaignType, CampaignCode.UNKNOWN_CAMPAIGN_TYPE)),
        category=parse_name(keys["category"]) if "category" in keys else "marketing",
        is_service=is_service,
        trigger=trigger,
        audience=_conditions(keys, "audience", catalogue),
        exclusions=_conditions(keys, "exclusions", catalogue),
        completes_if=_conditions(keys, "completes_if", catalogue),
        steps=steps,
        offer_prefix=_offer_prefix(keys["offer"]) if "offer" in keys else None,
        cool_down_days=_number(keys, "cool_down_days", 90, 0, 3660),
        max_sends=_max_sends(keys["max_sends"]) if "max_sends" in keys else MaxSends(len(steps), 365),
        priority=keys["priority"].integer(1, 1000),
        control_percent=_control_percent(keys, is_service),
        conversion_window_days=_number(keys, "conversion_window_days", 30, 1, 366),
        expires_after_days=_number(keys, "expires_after_days", 90, 1, 366),
        ends_on_order="ends_on_order" in keys and keys["ends_on_order"].boolean(),
        experiment=_experiment(keys["experiment"], name, trigger) if "experiment" in keys else None,
        document=json.dumps(document.raw, sort_keys=True, default=float),
    )


def _steps(cursor: Cursor, campaign: str, catalogue: Catalogue) -> tuple[Step, ...]:
    items = cursor.items()
    if not items:
        raise cursor.refusal(CampaignCode.NO_STEPS, "there is no step", ["at least one: {channel: email}"])
    steps = []
    for number, item in enumerate(items, 1):
        keys = item.mapping(["channel"], ["delay_days", "skip_if"])
        steps.append(
            Step(
                number=number,
                list_name=campaign if len(items) == 1 else f"{campaign}_{number}",
                channel=Channel(keys["channel"].choice(Channel, CampaignCode.UNKNOWN_CHANNEL)),
                delay_days=_number(keys, "delay_days", 0, 0, 366),
                skip_if=_conditions(keys, "skip_if", catalogue),
            )
        )
    return tuple(steps)


def _conditions(keys: dict[str, Cursor], key: str, catalogue: Catalogue) -> Node | None:
    return parse_conditions(keys[key], catalogue) if key in keys else None


def _number(keys: dict[str, Cursor], key: str, default: int, lowest: int, highest: int) -> int:
    return keys[key].integer(lowest, highest) if key in keys else default


def _max_sends(cursor: Cursor) -> MaxSends:
    keys = cursor.mapping(["count", "days"])
    return MaxSends(keys["count"].integer(1, 1000), keys["days"].integer(1, 3660))


def _offer_prefix(cursor: Cursor) -> str:
    prefix = cursor.mapping(["code_prefix"])["code_prefix"]
    if not _CODE_PREFIX.fullmatch(prefix.text()):
        allowed = ["2 to 12 capital letters and digits, a letter first"]
        raise prefix.refusal(CampaignCode.BAD_CODE_PREFIX, f"{prefix.raw!r} begins no offer code", allowed)
    return prefix.text()


def _experiment(cursor: Cursor, campaign: str, trigger: Trigger) -> Experiment:
    if trigger.type is TriggerType.CART_IDLE:
        raise cursor.refusal(CampaignCode.BAD_EXPERIMENT, "carts are reminded by the hour, where nobody draws arms")
    return parse_experiment(cursor, campaign)


def _control_percent(keys: dict[str, Cursor], is_service: bool) -> int:
    if is_service:
        for key in ("control_percent", "offer"):
            if key in keys:
                raise keys[key].refusal(CampaignCode.SERVICE_WITH_CONTROL, f"a service message has no {key}")
        return 0
    return _number(keys, "control_percent", 10, 0, 50)
