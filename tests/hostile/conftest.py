"""The hostile site, built once for a process, and the browser that opens it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.chromium import open_chromium
from tests.hostile.site import hostile
from tests.site.builder import Built


@pytest.fixture(scope="session")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return the site of every attack of the catalogue."""
    return hostile(tmp_path_factory.mktemp("attacked"))


# For a module at a time: while the driver runs, its process can run no other event loop.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_chromium() as browser:
        yield browser
