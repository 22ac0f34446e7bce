"""What a definition may say, and how a bad one is refused: code, place, what is allowed."""

import pickle
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from creamery.errors import InputError, SegmentError
from creamery.segments import Catalogue, load_segments
from creamery.segments.definition import Condition, Group, Logic, Not, load_segment
from creamery.segments.values import Span, Unit
from creamery.segments.vocabulary import Code, Operator

EXAMPLES = Path(__file__).parent / "examples"
HEAD = "name: subject\ntitle: T\ndescription: D\ntype: dynamic\n"


def written(folder: Path, text: str) -> Path:
    file = folder / "subject.yaml"
    file.write_text(text)
    return file


def condition(folder: Path, catalogue: Catalogue, text: str) -> Condition:
    rule = load_segment(written(folder, f"{HEAD}conditions: {{{text}}}\n"), catalogue).rule
    assert isinstance(rule, Condition)
    return rule


def test_every_code_has_an_example_that_raises_it(catalogue: Catalogue) -> None:
    segments = load_segments(EXAMPLES, catalogue)
    raised = defaultdict(set)
    for error in segments.errors:
        raised[Path(error.file).stem].add(error.code)
    assert segments.definitions == ()
    assert raised == {code: {code} for code in Code}


def test_one_bad_definition_stops_no_other(tmp_path: Path, catalogue: Catalogue) -> None:
    good = f"{HEAD}conditions: {{field: is_company, operator: eq, value: true}}\n"
    (tmp_path / "good.yaml").write_text(good.replace("subject", "good"))
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "deep.yaml").write_text("[" * 5000)
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\xff")
    (tmp_path / "empty.yaml").touch()
    (tmp_path / "list.yaml").write_text("- 1\n")
    (tmp_path / "README.md").write_text("no definition")
    segments = load_segments(tmp_path, catalogue)
    assert [definition.name for definition in segments.definitions] == ["good"]
    assert {error.file: error.code for error in segments.errors} == {
        "folder.yaml": Code.NOT_YAML,
        "deep.yaml": Code.NOT_YAML,
        "bytes.yaml": Code.NOT_YAML,
        "empty.yaml": Code.WRONG_TYPE,
        "list.yaml": Code.WRONG_TYPE,
    }


def test_a_missing_folder_is_said(tmp_path: Path, catalogue: Catalogue) -> None:
    with pytest.raises(InputError, match="no folder"):
        load_segments(tmp_path / "nowhere", catalogue)


