"""What comes of a fault: one plugin is left out, the whole is refused, or it is only said."""

import pytest

from registry.settings import Limits
from registry.site_check.check import Fault, Kind
from registry.site_check.verdict import Verdict, judge, refusals

SLUGS = frozenset(("lamp", "page", "old.one"))
LIMITS = Limits()


def outcome(file: str, kind: Kind) -> str:
    """Return which part of the verdict a fault of that kind goes to."""
    fault = Fault(file=file, message="is wrong", kind=kind)
    verdict = judge([fault], SLUGS)
    parts = {
        "page": [fault for faults in verdict.pages.values() for fault in faults],
        "file": [fault for faults in verdict.files.values() for fault in faults],
        "refused": verdict.refusals,
        "reported": verdict.reported,
        "warning": verdict.warnings,
    }
    (name,) = [name for name, faults in parts.items() if faults] or ["nothing"]
    assert name == "nothing" or parts[name] == [fault]
    return name


@pytest.mark.parametrize(
    "kind", ["missing", "too-large", "unreadable", "unsafe", "other-text", "markup", "left-out"]
)
@pytest.mark.parametrize("slug", sorted(SLUGS))
def test_a_fault_of_a_plugins_page_costs_that_page(slug: str, kind: Kind) -> None:
    assert outcome(f"plugins/{slug}/index.html", kind) == "page"


@pytest.mark.parametrize("kind", ["dead-link", "picture"])
@pytest.mark.parametrize("slug", ["lamp", "former-name"])
def test_a_dead_link_costs_no_plugin_its_page(slug: str, kind: Kind) -> None:
    assert outcome(f"plugins/{slug}/index.html", kind) == "warning"


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("api/v1/plugins/lamp.json", "data"),
        ("api/v1/history/Lamp.json", "data"),
        ("badges/Lamp/usage.json", "data"),
        ("badges/Lamp/usage.svg", "unsafe"),
        ("plugins/former-name/index.html", "unsafe"),
        ("plugins/former-name/index.html", "markup"),
    ],
)
def test_another_file_of_one_plugin_is_taken_out_alone(file: str, kind: Kind) -> None:
    assert outcome(file, kind) == "file"


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("404.html", "missing"),
        ("feed.xml", "missing"),
        ("build/_plugins", "missing"),
        ("by_tag/lamp/index.html", "unsafe"),
        ("plugins/index.html", "unsafe"),
        ("plugins/page/2/index.html", "unsafe"),
        ("by_name/index.html", "unreadable"),
        ("assets/css/site.css", "unsafe"),
        ("assets/js/site.js", "unsafe"),
        ("assets/img/icon.svg", "unsafe"),
        ("plugins.json", "data"),
        ("sitemap.xml", "data"),
        ("api/v1/state.json.gz", "data"),
        ("api/v1/errors.json", "data"),
    ],
)
def test_what_concerns_the_whole_refuses_it(file: str, kind: Kind) -> None:
    assert outcome(file, kind) == "refused"


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("by_tag/index.html", "markup"),
        ("plugins/index.html", "markup"),
        ("plugins/page/2/index.html", "dead-link"),
        ("index.html", "dead-link"),
        ("feed.xml", "dead-link"),
        ("list/cards/0.json", "data"),
        ("api/v1/plugins/index.json", "data"),
    ],
)
def test_any_other_fault_of_our_own_parts_is_reported_and_published(file: str, kind: Kind) -> None:
    assert outcome(file, kind) == "reported"


def test_a_missing_picture_is_a_warning_wherever_it_is_shown() -> None:
    assert outcome("index.html", "picture") == "warning"


def test_a_short_page_of_what_has_no_copy_is_as_it_should_be() -> None:
    assert outcome("plugins/broken/index.html", "left-out") == "nothing"


def test_a_good_site_has_no_faults_and_is_published() -> None:
    assert judge([], SLUGS) == Verdict()
    assert refusals(judge([], SLUGS), SLUGS, LIMITS) == []


def lost(pages: int, of: int, *, accept_loss: bool = False, badges: int = 0) -> list[str]:
    """Return why a site of `of` plugins is refused that lost some pages, and badges of other plugins."""
    slugs = [f"p{number:03}" for number in range(of)]
    spoiled = [f"plugins/{slug}/index.html" for slug in slugs[:pages]]
    spoiled += [f"badges/{slug}/usage.svg" for slug in slugs[pages : pages + badges]]
    verdict = judge([Fault(file=file, message="is wrong", kind="unsafe") for file in spoiled], slugs)
    return refusals(verdict, slugs, LIMITS, accept_loss=accept_loss)


@pytest.mark.parametrize(
    ("pages", "of", "badges"), [(20, 21, 0), (20, 400, 0), (21, 420, 0), (0, 1, 1), (1, 2, 1)]
)
def test_few_are_left_out_alone(pages: int, of: int, badges: int) -> None:
    assert lost(pages, of, badges=badges) == []


def test_more_than_five_per_cent_and_more_than_twenty_refuse_the_whole() -> None:
    named = ", ".join(f"p{number:03}" for number in range(10))
    reason = f"21 of 400 plugins are missing ({named} …), more than 5 % and more than 20"
    assert lost(21, 400) == lost(1, 400, badges=20) == [reason]
    assert lost(21, 400, accept_loss=True) == []


@pytest.mark.parametrize("accept_loss", [False, True])
def test_not_one_page_left_refuses_the_whole_whatever_is_accepted(accept_loss: bool) -> None:
    assert lost(2, 2, accept_loss=accept_loss) == ["not one of 2 plugins has its page"]
