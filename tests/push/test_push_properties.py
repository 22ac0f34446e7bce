"""Whatever happens on the way, list and tag end equal to the plan: nobody twice, nobody lost, nobody suppressed.

Random sequences of audiences, pushes, kills, lost answers and edits by people, while a push runs and between pushes;
then one push in peace. And one push killed at each of its steps.
"""

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.push.fake_odoo import FakeOdoo, Fault
from tests.push.stories import Edit, Push, Story, TagStory

PEOPLE = [f"c{number}@example.com" for number in range(7)]
EDITS = st.builds(Edit, st.sampled_from(["add", "remove", "unsubscribe", "blacklist", "hire"]), st.sampled_from(PEOPLE))
CALLS = st.integers(0, 30)
FAULTS = st.sampled_from([fault for fault in Fault if fault not in (Fault.NONE, Fault.SLOW)])
PUSHES = st.builds(
    Push,
    dies_at=st.none() | st.integers(1, 70),
    dies_before=st.booleans(),
    faults=st.dictionaries(CALLS, FAULTS, max_size=3),
    edits=st.dictionaries(CALLS, EDITS, max_size=2),
)
AUDIENCES = st.sets(st.sampled_from(PEOPLE)).map(frozenset)
STEPS = st.lists(st.one_of(PUSHES, PUSHES, AUDIENCES, EDITS), min_size=2, max_size=9)
stories = pytest.mark.parametrize("story_of", [Story, TagStory])


@pytest.fixture(scope="module")
def uri(push_template: str, new_database: Callable[..., str]) -> str:
    return new_database("push_properties", template=push_template)


@stories
@settings(max_examples=20)
@given(first=AUDIENCES, steps=STEPS)
def test_it_ends_equal_to_the_plan(story_of: type[Story], uri: str, first: frozenset[str], steps: list[object]) -> None:
    with FakeOdoo(19) as odoo:
        story = story_of(uri, odoo)
        story.wanted = first
        for step in steps:
            if isinstance(step, Push):
                story.run(step)
            elif isinstance(step, Edit):
                story.edit(step)
            else:
                assert isinstance(step, frozenset)
                story.wanted = step
        story.run(Push())
        story.check_at_rest()


@pytest.mark.slow
@stories
def test_a_push_killed_at_any_step_is_finished_by_the_next(story_of: type[Story], uri: str) -> None:
    """Before and after every statement and call of a push that adds, keeps and removes."""
    for last in itertools.count(1):
        lived = [
            _killed_and_finished(story_of, uri, Push(dies_at=last, dies_before=before)) for before in (True, False)
        ]
        if max(lived) < last:
            break
    assert last > 30


def _killed_and_finished(story_of: type[Story], uri: str, push: Push) -> int:
    """Number of steps that the push lived through."""
    with FakeOdoo(19) as odoo:
        story = story_of(uri, odoo)
        story.wanted = frozenset(PEOPLE[:2])
        story.run(Push())
        story.wanted = frozenset(PEOPLE[1:3])
        lived = story.run(push)
        story.run(Push())
        story.check_at_rest()
    return lived
