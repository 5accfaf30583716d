"""Where registration and source disagree, the comment says which to change where."""

# ruff: noqa: E501 -- a sentence is easier to read in one line

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from registry.registration.frontmatter import parse
from registry.registration.load import load_registrations
from registry.registration.model import RepoRef
from registry.review.inspection.disagreements import disagreements
from registry.review.inspection.licence import same_licence
from registry.review.inspection.source import Source
from registry.sources.compat import Evidence, Unread
from registry.sources.compat.packaging_files import Candidate
from tests.review.comment.stage import GOOD
from tests.support.builders import settings

COMMIT = "c" * 40
BLOB = f"https://github.com/ada/Lamp/blob/{COMMIT}"
FLAG = Evidence(
    python=">=3.7,<4", rule="setup.py:plugin_package+flag", path="octoprint_lamp/__init__.py", line=12
)
AGREES = Source(
    slug="lamp",
    repo=RepoRef("ada", "Lamp"),
    facts={"repo": "ada/Lamp", "license": "AGPL-3.0", "archived": False},
    commit=COMMIT,
    branch="main",
    outcome=FLAG,
    declared=Candidate(module="octoprint_lamp", rule="setup.py:plugin_package", entry_point="lamp"),
    packaging="setup.py",
)


def told(folder: Path, text: str = GOOD, *, new: bool = True, **changes: Any) -> list[str]:
    plugins = folder / "_plugins"
    plugins.mkdir(exist_ok=True)
    (plugins / "lamp.md").write_text(text)
    [registration] = load_registrations(plugins, "https://github.com").registrations
    source = replace(AGREES, **changes)
    found = disagreements(
        replace(registration, path="_plugins/lamp.md"),
        parse(text.encode(), "_plugins/lamp.md"),
        source,
        settings(),
        "https://github.com",
        new=new,
    )
    return [f"{advice.title}: {advice.text}" for advice in found]


def test_where_both_agree_nothing_is_said(tmp_path: Path) -> None:
    assert told(tmp_path) == []


def test_ranges_written_otherwise_agree(tmp_path: Path) -> None:
    assert told(tmp_path, outcome=replace(FLAG, python="<4, >=3.7")) == []


def test_another_range_in_the_source_is_told_with_both_cures(tmp_path: Path) -> None:
    assert told(tmp_path, outcome=replace(FLAG, python=">=3.9,<4")) == [
        f'Python versions: Line 20 of `_plugins/lamp.md` says `>=3.7,<4`, but [line 12 of `octoprint_lamp/__init__.py`](<{BLOB}/octoprint_lamp/__init__.py#L12>) says `>=3.9,<4`. OctoPrint reads the flag in the source and never the registration, so `>=3.9,<4` is what counts; the page will show `>=3.9,<4`. If the source is right, change line 20 of `_plugins/lamp.md` to `python: ">=3.9,<4"`. If the registration is right, change [line 12 of `octoprint_lamp/__init__.py`](<{BLOB}/octoprint_lamp/__init__.py#L12>) to `__plugin_pythoncompat__ = ">=3.7,<4"` and release a new version.'
    ]


def test_a_source_for_python_2_alone_is_refused_by_the_host(tmp_path: Path) -> None:
    [advice] = told(tmp_path, outcome=replace(FLAG, python=">=2.7,<3"))
    assert (
        "the page will show `>=2.7,<3`. OctoPrint on Python 3 refuses the plugin as it is. If the source is right, "
        in advice
    )


def test_python_2_alone_in_both_is_told_too(tmp_path: Path) -> None:
    text = GOOD.replace(">=3.7,<4", ">=2.7,<3")
    assert told(tmp_path, text, outcome=replace(FLAG, python=">=2.7,<3")) == [
        f'The flag rules out Python 3: [Line 12 of `octoprint_lamp/__init__.py`](<{BLOB}/octoprint_lamp/__init__.py#L12>) says `>=2.7,<3`, so OctoPrint on Python 3 refuses the plugin. Once it runs there, change that line to `__plugin_pythoncompat__ = ">=3.7,<4"` and release a new version.'
    ]


NO_FLAG = Evidence(
    python=">=2.7,<3",
    rule="setup.py:plugin_package+default",
    path="octoprint_lamp/__init__.py",
    reason='OctoPrint reads only a plain `FLAG = "…"` at module level; yours stands inside `try`, line 12 of `a.py`',
    problem=True,
)


