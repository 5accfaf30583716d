"""The style sheets: one file a component, joined at the build so that a page asks for two of them."""

import re

import pytest

from tests.site.builder import ROOT, Built

pytestmark = pytest.mark.xdist_group("site")

CSS = ROOT / "assets" / "css"
COMPONENTS = CSS / "_components"
JOINED = re.compile(r"^\{% include_relative _components/(\w+\.css) -%\}$", re.MULTILINE)


def components(sheet: str) -> list[str]:
    """Return the names of the files that a sheet joins, in its order."""
    return JOINED.findall((CSS / sheet).read_text(encoding="utf-8"))


SHEETS = sorted(path.name for path in CSS.glob("*.css"))


def test_each_component_is_joined_once() -> None:
    joined = sorted(name for sheet in SHEETS for name in components(sheet))
    assert joined == sorted(path.name for path in COMPONENTS.iterdir())


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_sheet_is_its_components_byte_by_byte(small_site: Built, sheet: str) -> None:
    parts = [(COMPONENTS / name).read_text(encoding="utf-8") for name in components(sheet)]
    assert small_site.text(f"assets/css/{sheet}") == "".join(parts)


def test_nothing_but_the_sheets_is_published(small_site: Built) -> None:
    assert sorted(path.name for path in (small_site.site / "assets" / "css").iterdir()) == SHEETS
