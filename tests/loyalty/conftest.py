"""A shop with cards and accounts, its extraction, and a night's plan made by hand."""

from collections.abc import Callable, Iterator

import pytest

from tests.loyalty import clubs, worlds
from tests.loyalty.worlds import World

NewDatabase = Callable[..., str]


@pytest.fixture(scope="session")
def extracted(new_database: NewDatabase) -> Iterator[World]:
    """Read only; tests take copies."""
    world = worlds.make(new_database("points_shop"), new_database("points_warehouse"))
    yield world
    worlds.drop_writer(world.odoo)


@pytest.fixture(scope="session")
def shared(extracted: World, new_database: NewDatabase) -> World:
    return worlds.copy(extracted, new_database)


@pytest.fixture
def world(shared: World) -> World:
    """An Odoo 18 or 19 with the add-on's tables beside it, as after the extraction. Tests change what points change,
    and no more."""
    worlds.reset(shared)
    return shared


@pytest.fixture
def own_world(extracted: World, new_database: NewDatabase) -> World:
    """The same, for a test that changes anything else."""
    return worlds.copy(extracted, new_database)


@pytest.fixture
def world17(extracted: World, new_database: NewDatabase) -> World:
    """An Odoo that keeps no log of points."""
    return worlds.without_log(worlds.copy(extracted, new_database))


@pytest.fixture(scope="session")
def shared_club(extracted: World, new_database: NewDatabase) -> World:
    return clubs.prepare(worlds.copy(extracted, new_database))


@pytest.fixture
def club(shared_club: World) -> World:
    """The same with a program that has tiers. Tests change what awards change, and no more."""
    clubs.reset(shared_club)
    return shared_club
