"""Shops for the importer's tests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.demo_shop.importing import Shop


@pytest.fixture
def shop(new_database: Callable[[str], str], tmp_path: Path) -> Shop:
    return Shop(new_database("odoo_import"), tmp_path)


@pytest.fixture(scope="module")
def used_shop(new_database: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """One database for tests that do not care what was there before."""
    return Shop(new_database("odoo_import"), tmp_path_factory.mktemp("import"))