def test_a_flag_that_the_host_does_not_see_is_told_with_its_place_and_its_cure(tmp_path: Path) -> None:
    assert told(tmp_path, outcome=NO_FLAG) == [
        f'The flag is not read: OctoPrint reads only a plain `FLAG = "…"` at module level; yours stands inside `try`, line 12 of `a.py`. So OctoPrint assumes `>=2.7,<3` and refuses the plugin on Python 3, although line 20 of `_plugins/lamp.md` says `>=3.7,<4`. Write `__plugin_pythoncompat__ = ">=3.7,<4"` at the top level of [`octoprint_lamp/__init__.py`](<{BLOB}/octoprint_lamp/__init__.py>) and release a new version.'
    ]


def test_no_flag_anywhere(tmp_path: Path) -> None:
    [advice] = told(tmp_path, GOOD.replace('  python: ">=3.7,<4"\n', ""), outcome=NO_FLAG)
    assert "on Python 3, and the registration says nothing either. Write `" in advice


def test_no_flag_is_no_matter_where_the_default_is_registered(tmp_path: Path) -> None:
    text = GOOD.replace(">=3.7,<4", ">=2.7,<3")
    assert told(tmp_path, text, outcome=replace(NO_FLAG, reason="", problem=False)) == []


def test_a_module_that_does_not_parse(tmp_path: Path) -> None:
    outcome = replace(
        NO_FLAG,
        rule="setup.py:plugin_package+syntax",
        line=3,
        reason="OctoPrint on Python 3 cannot parse line 3 of `octoprint_lamp/__init__.py` and refuses the plugin",
        problem=False,
    )
    assert told(tmp_path, outcome=outcome) == [
        f"The module does not parse: OctoPrint on Python 3 cannot parse line 3 of `octoprint_lamp/__init__.py` and refuses the plugin. So the plugin runs on no Python 3, although line 20 of `_plugins/lamp.md` says `>=3.7,<4`. Correct [line 3 of `octoprint_lamp/__init__.py`](<{BLOB}/octoprint_lamp/__init__.py#L3>) and release a new version."
    ]


def test_an_entry_point_that_the_host_cannot_load(tmp_path: Path) -> None:
    reason = (
        "OctoPrint loads a plugin by its module alone, and the entry point in setup.py is `a:B`; write `a`"
    )
    assert told(tmp_path, outcome=replace(FLAG, reason=reason, problem=True)) == [
        f"The entry point: {reason}. Then release a new version."
    ]


def test_text_of_strangers_in_a_reason_is_escaped(tmp_path: Path) -> None:
    [advice] = told(tmp_path, outcome=replace(NO_FLAG, reason="yours is `<b>@ada` in <i>#1"))
    assert "yours is `<b>@ada` in &#60;i&#62;&#35;&#8203;1. So" in advice


def test_a_source_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    [advice] = told(tmp_path, outcome=Unread(reason="its source took more than 10 s to read", problem=True))
    assert advice == (
        "The source cannot be read: In `ada/Lamp`: `its source took more than 10 s to read`. So it is not known on which Pythons OctoPrint takes the plugin; make the module one that can be read, and release a new version."
    )


def test_what_only_a_newer_python_can_tell_is_not_held_against_anybody(tmp_path: Path) -> None:
    assert told(tmp_path, outcome=Unread(reason="a.py does not parse", path="a.py", passing=True)) == []


def test_a_module_that_is_not_there(tmp_path: Path) -> None:
    outcome = Unread(reason="setup.py names the module octoprint_lamp, which is not there", problem=True)
    assert told(tmp_path, outcome=outcome) == [
        "The plugin's module is not there: In `ada/Lamp` `setup.py names the module octoprint_lamp, which is not there`, so OctoPrint would find no plugin after installing it. Correct the name in that file, or add the module, and release a new version."
    ]


def test_no_plugin_in_the_source(tmp_path: Path) -> None:
    [advice] = told(tmp_path, outcome=Unread(reason="nothing"), declared=None, packaging="")
    assert advice.endswith(
        "Declare the entry point `lamp = your_module` in the group `octoprint.plugin`, and release a new version."
    )


def test_another_identifier_in_the_package(tmp_path: Path) -> None:
    declared = Candidate(module="octoprint_lamp", rule="x", entry_point="bedlamp")
    expected = f"The plugin's identifier: Line 3 of `_plugins/lamp.md` says `lamp`, but [`setup.py`](<{BLOB}/setup.py>) says `bedlamp`, and OctoPrint knows the plugin by what the package says: updates and usage figures would not find it. If the package is right, change line 3 of `_plugins/lamp.md` to `id: bedlamp`{{}}. If the registration is right, change the identifier in `setup.py` to `lamp` and release a new version."
    assert told(tmp_path, declared=declared) == [
        expected.format(" and rename the file to `_plugins/bedlamp.md`")
    ]
    assert told(tmp_path, declared=declared, new=False) == [expected.format("")]


