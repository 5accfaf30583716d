"""The rich site, served as on the web."""

from collections.abc import Iterator

import pytest

from tests.site.builder import Built
from tests.site.rich import Served, served


@pytest.fixture(scope="session")
def site(rich: Built) -> Iterator[Served]:
    """Return the rich site as it is served."""
    with served(rich) as place:
        yield place


@pytest.fixture(scope="session")
def large_site(large: Built) -> Iterator[Served]:
    """Return the same site with 400 plugins, as it is served."""
    with served(large) as place:
        yield place
