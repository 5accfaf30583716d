"""Every page is valid HTML: of the rich site, the small one and those that are full of attacks."""

from pathlib import Path

import pytest

from tests.quality.validity import faults
from tests.site.builder import Built


@pytest.mark.parametrize("name", ["rich", "small_site", "hostile_site", "attacked"])
def test_pages_of_a_site_are_valid(request: pytest.FixtureRequest, name: str) -> None:
    assert not (found := faults(request.getfixturevalue(name).site)), "\n".join(found)


def test_broken_markup_is_told(rich: Built, tmp_path: Path) -> None:
    page = rich.text("index.html").replace("</main>", "<div id='main'><p>a<div></div></main>")
    (tmp_path / "index.html").write_text(page, encoding="utf-8")
    assert {line.partition(":")[0] for line in faults(tmp_path)} >= {"close-order", "no-dup-id"}
