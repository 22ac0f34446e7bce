"""The closed vocabularies of campaigns, and the codes of what can be wrong with one besides what segments know."""

from enum import StrEnum


class CampaignType(StrEnum):
    WIN_BACK = "win_back"
    RE_ENGAGEMENT = "re_engagement"
    WELCOME = "welcome"
    ONBOARDING = "onboarding"
    MILESTONE = "milestone"
    ANNIVERSARY = "anniversary"
    BIRTHDAY = "birthday"
    NPS = "nps"
    ABANDONED_CART = "abandoned_cart"
    REPLENISHMENT = "replenishment"
    TIER_UPGRADE = "tier_upgrade"
    POINTS_EXPIRING = "points_expiring"


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"


class TriggerType(StrEnum):
    """What sets a campaign off. A cart's steps are hours, which the DAG of carts keeps: no night enrols for them."""

    STAGE_ENTRY = "stage_entry"
    SEGMENT_ENTRY = "segment_entry"
    SEGMENT_EXIT = "segment_exit"
    EVENT = "event"
    SCHEDULE = "schedule"
    MILESTONE = "milestone"
    ANNIVERSARY = "anniversary"
    INACTIVITY = "inactivity"
    POINTS_EXPIRING = "points_expiring"
    CART_IDLE = "cart_idle"


class Event(StrEnum):
    REGISTERED = "registered"  # the first order, cart, lead or loyalty card
    FIRST_ORDER = "first_order"
    ORDER = "order"
    TIER_UPGRADE = "tier_upgrade"
    SUBSCRIPTION_ENDED = "subscription_ended"


class Stages(StrEnum):
    """The two vocabularies of stages, by the column that says them."""

    LIFECYCLE_STAGE = "lifecycle_stage"
    RETENTION_STATE = "retention_state"


class Occasion(StrEnum):
    """What comes back every year."""

    FIRST_ORDER = "first_order"
    REGISTERED = "registered"
    BIRTHDAY = "birthday"  # where Odoo knows it


class CampaignCode(StrEnum):
    """Added to those of segments (creamery.segments.vocabulary.Code); never renamed."""

    UNKNOWN_CAMPAIGN_TYPE = "unknown_campaign_type"
    UNKNOWN_TRIGGER = "unknown_trigger"
    UNKNOWN_TRIGGER_VALUE = "unknown_trigger_value"  # an event, stage, segment or occasion that does not exist
    UNKNOWN_CHANNEL = "unknown_channel"
    RESERVED_NAME = "reserved_name"  # its lists would be named like those of segments
    NO_STEPS = "no_steps"
    SERVICE_WITH_CONTROL = "service_with_control"  # a service message has neither control group nor offer
    BAD_CODE_PREFIX = "bad_code_prefix"
    BAD_EXPERIMENT = "bad_experiment"  # arms, weights, share or size that no verdict can come of
    UNKNOWN_METRIC = "unknown_metric"
