"""Campaign files: what is read, and what is refused with which code."""

import json
from pathlib import Path

import pytest

from creamery.audiences.__main__ import main
from creamery.audiences.definition import DEFINITIONS_FOLDER, MaxSends, load_campaigns
from creamery.audiences.vocabulary import CampaignType, Channel, TriggerType
from creamery.errors import InputError
from creamery.segments import load_catalogue

CATALOGUE = load_catalogue()
CAMPAIGN: dict[str, object] = {
    "name": "subject",
    "title": "Subject",
    "description": "Of a test.",
    "type": "welcome",
    "trigger": {"on": "event", "event": "registered"},
    "steps": [{"channel": "email"}],
    "priority": 10,
}


def write(folder: Path, **keys: object) -> None:
    """A file of CAMPAIGN with other values; a value of None leaves the key out."""
    document = {key: value for key, value in (CAMPAIGN | keys).items() if value is not None}
    (folder / f"{document['name']}.yaml").write_text(json.dumps(document))  # JSON is YAML


def test_the_shipped_campaigns_can_all_be_run() -> None:
    campaigns = load_campaigns(DEFINITIONS_FOLDER, CATALOGUE)
    assert campaigns.errors == ()
    assert {each.type for each in campaigns.definitions} == set(CampaignType)
    lists = [step.list_name for each in campaigns.definitions for step in each.steps]
    assert {"win_back_1", "win_back_2", "win_back_3", "welcome", "abandoned_cart_1"} <= set(lists)
    assert main(["check", str(DEFINITIONS_FOLDER)]) == 0


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        steps=[{"channel": "email"}, {"channel": "sms", "delay_days": 3, "skip_if": has_card()}],
        max_sends={"count": 4, "days": 30},
        offer={"code_prefix": "HELLO"},
        control_percent=20,
    )
    (campaign,) = load_campaigns(tmp_path, CATALOGUE).definitions
    assert [(step.list_name, step.channel, step.delay_days) for step in campaign.steps] == [
        ("subject_1", Channel.EMAIL, 0),
        ("subject_2", Channel.SMS, 3),
    ]
    assert (campaign.max_sends, campaign.offer_prefix, campaign.control_percent) == (MaxSends(4, 30), "HELLO", 20)
    assert campaign.trigger.type is TriggerType.EVENT
    assert campaign.category == "marketing"


def test_one_step_is_named_as_its_campaign_and_sends_once(tmp_path: Path) -> None:
    write(tmp_path)
    (campaign,) = load_campaigns(tmp_path, CATALOGUE).definitions
    assert [step.list_name for step in campaign.steps] == ["subject"]
    assert campaign.max_sends == MaxSends(1, 365)


def has_card() -> dict[str, object]:
    return {"field": "has_loyalty_card", "operator": "eq", "value": True}


@pytest.mark.parametrize(
    ("changed", "code", "place"),
    [
        ({"send_at": "noon"}, "unknown_key", ""),
        ({"priority": None}, "missing_key", ""),
        ({"type": "spam"}, "unknown_campaign_type", "type"),
        ({"trigger": {"on": "full_moon"}}, "unknown_trigger", "trigger.on"),
        ({"trigger": {"on": "event"}}, "missing_key", "trigger"),
        ({"trigger": {"on": "event", "event": "full_moon"}}, "unknown_trigger_value", "trigger.event"),
        ({"trigger": {"on": "event", "event": "order", "days": 3}}, "unknown_key", "trigger"),
        ({"trigger": {"on": "stage_entry", "stage": "gone"}}, "unknown_trigger_value", "trigger.stage"),
        ({"trigger": {"on": "segment_entry", "segment": "nobody"}}, "unknown_trigger_value", "trigger.segment"),
        ({"trigger": {"on": "schedule"}}, "missing_key", "trigger"),
        ({"trigger": {"on": "schedule", "weekday": 1, "day_of_month": 1}}, "missing_key", "trigger"),
        ({"trigger": {"on": "schedule", "day_of_month": 29}}, "out_of_range", "trigger.day_of_month"),
        ({"trigger": {"on": "inactivity", "days": 3, "rhythm_percent": 3}}, "missing_key", "trigger"),
        ({"steps": []}, "no_steps", "steps"),
        ({"steps": [{"channel": "pigeon"}]}, "unknown_channel", "steps[0].channel"),
        ({"steps": [{"channel": "email", "delay_days": -1}]}, "out_of_range", "steps[0].delay_days"),
        ({"audience": {"field": "shoe_size", "operator": "eq", "value": 1}}, "unknown_field", "audience.field"),
        ({"offer": {"code_prefix": "win"}}, "bad_code_prefix", "offer.code_prefix"),
        ({"control_percent": 51}, "out_of_range", "control_percent"),
        ({"is_service": True, "control_percent": 5}, "service_with_control", "control_percent"),
        ({"is_service": True, "offer": {"code_prefix": "WIN"}}, "service_with_control", "offer"),
        ({"is_service": "yes"}, "wrong_type", "is_service"),
    ],
)
def test_a_bad_campaign_is_refused_alone(tmp_path: Path, changed: dict[str, object], code: str, place: str) -> None:
    write(tmp_path, name="good")
    write(tmp_path, **changed)
    campaigns = load_campaigns(tmp_path, CATALOGUE)
    assert [each.name for each in campaigns.definitions] == ["good"]
    (error,) = campaigns.errors
    assert (error.code, error.place, error.file) == (code, place, "subject.yaml")
    assert campaigns.refused.keys() == {"subject"}
    assert main(["check", str(tmp_path)]) == 1


def test_a_campaign_is_named_like_its_file(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "subject.yaml").rename(tmp_path / "other.yaml")
    assert [error.code for error in load_campaigns(tmp_path, CATALOGUE).errors] == ["bad_name"]


def test_no_campaign_takes_the_list_of_a_segment(tmp_path: Path) -> None:
    write(tmp_path, name="good")
    write(tmp_path, name="segment_vip")
    campaigns = load_campaigns(tmp_path, CATALOGUE)
    assert [each.name for each in campaigns.definitions] == ["good"]
    assert [(error.code, error.place, error.file) for error in campaigns.errors] == [
        ("reserved_name", "name", "segment_vip.yaml")
    ]


def test_two_campaigns_never_share_a_list(tmp_path: Path) -> None:
    write(tmp_path, steps=[{"channel": "email"}, {"channel": "email"}])
    write(tmp_path, name="subject_1")
    campaigns = load_campaigns(tmp_path, CATALOGUE)
    assert campaigns.definitions == ()
    assert [error.code for error in campaigns.errors] == ["duplicate_name", "duplicate_name"]


def test_a_missing_folder_is_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match="no folder"):
        load_campaigns(tmp_path / "none", CATALOGUE)
    assert main(["check", str(tmp_path / "none")]) == 2
    assert "no folder" in capsys.readouterr().err