def test_the_error_names_place_and_allowed_values(tmp_path: Path, catalogue: Catalogue) -> None:
    text = f"""{HEAD}
conditions:
  all:
    - {{field: is_company, operator: eq, value: true}}
    - any:
        - not: {{field: rfm_value_tier, operator: in, value: [High Value, Highest]}}
"""
    with pytest.raises(SegmentError) as caught:
        load_segment(written(tmp_path, text), catalogue)
    error = caught.value
    assert (error.code, error.file, error.place) == (
        "not_an_enumeration_value",
        "subject.yaml",
        "conditions.all[1].any[0].not.value[1]",
    )
    assert error.allowed == ("High Value", "Growth Potential", "At Risk", "Recovery/Lost")
    message = "subject.yaml, conditions.all[1].any[0].not.value[1]: not_an_enumeration_value"
    assert str(error).startswith(message)
    assert str(error).endswith("Allowed: High Value, Growth Potential, At Risk, Recovery/Lost.")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301  # as Airflow hands it on


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("conditions: []", Code.WRONG_TYPE, "conditions"),
        ("conditions: {all: {field: is_company}}", Code.WRONG_TYPE, "conditions.all"),
        ("conditions: {all: [], any: []}", Code.UNKNOWN_KEY, "conditions"),
        ("conditions: {not: []}", Code.WRONG_TYPE, "conditions.not"),
        ("conditions: {any: [{all: []}]}", Code.EMPTY_GROUP, "conditions.any[0].all"),
        ("conditions: {field: is_company, operator: eq}", Code.MISSING_KEY, "conditions"),
        ("conditions: {field: 7, operator: eq, value: 1}", Code.WRONG_TYPE, "conditions.field"),
        ("conditions: {field: 'city\"; --', operator: eq, value: a}", Code.UNKNOWN_FIELD, "conditions.field"),
        ("conditions: {field: is_company, operator: eq, value: yes}", Code.WRONG_TYPE, "conditions.value"),
        ("conditions: {field: is_company, operator: is_null, value: 1}", Code.WRONG_TYPE, "conditions.value"),
        ("conditions: {field: is_lead, operator: gt, value: true}", Code.OPERATOR_NOT_FOR_TYPE, "conditions.operator"),
        ("conditions: {field: city, operator: eq, value: 7}", Code.WRONG_TYPE, "conditions.value"),
        ("conditions: {field: city, operator: eq, value: null}", Code.WRONG_TYPE, "conditions.value"),
        ('conditions: {field: city, operator: eq, value: "a\\0"}', Code.MALFORMED_TEXT, "conditions.value"),
        ('conditions: {field: city, operator: eq, value: "a\\ud800"}', Code.MALFORMED_TEXT, "conditions.value"),
        ("conditions: {field: city, operator: in, value: Dhaka}", Code.WRONG_TYPE, "conditions.value"),
        ("conditions: {field: recency_score, operator: eq, value: true}", Code.WRONG_TYPE, "conditions.value"),
        ("conditions: {field: recency_score, operator: eq, value: 1.5}", Code.WRONG_TYPE, "conditions.value"),
        ("conditions: {field: recency_score, operator: eq, value: 010}", Code.WRONG_TYPE, "conditions.value"),
        ("conditions: {field: recency_score, operator: between, value: [1]}", Code.WRONG_TYPE, "conditions.value"),
        ("conditions: {field: mean_gap_days, operator: gt, value: .nan}", Code.WRONG_TYPE, "conditions.value"),
        ("conditions: {field: mean_gap_days, operator: gt, value: 1e400}", Code.WRONG_TYPE, "conditions.value"),
        ("conditions: &a {not: *a}", Code.NOT_YAML, ""),
        ("conditions: !!python/name:os.system {}", Code.NOT_YAML, ""),
        ("conditions: {field: recency_score, operator: eq, value: !!int abc}", Code.NOT_YAML, ""),
        ("customer_ids: [1]", Code.UNKNOWN_KEY, ""),
        ("5: 6", Code.UNKNOWN_KEY, ""),
    ],
)  # fmt: skip
def test_bad_conditions(tmp_path: Path, catalogue: Catalogue, text: str, code: Code, place: str) -> None:
    with pytest.raises(SegmentError) as caught:
        load_segment(written(tmp_path, f"{HEAD}{text}\n"), catalogue)
    assert (caught.value.code, caught.value.place) == (code, place)


@pytest.mark.parametrize(
    "day",
    ["2026-13-01", "20261119", "2026-W47-4", "30d", "-30", "-d", "-1000m", "-٣d", "yesterday", "2026-11-19T00:00"],
)
def test_malformed_days(tmp_path: Path, catalogue: Catalogue, day: str) -> None:
    with pytest.raises(SegmentError) as caught:
        condition(tmp_path, catalogue, f'field: last_order_date, operator: eq, value: "{day}"')
    assert caught.value.code == Code.MALFORMED_DATE


@pytest.mark.parametrize("span", ["0d", "-30d", "30", "2026-11-19", "1.5m"])
def test_malformed_spans(tmp_path: Path, catalogue: Catalogue, span: str) -> None:
    with pytest.raises(SegmentError) as caught:
        condition(tmp_path, catalogue, f'field: last_order_date, operator: within_last, value: "{span}"')
    assert caught.value.code == Code.MALFORMED_DATE