def test_an_archive_that_does_not_exist(tmp_path: Path) -> None:
    assert told(tmp_path, archive_ref="main", archive_missing=True, branch="devel") == [
        "The archive does not exist: Line 12 of `_plugins/lamp.md` downloads `main`, and `ada/Lamp` has neither a branch nor a tag of that name, so the plugin cannot be installed. Change line 12 of `_plugins/lamp.md` to `archive: https://github.com/ada/Lamp/archive/refs/heads/devel.zip`."
    ]


def test_an_archive_of_another_repository(tmp_path: Path) -> None:
    [advice] = told(tmp_path, GOOD.replace("ada/Lamp/archive", "eve/Lamp/archive"))
    assert advice.startswith(
        "The archive of another repository: Line 12 of `_plugins/lamp.md` installs from `eve/Lamp`, but line 11 "
    )
    assert advice.endswith("Change the one of the two lines that is wrong.")


def test_a_repository_that_moved_is_named_in_every_line_that_leads_there(tmp_path: Path) -> None:
    assert told(tmp_path, facts={**AGREES.facts, "repo": "grace/Lantern"}) == [
        "The repository has moved: `ada/Lamp` is called `grace/Lantern` now; the old address works only until somebody else takes the name. Change line 11 of `_plugins/lamp.md` to `source: https://github.com/grace/Lantern`, line 10 of `_plugins/lamp.md` to `homepage: https://github.com/grace/Lantern`, line 12 of `_plugins/lamp.md` to `archive: https://github.com/grace/Lantern/archive/main.zip`."
    ]


def test_an_archived_repository_is_told_unless_it_is_known(tmp_path: Path) -> None:
    facts = {**AGREES.facts, "archived": True}
    assert told(tmp_path, facts=facts) == [
        "The repository is archived: `ada/Lamp` is read-only: no fault can be mended there. If the plugin is maintained, unarchive the repository in its settings. If it is not, write `abandoned: true` into `_plugins/lamp.md`."
    ]
    assert told(tmp_path, GOOD.replace("tags:", "abandoned: true\ntags:"), facts=facts) == []


def test_another_licence(tmp_path: Path) -> None:
    assert told(tmp_path, facts={**AGREES.facts, "license": "MIT"}) == [
        "The licence: Line 7 of `_plugins/lamp.md` says `AGPL-3.0-or-later`, but GitHub recognises `MIT` in `ada/Lamp`. If the repository is right, change line 7 of `_plugins/lamp.md` to `license: MIT`. If the registration is right, replace the `LICENSE` of the repository by the text of `AGPL-3.0-or-later`."
    ]


def test_no_licence(tmp_path: Path) -> None:
    assert told(tmp_path, facts={"repo": "ada/Lamp"}) == [
        "No licence recognised: Line 7 of `_plugins/lamp.md` says `AGPL-3.0-or-later`, but GitHub recognises no licence in `ada/Lamp`. If there is none, add a file `LICENSE` with the text of `AGPL-3.0-or-later` to the repository."
    ]


def test_a_repository_that_is_gone(tmp_path: Path) -> None:
    assert told(tmp_path, unread="GitHub knows no repository ada/Lamp", gone=True, facts={}) == [
        "No such repository: GitHub knows no public repository `ada/Lamp`, so nobody can install or check this plugin. Correct the address in line 11 of `_plugins/lamp.md`, or make the repository public."
    ]


def test_an_outage_is_no_disagreement(tmp_path: Path) -> None:
    assert told(tmp_path, unread="GitHub could not be read", facts={}) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("AGPLv3", "AGPL-3.0"),
        ("AGPL-3.0-only", "AGPL-3.0"),
        ("GNU Affero General Public License v3", "AGPL-3.0"),
        ("GPL v3", "GPL-3.0"),
        ("GPLv2+", "GPL-2.0"),
        ("MIT License", "MIT"),
        ("Apache 2", "Apache-2.0"),
        ("BSD", "BSD-3-Clause"),
        ("3-Clause BSD", "BSD-3-Clause"),
        ("Unlicence", "Unlicense"),
        ("AGPL", "AGPL-3.0"),
    ],
)
def test_names_of_one_licence_are_the_same(one: str, other: str) -> None:
    assert same_licence(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("AGPLv3", "GPL-3.0"), ("GPLv2", "GPL-3.0"), ("MIT", "AGPL-3.0"), ("LGPL-3.0", "GPL-3.0"), ("BSD-2-Clause", "BSD-3-Clause")],
)  # fmt: skip
def test_names_of_two_licences_are_not(one: str, other: str) -> None:
    assert not same_licence(one, other)
