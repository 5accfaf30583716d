"""Notices, blocklist and overlays: hand-written, a bad entry stays away, and safe for every client."""

import html
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from registry.host import notices_and_blocklist
from registry.host.handwritten_entries import Overlay
from registry.host.handwritten_yaml import HandWrittenError, read_handwritten

SCHEMAS = Path(__file__).parents[2] / "docs/schemas"
NOTICE = "- plugin: lamp\n  date: 2020-09-14 08:45:00Z\n  text: Update it.\n"
BLOCK = "- plugin: lamp\n"


def valid(name: str, content: Any) -> bool:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_bytes())
    return bool(jsonschema_rs.validator_for(schema).is_valid(content))


def notices(tmp_path: Path, text: str, ids: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    path = tmp_path / "notices.yml"
    path.write_text(text, encoding="utf-8")
    read, _ = notices_and_blocklist.read_notices(read_handwritten(path), ids)
    feed = notices_and_blocklist.notices_feed(read)
    assert valid("notices", feed)
    return feed


def blocks(tmp_path: Path, text: str, ids: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    path = tmp_path / "blocklist.yml"
    path.write_text(text, encoding="utf-8")
    read, _ = notices_and_blocklist.read_blocks(read_handwritten(path), ids)
    feed = notices_and_blocklist.blocklist_feed(read)
    assert valid("blocklist", feed)
    return feed


def overlays(tmp_path: Path, text: str, ids: tuple[str, ...] = ()) -> dict[str, Any]:
    path = tmp_path / "update_check_overlays.yml"
    path.write_text(text, encoding="utf-8")
    read, _ = notices_and_blocklist.read_overlays(read_handwritten(path), ids)
    feed = notices_and_blocklist.overlay_feed(read)
    assert valid("update_check_overlay", feed)
    return feed


FILES = {notices: "notices.yml", blocks: "blocklist.yml", overlays: "update_check_overlays.yml"}


def said(read: Any, tmp_path: Path, text: str, ids: tuple[str, ...] = ()) -> list[str]:
    """Return the faults of `text`, each as `line key message`."""
    path = tmp_path / FILES[read]
    path.write_text(text, encoding="utf-8")
    problems = notices_and_blocklist.faults_of(path, ids)
    return [f"{problem.line} {problem.key} {problem.message}" for problem in problems]


# Notices


@pytest.mark.parametrize(
    "date",
    [
        "2020-09-14 08:45:00Z",
        "2020-09-14T10:45:00+02:00",
        '"2020-09-14 08:45:00 +0000"',
        "2020-09-14 08:45:00",
        '"2020-09-14 08:45 UTC"',
    ],
)
def test_the_date_of_a_notice_reads_exactly_as_the_client_parses_it(tmp_path: Path, date: str) -> None:
    feed = notices(tmp_path, f"- plugin: lamp\n  date: {date}\n  text: Update it.\n")
    assert feed == [{"plugin": "lamp", "date": "2020-09-14 08:45:00 +0000", "text": "Update it."}]


def test_a_date_in_another_form_is_refused_by_the_schema() -> None:
    for date in (
        "2020-09-14 08:45:00 UTC",
        "2020-09-14T08:45:00Z",
        "2020-09-14",
        "2020-13-14 08:45:00 +0000",
    ):
        assert not valid("notices", [{"plugin": "lamp", "date": date, "text": "Update it."}])


def test_a_notice_for_version_ranges_has_versions_for_old_clients(tmp_path: Path) -> None:
    (notice,) = notices(tmp_path, NOTICE + '  pluginversions: ["<1.6.0", 2.0]\n')
    assert (notice["pluginversions"], notice["versions"]) == (["<1.6.0", "2.0"], [])
    bare = {"plugin": "lamp", "date": "2020-09-14 08:45:00 +0000", "text": "x", "pluginversions": ["<1"]}
    assert not valid("notices", [bare])


def test_text_and_link_of_a_notice_cannot_leave_the_clients_page(tmp_path: Path) -> None:
    hostile = NOTICE.replace("Update it.", "'<img src=x onerror=alert(1)> & \"more\"'")
    (notice,) = notices(tmp_path, hostile + "  link: https://example.org/'onmouseover='alert(1)\n")
    assert notice["text"] == '&lt;img src=x onerror=alert(1)&gt; &amp; "more"'
    assert notice["link"] == "https://example.org/%27onmouseover=%27alert(1)"
    for key, value in (("text", "<b>x</b>"), ("link", "https://example.org/'"), ("link", "javascript:x")):
        assert not valid("notices", [{**notice, key: value}])


def test_every_fault_of_the_notices_is_told_with_line_and_cure(tmp_path: Path) -> None:
    text = (
        "- plugin: ../lamp\n  date: yesterday\n  text:\n  link: javascript:alert(1)\n"
        "  important: yes please\n"
        "- plugin: lamp\n  date: 2020-01-01\n  text: x\n  versions: []\n"
        "- plugin: lamp\n  date: 2020-01-02\n  text: x\n  pluginversions: [1.x]\n  markdown: true\n"
        "- lamp\n"
    )
    assert said(notices, tmp_path, text) == [
        "1 [0].plugin '../lamp' is no plugin identifier; write it as the plugin's `id` is",
        "2 [0].date 'yesterday' is no moment; write e.g. 2026-11-20 08:30:00Z",
        "3 [0].text None is no text; write some words",
        "4 [0].link 'javascript:alert(1)' is not an http or https address; write e.g. 'https://example.org/'",
        "5 [0].important 'yes please' is neither true nor false",
        "6 [1] versions is empty, so nobody would see it; name versions or leave the key out",
        "13 [2].pluginversions[0] '1.x' is not a PEP 440 specifier; write e.g. '>=1.0,<2'",
        "14 [2].markdown is no key here; there are plugin, date, text, link, important, versions, "
        "pluginversions, octoversions",
        "15 [3] must hold keys and values; see the head of the file",
    ]


def test_two_notices_of_a_plugin_at_one_time_would_hide_each_other(tmp_path: Path) -> None:
    assert said(notices, tmp_path, NOTICE + NOTICE) == [
        "5 [1].date has the same date as 0 for the same plugin, so reading one would hide the other; "
        "change the time by a minute"
    ]


def test_ranges_of_a_plugin_whose_name_is_no_package_name_are_refused(tmp_path: Path) -> None:
    text = NOTICE.replace("lamp", "lamp+") + '  pluginversions: ["<1"]\n'
    assert said(notices, tmp_path, text) == [
        "1 [0] pluginversions: installations cannot read ranges of 'lamp+', whose name is no package name; "
        "list its versions"
    ]


MISSPELT = (
    "'lamp' is registered as 'Lamp', and upper and lower case count; write 'Lamp'; until then the "
    "entry holds for both"
)


def test_an_entry_in_the_wrong_case_is_reported_and_reaches_both_spellings(tmp_path: Path) -> None:
    assert said(notices, tmp_path, NOTICE, ("Lamp",)) == [f"1 [0].plugin {MISSPELT}"]
    assert said(blocks, tmp_path, BLOCK, ("Lamp",)) == [f"1 [0].plugin {MISSPELT}"]
    assert said(overlays, tmp_path, "lamp: {user: x}", ("Lamp",)) == [f"1 lamp {MISSPELT}"]
    assert [notice["plugin"] for notice in notices(tmp_path, NOTICE, ("Lamp",))] == ["Lamp", "lamp"]
    assert blocks(tmp_path, BLOCK, ("Lamp",)) == [{"plugin": "Lamp"}, {"plugin": "lamp"}]
    assert overlays(tmp_path, "lamp: {user: x}", ("Lamp",)) == {"Lamp": {"user": "x"}, "lamp": {"user": "x"}}


def test_what_is_written_for_the_right_spelling_stands_and_nothing_is_there_twice(tmp_path: Path) -> None:
    both = BLOCK + BLOCK.replace("lamp", "Lamp")
    assert blocks(tmp_path, both, ("Lamp",)) == [{"plugin": "Lamp"}, {"plugin": "lamp"}]
    text = "lamp: {user: x}\nLamp: {user: y}\n"
    assert overlays(tmp_path, text, ("Lamp",)) == {"Lamp": {"user": "y"}, "lamp": {"user": "x"}}
    text = NOTICE + NOTICE.replace("lamp", "Lamp").replace("Update", "Remove")
    found = {notice["plugin"]: notice["text"] for notice in notices(tmp_path, text, ("Lamp",))}
    assert found == {"Lamp": "Remove it.", "lamp": "Update it."}
    assert said(notices, tmp_path, text, ("Lamp",)) == [f"1 [0].plugin {MISSPELT}"]
    assert said(blocks, tmp_path, BLOCK, ("Lamp", "lamp")) == []


def test_a_bad_entry_stays_away_alone(tmp_path: Path) -> None:
    fan = "- plugin: fan\n"
    assert blocks(tmp_path, BLOCK + "  pluginversions: [x]\n" + fan) == [{"plugin": "fan"}]
    assert blocks(tmp_path, BLOCK + "  versons: [x]\n" + fan) == [{"plugin": "fan"}]
    assert overlays(tmp_path, "lamp: 5\nfan: {user: x}\n") == {"fan": {"user": "x"}}
    twin = NOTICE.replace("Update it.", "No.")
    assert [notice["text"] for notice in notices(tmp_path, NOTICE + twin)] == ["Update it."]


def test_a_block_whose_reason_is_bad_holds_without_it(tmp_path: Path) -> None:
    text = BLOCK + '  pluginversions: ["<2"]\n  reason: <b>\n'
    assert blocks(tmp_path, text) == [{"plugin": "lamp", "pluginversions": ["<2"]}]
    assert len(said(blocks, tmp_path, text)) == 1


# Blocklist


def test_a_null_entry_of_the_blocklist_is_refused(tmp_path: Path) -> None:
    assert blocks(tmp_path, "- plugin: lamp\n-\n") == [{"plugin": "lamp"}]
    assert said(blocks, tmp_path, "- plugin: lamp\n-\n") == [
        "2 [1] must hold keys and values; see the head of the file"
    ]
    assert not valid("blocklist", [None])
    assert not valid("blocklist", None)


def test_a_version_of_the_blocklist_that_is_no_text_becomes_one(tmp_path: Path) -> None:
    (entry,) = blocks(tmp_path, BLOCK + "  versions: [0.1, 0.10, 2]\n")
    assert entry["versions"] == ["0.1", "0.10", "2"]
    assert not valid("blocklist", [{"plugin": "lamp", "versions": [0.1]}])


def test_a_bare_version_among_the_blocklists_specifiers_is_refused(tmp_path: Path) -> None:
    assert said(blocks, tmp_path, BLOCK + '  pluginversions: ["0.1.0"]\n') == [
        "2 [0].pluginversions[0] '0.1.0' is not a PEP 440 specifier; write e.g. '==0.1.0'"
    ]
    assert not valid("blocklist", [{"plugin": "lamp", "pluginversions": ["0.1.0"]}])


def test_the_blocklist_names_python_with_exactly_one_specifier(tmp_path: Path) -> None:
    assert said(blocks, tmp_path, BLOCK + '  pythonversions: [">=3", "<4"]\n') == [
        "1 [0] pythonversions: must hold exactly one specifier, or installations lose the whole list; "
        "join them with commas"
    ]
    assert said(blocks, tmp_path, BLOCK + "  pythonversions: []\n") == [
        "2 [0].pythonversions is empty, which means nothing to an installation; leave the key out"
    ]
    assert blocks(tmp_path, BLOCK + '  pythonversions: ">=3"\n') == [
        {"plugin": "lamp", "pythonversions": [">=3"]}
    ]
    for count in (0, 2):
        assert not valid("blocklist", [{"plugin": "lamp", "pythonversions": [">=3"] * count}])


def test_a_reason_has_no_markup(tmp_path: Path) -> None:
    assert said(blocks, tmp_path, BLOCK + "  reason: <script>alert(1)</script>\n") == [
        "2 [0].reason must be plain words without < and >, since installations may show it as HTML"
    ]


# Notices of abandonment

ISSUE = "https://github.com/almanac/registry/issues/7"
GIVEN_UP = {"url": ISSUE, "date": "2020-09-03 10:11:12 +0000"}
GENERATED = {
    "plugin": "lamp",
    "date": "2020-09-03 10:11:12 +0000",
    "text": notices_and_blocklist.ABANDONED,
    "link": ISSUE,
}


def generated(tmp_path: Path, text: str, abandonments: Any) -> list[dict[str, Any]]:
    path = tmp_path / "notices.yml"
    path.write_text(text, encoding="utf-8")
    written, _ = notices_and_blocklist.read_notices(read_handwritten(path))
    feed = notices_and_blocklist.notices_feed(
        notices_and_blocklist.abandonment_notices(abandonments, written)
    )
    assert valid("notices", feed)
    return feed


def test_an_abandoned_plugin_has_a_notice_dated_by_its_issue(tmp_path: Path) -> None:
    assert generated(tmp_path, "", {"lamp": GIVEN_UP, "fan": None}) == [GENERATED]
    assert html.escape(notices_and_blocklist.ABANDONED) == notices_and_blocklist.ABANDONED, "plain words"


@pytest.mark.parametrize(
    "text",
    [
        NOTICE + f"  link: {ISSUE}\n",
        NOTICE + f"  link: {ISSUE}/#issuecomment-1\n",
        NOTICE + "  link: http://www.github.com/Almanac/registry/issues/7?x=1\n",
        "- plugin: lamp\n  date: 2020-09-03 12:11:12 +0200\n  text: It has a new maintainer.\n",
    ],
)
def test_what_people_wrote_of_it_stands_instead(tmp_path: Path, text: str) -> None:
    assert generated(tmp_path, text, {"lamp": GIVEN_UP}) == []
    assert len(generated(tmp_path, text, {"lamp": GIVEN_UP, "fan": GIVEN_UP})) == 1


def test_another_notice_of_the_plugin_stands_beside_it(tmp_path: Path) -> None:
    assert generated(tmp_path, NOTICE + f"  link: {ISSUE}1\n", {"lamp": GIVEN_UP}) == [GENERATED]
    assert generated(tmp_path, NOTICE, {"lamp": GIVEN_UP}) == [GENERATED]


@pytest.mark.parametrize(
    "value",
    [True, "x", [], {}, {"url": ISSUE}, {"date": GIVEN_UP["date"]}, {**GIVEN_UP, "date": "yesterday"},
     {**GIVEN_UP, "url": "javascript:alert(1)"}, {**GIVEN_UP, "url": None}],
)  # fmt: skip
def test_what_the_build_did_not_write_makes_no_notice(tmp_path: Path, value: Any) -> None:
    assert generated(tmp_path, "", {"lamp": value}) == []


# Overlays


def test_an_empty_file_of_overlays_is_an_object(tmp_path: Path) -> None:
    assert overlays(tmp_path, "# nothing yet\n") == {}
    missing = read_handwritten(tmp_path / "missing.yml")
    assert notices_and_blocklist.read_overlays(missing) == ({}, [])
    assert notices_and_blocklist.read_blocks(missing) == ([], [])
    assert notices(tmp_path, "") == []
    assert not valid("update_check_overlay", None)
    assert not valid("update_check_overlay", {"lamp": None})


def test_every_fault_of_the_overlays_is_told_with_line_and_cure(tmp_path: Path) -> None:
    text = (
        "lamp:\n  user: ../x\n  pip: https://example.org/{target_version.__class__}.zip\n"
        "  update_script: rm -rf /\n"
        "fan: {}\n"
        "a b: {user: x}\n"
        "bed:\n"
        "door: {disabled: 1, pip: 'http://example.org/a.zip', stable_branch: {name: x, tag: y}}\n"
    )
    assert said(overlays, tmp_path, text) == [
        "2 lamp.user '../x' is no name of an account or repository",
        "3 lamp.pip 'https://example.org/{target_version.__class__}.zip': the only placeholders are "
        "{target_version} and {target}",
        "4 lamp.update_script is no key here; there are type, user, repo, branch, package, pip, displayName, "
        "prerelease, prerelease_channel, stable_branch, prerelease_branches, disabled, compatible",
        "5 fan is empty; write what should change, e.g. `user: new-maintainer`",
        "6 a b 'a b' is no plugin identifier; write it as the plugin's `id` is",
        "7 bed must hold keys and values; see the head of the file",
        "8 door.disabled 1 is neither true nor false",
        "8 door.pip 'http://example.org/a.zip' is not an https address of an archive",
        "8 door.stable_branch.branch is missing",
        "8 door.stable_branch.commitish is missing",
        "8 door.stable_branch.tag is no key here; there are name, branch, commitish",
    ]


def test_python_2_is_stopped_for_plugins_that_exclude_it_unless_listed_by_hand() -> None:
    pythons = {"old": ">=2.7,<3", "both": ">=2.7,<4", "new": ">=3.7,<4", "Listed": ">=3", "odd": ">=2.7.9"}
    overlay = Overlay.model_validate({"user": "legacy"})
    assert notices_and_blocklist.python_2_overlay_feed({"Listed": overlay}, pythons) == {
        "Listed": {"user": "legacy"},
        "new": {"compatible": False, "disabled": True},
    }


@pytest.mark.parametrize("text", ["<3", ">=2.7.18", "==2.7.*", "~=2.7", ">2.7.3,<2.7.5", "!=2.7.9"])
def test_a_range_that_some_python_2_7_fits_does_not_exclude_it(text: str) -> None:
    assert not notices_and_blocklist.excludes_python_2(text)


# Files


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"- plugin: lamp\n  plugin: fan\n", "2  'plugin' stands here a second time; keep one of the two"),
        (b"- \xff\n", "1  the file is not UTF-8; save it as UTF-8"),
        (b"# " + b"x" * 2_000_000, "1  the file is larger than 2,000,000 bytes; shorten it"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_its_line(tmp_path: Path, raw: bytes, message: str) -> None:
    path = tmp_path / "notices.yml"
    path.write_bytes(raw)
    with pytest.raises(HandWrittenError) as caught:
        read_handwritten(path)
    (problem,) = caught.value.problems
    assert f"{problem.line} {problem.key} {problem.message}" == message


@pytest.mark.parametrize("text", ["- &a {plugin: x}\n", "- !!python/object:x {}\n", "- [\n", "\t- a\n", "{x"])
def test_aliases_tags_and_broken_yaml_are_refused(tmp_path: Path, text: str) -> None:
    assert len(said(notices, tmp_path, text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "- plugin: fan\n  reason: *x\n",
        "-   plugin: 'fan'  # the old one\n    versions: [1\n",
        "- plugin: fan\n  plugin: fan\n",
        "- plugin: fan\nversions: ['1']\n",  # else every version of it would be blocked
        '-\n  plugin: fan\n  reason: "never ends\n',
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_an_entry_that_is_no_yaml_stays_away_alone(tmp_path: Path, text: str, ends: str) -> None:
    bed = "- plugin: bed\n  versions: [0.1]\n"
    path = tmp_path / "blocklist.yml"
    path.write_bytes(f"# Blocks\n---\n{BLOCK}{text}{bed}".replace("\n", ends).encode())
    file = read_handwritten(path)
    read, faults = notices_and_blocklist.read_blocks(file)
    assert [block.published() for block in read] == [
        {"plugin": "lamp"},
        {"plugin": "bed", "versions": ["0.1"]},
    ]
    assert [fault.plugin for fault in faults] == ["fan"]
    assert 4 <= faults[0].problem.line <= 6
    assert file.line_of((1, "versions")) == 5 + text.count("\n")


def test_an_overlay_that_is_no_yaml_stays_away_alone(tmp_path: Path) -> None:
    text = "lamp:\n  user: x\nfan: {user: [\nlamp:\n  user: z\nbed:\n  user: y\n"
    assert overlays(tmp_path, text) == {"bed": {"user": "y"}, "lamp": {"user": "x"}}
    assert said(overlays, tmp_path, text)[1] == "4  'lamp' stands here a second time; keep one of the two"
    path = tmp_path / "update_check_overlays.yml"
    assert [fault.plugin for fault in read_handwritten(path).unread] == ["fan", "lamp"]


@pytest.mark.parametrize(
    "text", [BLOCK + "  versions: [x]\n", "- [\n", "- plugin: a\n  versions: [\n", "lamp: {}"]
)
def test_a_blocklist_of_which_nothing_can_be_read_is_none_and_not_an_empty_one(
    tmp_path: Path, text: str
) -> None:
    with pytest.raises(HandWrittenError):
        blocks(tmp_path, text)
    assert blocks(tmp_path, "") == []


def test_whom_entries_are_about_is_known_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "blocklist.yml"
    path.write_text(f"# x\n{BLOCK}- plugin: fan\n  versions: [nonsense]\n- 5\n{BLOCK}", encoding="utf-8")
    assert notices_and_blocklist.names_in(path) == {"lamp": 2, "fan": 3}
    path = tmp_path / "update_check_overlays.yml"
    path.write_text("\noctoprint: {user: x}\n", encoding="utf-8")
    assert notices_and_blocklist.names_in(path) == {"octoprint": 2}
    path.write_text("{", encoding="utf-8")
    assert notices_and_blocklist.names_in(path) == {}
    assert notices_and_blocklist.names_in(tmp_path / "blocks.yml") == {}


def test_a_list_is_no_mapping_and_a_mapping_no_list(tmp_path: Path) -> None:
    assert said(notices, tmp_path, "lamp: {}\n") == [
        "1  must be a list of entries, each begun by `- plugin: …`"
    ]
    assert said(overlays, tmp_path, "- lamp\n") == [
        "1  must map plugin identifiers to keys; see the head of the file"
    ]
