"""An installation that several modules look at, and that none of them changes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.conftest import Office, short_folder
from tests.integration.filled_home import fill


@pytest.fixture(scope="session")
def archive() -> Iterator[Office]:
    """Filed, received and rejected scans. Work on a `copy_of` it."""
    home = short_folder()
    office = Office(home)
    fill(office)
    yield office
    shutil.rmtree(home, ignore_errors=True)