@pytest.mark.parametrize(
    ("ends", "is_reversed"),
    [
        ('["-90d", "-30d"]', False),
        ('["-30d", "-90d"]', True),
        ('["-1m", "-1y"]', True),
        ('["-12m", "-1y"]', False),
        ('["-6w", "-1m"]', False),
        ("[2026-01-01, 2026-01-01]", False),
        ("[2026-01-02, 2026-01-01]", True),
        ('["-30d", 2001-01-01]', False),  # known only with D
    ],
)
def test_reversed_ranges_of_days(tmp_path: Path, catalogue: Catalogue, ends: str, is_reversed: bool) -> None:
    text = f"field: last_order_date, operator: between, value: {ends}"
    if not is_reversed:
        assert condition(tmp_path, catalogue, text).operator is Operator.BETWEEN
        return
    with pytest.raises(SegmentError) as caught:
        condition(tmp_path, catalogue, text)
    assert caught.value.code == Code.REVERSED_RANGE


@pytest.mark.parametrize(
    ("written_as", "operator"),
    [
        ("=", "eq"), ("==", "eq"), ('"!="', "neq"), ("<>", "neq"), ('">"', "gt"), ('">="', "gte"), ("<", "lt"),
        ("<=", "lte"), ("lte", "lte"),
    ],
)  # fmt: skip
def test_symbols(tmp_path: Path, catalogue: Catalogue, written_as: str, operator: str) -> None:
    text = f"field: recency_score, operator: {written_as}, value: 3"
    assert condition(tmp_path, catalogue, text) == Condition("recency_score", Operator(operator), 3)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("field: country, operator: eq, value: NO", "NO"),  # Norway, not false
        ("field: total_spend_90_days, operator: eq, value: 0.1", Decimal("0.1")),
        ("field: total_spend_90_days, operator: eq, value: -5", Decimal(-5)),
        ("field: last_order_date, operator: eq, value: 2026-11-19", date(2026, 11, 19)),
        ('field: last_order_date, operator: gte, value: "-3m"', Span(3, Unit.MONTH)),
        ("field: last_order_date, operator: within_last, value: 30d", Span(30, Unit.DAY)),
        ("field: recency_score, operator: in, value: [4, 5]", (4, 5)),
        ("field: city, operator: is_null, value: false", False),
    ],
)
def test_values_take_the_type_of_their_field(tmp_path: Path, catalogue: Catalogue, text: str, value: object) -> None:
    found = condition(tmp_path, catalogue, text).value
    assert (found, type(found)) == (value, type(value))


def test_groups_nest_to_the_limit(tmp_path: Path, catalogue: Catalogue) -> None:
    leaf = "{field: recency_score, operator: eq, value: 5}"
    nested = f"{{all: [{leaf}, {{any: [{{not: {{all: [{{not: {leaf}}}]}}}}]}}]}}"  # five levels
    rule = load_segment(written(tmp_path, f"{HEAD}conditions: {nested}\n"), catalogue).rule
    five = Condition("recency_score", Operator.EQ, 5)
    assert rule == Group(Logic.ALL, (five, Group(Logic.ANY, (Not(Group(Logic.ALL, (Not(five),))),))))
    with pytest.raises(SegmentError) as caught:
        load_segment(written(tmp_path, f"{HEAD}conditions: {{not: {nested}}}\n"), catalogue)
    assert caught.value.code == Code.DEPTH_EXCEEDED


@pytest.mark.parametrize(
    ("ids", "code"),
    [("[]", Code.EMPTY_LIST), ("[0]", Code.OUT_OF_RANGE), ("[1, '2']", Code.WRONG_TYPE), ("7", Code.WRONG_TYPE)],
)
def test_bad_customer_lists(tmp_path: Path, catalogue: Catalogue, ids: str, code: Code) -> None:
    with pytest.raises(SegmentError) as caught:
        load_segment(written(tmp_path, f"{HEAD.replace('dynamic', 'static')}customer_ids: {ids}\n"), catalogue)
    assert caught.value.code == code


def test_a_name_is_that_of_its_file(tmp_path: Path, catalogue: Catalogue) -> None:
    text = f"{HEAD.replace('subject', 'other')}conditions: {{field: is_company, operator: eq, value: true}}\n"
    with pytest.raises(SegmentError) as caught:
        load_segment(written(tmp_path, text), catalogue)
    assert (caught.value.code, caught.value.place, caught.value.allowed) == (Code.BAD_NAME, "name", ("subject",))
