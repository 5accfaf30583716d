"""What axe-core says against a page."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SOURCE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
OPTIONS: dict[str, Any] = {
    "resultTypes": ["violations"],
    # Off by default, and what a thumb needs.
    "rules": {"target-size": {"enabled": True}},
}

NAMED = 3
"""Elements that are named for a broken rule."""


@cache
def _source() -> str:
    return SOURCE.read_text(encoding="utf-8")


def violations(page: Page, where: str) -> list[str]:
    """Return a line for each rule that the page breaks: `where: rule: what is wrong: elements`.

    All of axe's default rules, best practices among them. The page must bypass its policy, which forbids
    strange scripts.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_source())
    found = page.evaluate("options => axe.run(document, options)", OPTIONS)
    return [_line(where, rule) for rule in found["violations"]]


def _line(where: str, rule: dict[str, Any]) -> str:
    nodes = rule["nodes"]
    elements = ", ".join(str(node["target"][-1]) for node in nodes[:NAMED])
    more = f" and {len(nodes) - NAMED} more" if len(nodes) > NAMED else ""
    return f"{where}: {rule['id']} ({rule['impact']}): {_reason(nodes[0])}: {elements}{more}"


def _reason(node: dict[str, Any]) -> str:
    checks = [*node["any"], *node["all"], *node["none"]]
    return "; ".join(check["message"] for check in checks) or str(node["failureSummary"])
