"""`new.py` makes registrations that validate, from every kind of plugin, and never obeys what it reads."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import new
import validate
from registry.registration.frontmatter import parse
from tests.emulators.github import TOKEN, Fault, GitHub
from tests.emulators.index import Index, Release, metadata
from tests.emulators.repositories import World
from tests.emulators.world import Plugin, make_world
from tests.support.git_http import GitServer, run

ROOT = Path(__file__).parents[2]
CONFIG = str(ROOT / "_config.yml")
NAPARI = f"{CONFIG},{ROOT / 'examples/napari/_config.yml'}"
SETUP = '''
plugin_identifier = "bedlamp"
plugin_package = "octoprint_%s" % plugin_identifier
plugin_name = "OctoPrint-BedLamp"
plugin_version = "1.0"
plugin_description = """Lights the bed
while a print runs."""
plugin_author = "Ada Lovelace"
plugin_author_email = "ada@example.com"
plugin_url = "https://github.com/ada/OctoPrint-BedLamp"
plugin_license = "AGPLv3"
plugin_requires = ["OctoPrint>=1.4.0"]
import octoprint_setuptools
from setuptools import setup
setup(**octoprint_setuptools.create_plugin_setup_parameters(
    identifier=plugin_identifier, package=plugin_package, name=plugin_name, version=plugin_version,
    description=plugin_description, author=plugin_author, mail=plugin_author_email, url=plugin_url,
    license=plugin_license, requires=plugin_requires))
'''
INIT = '__plugin_name__ = "Bed Lamp"\n__plugin_pythoncompat__ = ">=3.7,<4"\n'
README = """# OctoPrint-BedLamp

[![Build](https://ci.example/a.svg)](https://ci.example)

Lights the bed while a print runs. See the [manual](docs/manual.md).

## Setup

Install it.
"""
FILES = {"setup.py": SETUP, "octoprint_bedlamp/__init__.py": INIT, "README.md": README}
ADDRESS = "https://github.com/ada/OctoPrint-BedLamp"
EXPECTED = """---
layout: plugin
id: bedlamp
title: Bed Lamp
description: Lights the bed while a print runs.
author: Ada Lovelace
license: AGPL-3.0
date: {today}

homepage: https://github.com/ada/OctoPrint-BedLamp
source: https://github.com/ada/OctoPrint-BedLamp
archive: https://github.com/ada/OctoPrint-BedLamp/archive/devel.zip

tags:
- lamp

compatibility:
  octoprint:
  - 1.4.0
  python: ">=3.7,<4"
---

Lights the bed while a print runs. See the [manual]({address}/blob/devel/docs/manual.md).

From the [README]({address}/blob/devel/README.md), where there is more.
"""


def repository(files: Mapping[str, Any] = FILES, **keys: Any) -> dict[str, Any]:
    """Describe ada's repository for the emulator."""
    return {
        "files": dict(files),
        "default_branch": "devel",
        "license": "AGPL-3.0",
        "topics": ["octoprint", "lamp", "octoprint-plugin"],
        "description": "A made-up repository",
        **keys,
    }


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    """GitHub with ada's plugin, and a token for it."""
    with GitHub({"repositories": {"ada/OctoPrint-BedLamp": repository()}}) as server:
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        monkeypatch.setenv("GITHUB_GRAPHQL_URL", server.graphql_url)
        monkeypatch.delenv("GITHUB_SERVER_URL", raising=False)
        yield server
        assert not server.not_emulated


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of registrations in a repository that has a commit, so that what is added is new."""
    plugins = tmp_path / "site/_plugins"
    plugins.mkdir(parents=True)
    run(tmp_path / "site", "init", "--quiet", "--initial-branch=main")
    run(tmp_path / "site", "commit", "--quiet", "--allow-empty", "--message=First")
    return plugins


def make(folder: Path, *arguments: str, config: str = CONFIG) -> int:
    return new.main([*arguments, "--out", str(folder), "--config", config, "--no-input"])


def assert_valid(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Hold the file against the validator, as a pull request that adds it would be."""
    capsys.readouterr()
    status = validate.main([str(path), "--base", "HEAD"])
    assert (status, capsys.readouterr().out.count(": error: ")) == (0, 0)


def today() -> str:
    return datetime.now(UTC).date().isoformat()


# --- the whole way ---------------------------------------------------------------------------------------


def test_a_plugin_on_github_becomes_a_registration(
    github: GitHub, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make(folder, ADDRESS) == 0
    told = capsys.readouterr()
    assert (folder / "bedlamp.md").read_text() == EXPECTED.format(today=today(), address=ADDRESS)
    assert told.out == ""
    assert told.err.splitlines() == [
        "new: reading ada/OctoPrint-BedLamp by GitHub's API",
        "id: bedlamp (from setup.py, plugin_identifier)",
        "title: Bed Lamp (from octoprint_bedlamp/__init__.py, __plugin_name__)",
        "description: Lights the bed while a print runs. (from setup.py, plugin_description)",
        "author: Ada Lovelace (from setup.py, plugin_author)",
        "license: AGPL-3.0 (from GitHub, the licence)",
        f"date: {today()} (from today's date)",
        f"homepage: {ADDRESS} (from setup.py, plugin_url)",
        f"source: {ADDRESS} (from the address)",
        f"archive: {ADDRESS}/archive/devel.zip (from GitHub, the branch devel)",
        "tags: lamp (from GitHub, the topics)",
        "compatibility.octoprint: 1.4.0 (from setup.py, plugin_requires)",
        "compatibility.python: >=3.7,<4 (from octoprint_bedlamp/__init__.py:2, __plugin_pythoncompat__)",
        f"new: wrote {folder}/bedlamp.md; read it through, then: "
        f"python scripts/validate.py --base HEAD {folder}/bedlamp.md",
    ]
    assert_valid(folder / "bedlamp.md", capsys)
    assert len(github.queries) <= 5
    assert not github.others


def test_without_a_token_the_repository_is_cloned(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with GitServer(tmp_path / "git") as server:
        server.add("ada/OctoPrint-BedLamp", FILES, branch="devel")
        monkeypatch.delenv("GITHUB_TOKEN", raising=False)
        monkeypatch.setenv("GITHUB_SERVER_URL", server.url)
        assert make(folder, f"{server.url}/ada/OctoPrint-BedLamp.git") == 0
        address = f"{server.url}/ada/OctoPrint-BedLamp"
        text = EXPECTED.replace(ADDRESS, address).format(today=today(), address=address)
        assert (folder / "bedlamp.md").read_text() == text.replace("tags:\n- lamp\n\n", "")
        assert_valid(folder / "bedlamp.md", capsys)
        assert not [headers for headers in server.seen if "authorization" in headers]


def test_the_token_is_not_sent_for_a_repository_on_another_github(
    github: GitHub, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://git.example")
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")  # nobody is there: no test reaches the internet
    assert make(folder, ADDRESS) == 1
    assert not github.requests
    assert f"git cannot read {ADDRESS}.git: " in capsys.readouterr().err


METADATA = metadata(
    "# Cells\n\nCounts cells in an image.\n",
    Name="napari-cells",
    Version="0.3",
    Summary="Counts cells",
    Author_email="Ada Lovelace <ada@example.com>",
    License_Expression="BSD-3-Clause",
    Requires_Python=">=3.10",
    Requires_Dist=["napari>=0.4"],
    Keywords="cells,napari",
    Project_URL=["Source, https://github.com/ada/napari-cells", "Homepage, https://cells.example/"],
    Description_Content_Type="text/markdown",
)
CELLS = {
    "pyproject.toml": '[project]\nname = "napari-cells"\n'
    '[project.entry-points."napari.manifest"]\nnapari-cells = "napari_cells:napari.yaml"\n',
    "README.md": "# Cells\n\nCounts cells.\n",
}


def test_a_project_of_the_index_leads_to_its_repository(
    github: GitHub, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    github.world.update(
        "ada/napari-cells", repository(CELLS, license="BSD-3-Clause", topics=["napari-plugin"])
    )
    with Index({"napari-cells": [Release("0.3", METADATA)]}) as index:
        assert make(folder, "pypi:napari_cells", "--index", index.endpoint, config=NAPARI) == 0
    path = folder / "napari-cells.md"
    document = parse(path.read_bytes(), path.name)
    assert {key: value for key, value in document.data.items() if key != "date"} == {
        "layout": "plugin",
        "id": "napari-cells",
        "title": "Cells",
        "description": "Counts cells",
        "author": "Ada Lovelace",
        "license": "BSD-3-Clause",
        "homepage": "https://cells.example/",
        "source": "https://github.com/ada/napari-cells",
        "archive": "https://github.com/ada/napari-cells/archive/devel.zip",
        "pypi": "napari-cells",
        "tags": ["cells"],
        "compatibility": {"python": ">=3.10"},
    }
    assert document.body.startswith("\nCounts cells.\n\nFrom the [README](")
    assert_valid(path, capsys)


def test_a_project_page_is_known_by_the_host_of_the_index(github: GitHub, folder: Path) -> None:
    github.world.update("ada/napari-cells", repository(CELLS))
    with Index({"napari-cells": [Release("0.3", METADATA)]}) as index:
        address = f"{index.url}/project/napari-cells/0.3/"
        assert make(folder, address, "--index", index.endpoint, config=NAPARI) == 0
    assert (folder / "napari-cells.md").is_file()


def test_a_project_whose_repository_is_gone_is_made_from_the_index_alone(
    github: GitHub, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ("source=https://github.com/ada/gone", "archive=https://git.example/c.zip", "id=napari-cells")
    options = [option for pair in given for option in ("--set", pair)]
    with Index({"napari-cells": [Release("0.3", METADATA)]}) as index:
        assert make(folder, "pypi:napari-cells", "--index", index.endpoint, *options, config=NAPARI) == 0
    assert (
        "new: GitHub knows no repository ada/gone; check the address; only the package index is used"
        in capsys.readouterr().err
    )
    assert "Counts cells in an image." in (folder / "napari-cells.md").read_text()
    assert_valid(folder / "napari-cells.md", capsys)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("unavailable", "new: the index did not answer: it answered 500; try again later\n"),
        ("metadata-missing", "have no metadata of their own; give the repository's address instead\n"),
    ],
)
def test_an_index_that_fails_ends_the_run(
    fault: Any, words: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Index({"x": [Release("1", METADATA)]}, faults={"x": fault}) as index:
        assert make(folder, "pypi:x", "--index", index.endpoint) == 1
    assert capsys.readouterr().err.endswith(words)
    assert not list(folder.iterdir())


# --- options ---------------------------------------------------------------------------------------------


def test_what_is_missing_is_listed_with_the_option_that_gives_it(
    github: GitHub, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    github.world.update("ada/Bare", {"files": {"x.txt": ""}, "default_branch": "main"})
    assert make(folder, "https://github.com/ada/Bare") == 1
    assert capsys.readouterr().err.endswith(
        "new: some required keys are missing:\n"
        "id: not found; give it by --id ID\n"
        "description: not found; give it by --set 'description=…'\n"
        "license: not found; give it by --set 'license=…'\n"
    )
    assert not list(folder.iterdir())


def test_given_values_go_before_found_ones_and_an_empty_one_leaves_a_key_out(
    github: GitHub, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = (
        "title=My Lamp",
        "author=Ada, Bob",
        "tags=a, b",
        "compatibility.python=>=3.8",
        "compatibility.octoprint=",
    )
    options = [option for pair in given for option in ("--set", pair)]
    assert make(folder, ADDRESS, "--id", "Lamp2", *options, "--set", "date=2024-10-07") == 0
    data = parse((folder / "Lamp2.md").read_bytes(), "Lamp2.md").data
    assert (data["title"], data["authors"], data["tags"]) == ("My Lamp", ["Ada", "Bob"], ["a", "b"])
    assert data["compatibility"] == {"python": ">=3.8"}
    assert data["date"].isoformat() == "2024-10-07"
    assert "note: id: setup.py, plugin_identifier says 'bedlamp', not 'Lamp2'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        (["--set", "compatibility.python=three"], 1, "'three' is not a specifier; write e.g. '>=3.7,<4'"),
        (["--id", "../evil"], 1, "new: --set id: the notes above say what is wrong; give another value"),
        (["--set", "nothing=1"], 2, "new: --set 'nothing=1': write key=value, with a key of id, title, "),
        (["--set", "stats"], 2, "new: --set 'stats': write key=value"),
        (
            ["--set", "author=A", "--set", "authors=B"],
            2,
            "--set author and --set authors: give one of the two",
        ),
        (["--config", "nowhere.yml"], 2, "new: nowhere.yml: cannot be read: No such file or directory"),
    ],
)
def test_options_that_cannot_be_used_are_told(
    options: list[str],
    status: int,
    words: str,
    github: GitHub,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert new.main([ADDRESS, "--out", str(folder), "--config", CONFIG, "--no-input", *options]) == status
    assert words in capsys.readouterr().err
    assert not list(folder.parent.rglob("*.md"))


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert make(tmp_path / "none", ADDRESS) == 2
    assert capsys.readouterr().err == (
        f"new: --out {tmp_path}/none: there is no such folder; make it, or name another\n"
    )


ELSEWHERE = ("lamp", "https://git.example/ada/lamp", "file:///etc", "\x1b]0;x\x07")


@pytest.mark.parametrize(
    "address", ["", *ELSEWHERE, "https://github.com/ada", "https://github.com/../..", "pypi:"]
)
def test_an_address_of_nothing_is_told(
    address: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make(folder, address) == 2
    told = capsys.readouterr().err
    assert "is neither a repository on GitHub nor a project of the package index; write " in told
    assert told.endswith("write https://github.com/<owner>/<name> or pypi:<name>\n")
    assert "\x1b" not in told


def test_the_name_of_a_project_is_checked_before_it_is_asked_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make(folder, "pypi:../../x") == 2
    assert capsys.readouterr().err == (
        "new: '../../x' is no name of a project; write the name alone, as `pip install` takes it\n"
    )


def test_stdout_prints_and_writes_nothing(
    github: GitHub, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make(folder, ADDRESS, "--stdout") == 0
    assert capsys.readouterr().out == EXPECTED.format(today=today(), address=ADDRESS)
    assert not list(folder.iterdir())


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("bedlamp.md", "", "bedlamp.md is there already; change that file, or give another id by --id"),
        ("BedLamp.md", "", "BedLamp.md is there already; change that file, or give another id by --id"),
        (
            "old.md",
            "---\nid: BEDLAMP\n---\n",
            "old.md has this id, too; change that file, or give another id by --id",
        ),
    ],
)
def test_what_is_registered_already_is_left_alone(
    name: str, text: str, words: str, github: GitHub, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / name).write_text(text)
    for options in ((), ("--stdout",)):
        assert make(folder, ADDRESS, *options) == 1
        assert capsys.readouterr().err.endswith(f"new: id: bedlamp: {words}\n")
    assert [path.name for path in folder.iterdir()] == [name]
    assert (folder / name).read_text() == text


def test_a_link_in_the_folder_is_not_followed(github: GitHub, folder: Path, tmp_path: Path) -> None:
    (folder / "bedlamp.md").symlink_to(tmp_path / "elsewhere")
    assert make(folder, ADDRESS) == 1
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda world: world.remove("ada/OctoPrint-BedLamp"),
         "new: GitHub knows no repository ada/OctoPrint-BedLamp; check the address\n"),
        (lambda world: world.update("ada/OctoPrint-BedLamp", {"empty": True}),
         "new: ada/OctoPrint-BedLamp has no files; check the address\n"),
        (lambda world: world.forbid("ada/OctoPrint-BedLamp"), "; try again later\n"),
    ],
)  # fmt: skip
def test_a_repository_that_cannot_be_read_is_told(
    change: Any, words: str, github: GitHub, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(github.world)
    assert make(folder, ADDRESS) == 1
    assert capsys.readouterr().err.endswith(words)


def test_a_renamed_repository_is_registered_by_its_new_name(
    github: GitHub, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    github.world.rename("ada/OctoPrint-BedLamp", "lights/BedLamp")
    github.world.update("lights/BedLamp", {"archived": True})
    assert make(folder, ADDRESS) == 0
    data = parse((folder / "bedlamp.md").read_bytes(), "").data
    assert data["source"] == "https://github.com/lights/BedLamp"
    told = capsys.readouterr().err
    assert "note: ada/OctoPrint-BedLamp is now lights/BedLamp\n" in told
    assert "note: lights/BedLamp is archived: nobody maintains it\n" in told


def test_a_token_that_is_refused_is_told_without_it(
    github: GitHub, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
    assert make(folder, ADDRESS) == 1
    told = capsys.readouterr().err
    assert told.endswith("answered 401: the token is not valid; renew GITHUB_TOKEN\n")
    assert "s3cret" not in told


@pytest.fixture
def hasty(tmp_path: Path) -> str:
    """Settings under which nothing is waited for long."""
    (tmp_path / "hasty.yml").write_text("registry: {limits: {timeout_s: 1, patience_s: 2}}\n")
    return f"{CONFIG},{tmp_path / 'hasty.yml'}"


@pytest.mark.slow
@pytest.mark.parametrize("nth", [1, 2, 3, 4])
@pytest.mark.parametrize(
    "kind",
    ["bad-gateway", "truncated", "reset", "hang", "html", "null-data", "repository-error"],
)
def test_github_failing_once_costs_nothing_or_is_told(
    kind: Any, nth: int, github: GitHub, folder: Path, hasty: str, capsys: pytest.CaptureFixture[str]
) -> None:
    github.faults.append(Fault(kind=kind, nth=nth, repository="ada/OctoPrint-BedLamp"))
    status = make(folder, ADDRESS, config=hasty)
    told = capsys.readouterr().err
    if status == 0:
        assert (folder / "bedlamp.md").read_text() == EXPECTED.format(today=today(), address=ADDRESS)
    else:
        assert told.splitlines()[-1].endswith("; try again later")
        assert not list(folder.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("server-error", "answered 500; try again later\n"),
        ("rate-limited", "new: GitHub's rate limit is spent; try again in an hour\n"),
        ("rate-limited-403", "a rate limit asks to wait"),
        (
            "redirect",
            "a redirect, which is not followed, so that no token leaves its host; correct the address\n",
        ),
        ("reset", "broke the connection: ReadError; try again later\n"),
    ],
)
def test_github_failing_always_is_told(
    kind: Any, words: str, github: GitHub, folder: Path, hasty: str, capsys: pytest.CaptureFixture[str]
) -> None:
    github.faults.append(Fault(kind=kind, location="https://evil.example/"))
    assert make(folder, ADDRESS, config=hasty) == 1
    assert words in capsys.readouterr().err
    assert not list(folder.iterdir())


def test_what_disagrees_is_told(github: GitHub, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {
        **FILES,
        "setup.py": SETUP.replace("AGPLv3", "MIT"),
        "setup.cfg": "[options]\npython_requires = >=3.9\n",
        "octoprint_bedlamp/__init__.py": '__plugin_pythoncompat__ = ">=2.7,<4"\n',
    }
    github.world.update("ada/OctoPrint-BedLamp", {"files": files})
    assert make(folder, ADDRESS) == 0
    notes = [line for line in capsys.readouterr().err.splitlines() if line.startswith("note: ")]
    assert notes == [
        "note: compatibility.python: octoprint_bedlamp/__init__.py:1 says '>=2.7,<4', "
        "setup.cfg, options.python_requires '>=3.9'; the host goes by the first",
        "note: license: setup.py, plugin_license says 'MIT', not 'AGPL-3.0'; make them agree",
    ]


def test_a_flag_that_cannot_be_used_is_told(
    github: GitHub, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {**FILES, "octoprint_bedlamp/__init__.py": '__plugin_pythoncompat__ = "three"\n'}
    github.world.update("ada/OctoPrint-BedLamp", {"files": files})
    assert make(folder, ADDRESS) == 0
    assert (
        "note: compatibility.python: `__plugin_pythoncompat__` in line 1 of `octoprint_bedlamp/__init__.py` "
        'is not a PEP 440 specifier; write e.g. `__plugin_pythoncompat__ = ">=3.7,<4"`; until then OctoPrint '
        "takes it for >=2.7,<3\n" in capsys.readouterr().err
    )
    assert "python" not in parse((folder / "bedlamp.md").read_bytes(), "").data["compatibility"]


# --- packaging styles ------------------------------------------------------------------------------------

ENTRY = '[project.entry-points."octoprint.plugin"]\nlamp = "octoprint_lamp"\n'
PROJECT = '[project]\nname = "OctoPrint-Lamp"\ndescription = "Lights"\n'
FLAG = '__plugin_pythoncompat__ = ">=3,<4"\n'
PACKAGE = {"octoprint_lamp/__init__.py": FLAG}
WORDS = """
plugin_package = "octoprint_lamp"
plugin_name = "OctoPrint-Lamp"
plugin_description = "Lights"
plugin_license = "MIT"
"""
CALL = """
from setuptools import setup
setup(name="OctoPrint-Lamp", description="Lights", license="MIT", author="Ada", py_modules=["octoprint_lamp"],
      entry_points={"octoprint.plugin": ["lamp = octoprint_lamp"]})
"""
FORMATTED = """
i = "lamp"
plugin_identifier = "%s" % i
plugin_name = "OctoPrint-{}".format(i.title())
plugin_package = f"octoprint_{i}"
plugin_description = "Li%(x)s" % {"x": "ghts"}
plugin_license = "M" + "IT"
"""
CFG = """
[metadata]
name = OctoPrint-Lamp
description = Lights
license = MIT
[options.entry_points]
octoprint.plugin =
    lamp = octoprint_lamp
"""
POETRY = """
[tool.poetry]
name = "octoprint-lamp"
description = "Lights"
license = "MIT"
authors = ["Ada <ada@example.com>"]
[tool.poetry.plugins."octoprint.plugin"]
lamp = "octoprint_lamp"
"""
STYLES: dict[str, dict[str, str]] = {
    "template": {"setup.py": 'plugin_identifier = "lamp"' + WORDS, **PACKAGE},
    "formatted": {"setup.py": FORMATTED, **PACKAGE},
    "setup call": {"setup.py": CALL, **PACKAGE},
    "single module": {"setup.py": CALL, "octoprint_lamp.py": FLAG},
    "pyproject": {"pyproject.toml": f'{PROJECT}license = "MIT"\n{ENTRY}', **PACKAGE},
    "pyproject with a stub of setup.py": {
        "setup.py": "import setuptools\nsetuptools.setup()\n",
        "pyproject.toml": f'{PROJECT}license = {{text = "MIT"}}\n{ENTRY}',
        **PACKAGE,
    },
    "src layout": {
        "pyproject.toml": f'{PROJECT}license = "MIT"\n{ENTRY}',
        "src/octoprint_lamp/__init__.py": FLAG,
    },
    "requires-python alone": {
        "pyproject.toml": f'{PROJECT}license = "MIT"\nrequires-python = ">=3,<4"\n{ENTRY}',
        "octoprint_lamp/__init__.py": "",
    },
    "setup.cfg": {"setup.cfg": CFG, **PACKAGE},
    "poetry": {"pyproject.toml": POETRY, **PACKAGE},
    "classifier": {
        "pyproject.toml": f'{PROJECT}classifiers = ["License :: OSI Approved :: MIT License"]\n{ENTRY}',
        **PACKAGE,
    },
    "Windows": {
        "setup.py": "\ufeff" + ('# coding: utf-8\nplugin_identifier = "lamp"' + WORDS).replace("\n", "\r\n"),
        "octoprint_lamp/__init__.py": FLAG.replace("\n", "\r\n"),
    },
    "Python 2": {
        "setup.py": 'print "hello"\nplugin_identifier = u"lamp"' + WORDS,
        "octoprint_lamp/__init__.py": f"print 'x'\n{FLAG}",
    },
}


@pytest.mark.parametrize("style", STYLES)
def test_every_style_of_packaging_is_read(
    style: str, github: GitHub, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = repository(STYLES[style], license=None, description=None)
    github.world.update("ada/OctoPrint-Lamp", files)
    assert make(folder, "https://github.com/ada/OctoPrint-Lamp") == 0
    data = parse((folder / "lamp.md").read_bytes(), "").data
    assert (data["id"], data["title"], data["license"]) == ("lamp", "Lamp", "MIT")
    python = data.get("compatibility", {}).get("python")
    read = None if style == "Python 2" else ">=3,<4"  # the host cannot parse such a module
    assert (data["description"].strip("."), python) == ("Lights", read)
    assert_valid(folder / "lamp.md", capsys)


def test_a_plugin_in_a_folder_keeps_its_folder_and_has_no_archive(
    github: GitHub, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {f"plugins/lamp/{path}": text for path, text in FILES.items()}
    github.world.update("ada/Many", repository(files))
    address = "https://github.com/ada/Many/tree/devel/plugins/lamp"
    assert make(folder, address) == 1
    assert capsys.readouterr().err.endswith(
        "new: some required keys are missing:\narchive: not found; give it by --set 'archive=…'\n"
    )
    assert make(folder, address, "--set", "archive=https://lamp.example/lamp.zip") == 0
    document = parse((folder / "bedlamp.md").read_bytes(), "")
    assert document.data["source"] == address
    assert f"[manual]({address.replace('/tree/', '/blob/')}/docs/manual.md)" in document.body
    assert_valid(folder / "bedlamp.md", capsys)


# --- hostile repositories --------------------------------------------------------------------------------


def hostile(**names: str) -> dict[str, str]:
    text = "".join(f"{name} = {value!r}\n" for name, value in names.items())
    return {
        **FILES,
        "setup.py": SETUP.replace("import octoprint_setuptools", text + "import octoprint_setuptools"),
    }


def module(text: str) -> dict[str, str]:
    return {**FILES, "octoprint_bedlamp/__init__.py": text}


def readme(text: str) -> dict[str, str]:
    return {**FILES, "README.md": text}


SCRIPT = "<script>alert(1)</script>"
LARGE = 5_000_000
HOSTILE: dict[str, Mapping[str, Any]] = {
    "an id that leads elsewhere": hostile(plugin_identifier="../../../../evil"),
    "an absolute id": hostile(plugin_identifier="/etc/cron.d/evil"),
    "an id with a line end": hostile(plugin_identifier="x\n---\nid: y"),
    "an id with markup": hostile(plugin_identifier="<img src=x>"),
    "YAML in a title": module('__plugin_name__ = "x\\nid: evil\\nstats: {a: 1}"'),
    "an alias and a tag": hostile(plugin_author="*anchor", plugin_description="!!python/object:os.system id"),
    "Liquid": hostile(plugin_description="{{ site.x }} {% include secret %}", plugin_author="{% raw %}"),
    "control characters": hostile(plugin_description="\x1b[2Ja\x00b\u202ec\u2066", plugin_author="\x9bAda"),
    "markup": hostile(plugin_description=f"{SCRIPT}[x](javascript:alert(1))", plugin_author="<b>A</b>"),
    "workflow commands": hostile(plugin_description="::set-output name=x::y\n::error::z"),
    "addresses": hostile(plugin_url="javascript:alert(1)", plugin_license="`$(id)`"),
    "an address with a password": hostile(plugin_url="https://u:p@evil.example/"),
    "long texts": hostile(
        plugin_description="long " * 700, plugin_author="A" * 1_900, plugin_name="N" * 1_900
    ),
    "requirements": hostile(plugin_requires="OctoPrint @ file:///etc/passwd"),
    "a script in the README": readme(f"{SCRIPT}\n<svg onload=x>\n\n[a](data:x) {{{{ y }}}}"),
    "a README of forms": readme("[x]: javascript:alert(1)\n\n> [y]: data:x\n\n<iframe src=x>\n"),
    "a setup.py of 5 MB": {**FILES, "setup.py": {"text": SETUP, "filler": LARGE}},
    "a README of 5 MB": {**FILES, "README.md": {"text": README, "filler": LARGE}},
    "binary packaging": {**FILES, "setup.py": {"text": "\0\0", "binary": True}},
    "a setup.py that recurses": {**FILES, "setup.py": f"{SETUP}def f():\n return f()\nf()\nx = {'[' * 900}"},
    "links out of the repository": {**FILES, "README.md": {"symlink": "/etc/passwd"}},
    "a submodule for a package": {**FILES, "octoprint_bedlamp": {"submodule": "a" * 40}},
    "a flag with markup": module('__plugin_pythoncompat__ = ">=3</script>"'),
}
RUN = ("javascript:", "<script", "<svg", "<iframe", "](data:", "{{", "{%", *"\x1b\x00\u202e\u2066\x9b")
KEYS = {"layout", "id", "title", "description", "author", "authors", "license", "date", "homepage", "source"}
FILLED = ("--id", "bedlamp", "--set", "license=MIT", "--set", "description=Lights")
"""For a repository of which the packaging cannot be read."""


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.parametrize("by", ["api", "clone"])
def test_a_hostile_repository_is_only_data(
    case: str,
    by: str,
    github: GitHub,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = {path: file for path, file in HOSTILE[case].items() if isinstance(file, str) or by == "api"}
    unread = "5 MB" in case or "binary" in case or len(files) < len(FILES)
    names = FILLED if unread else ()
    if by == "api":
        github.world.update("ada/OctoPrint-BedLamp", {"files": files})
        status = make(folder, ADDRESS, *names)
    else:
        with GitServer(tmp_path / "git") as server:
            server.add("ada/OctoPrint-BedLamp", files)
            monkeypatch.delenv("GITHUB_TOKEN")
            monkeypatch.setenv("GITHUB_SERVER_URL", server.url)
            status = make(folder, f"{server.url}/ada/OctoPrint-BedLamp", *names)
    told = capsys.readouterr().err
    assert not set(told) & {"\x1b", "\x00", "\x9b", "\u202e", "\u2066", "\r"}
    assert not [line for line in told.splitlines() if line.startswith("::")]
    if case.startswith(("an id", "an absolute")):
        assert status == 1
        assert "id: not found; give it by --id ID" in told
        assert not list(folder.iterdir())
        return
    assert (status, [path.name for path in folder.iterdir()]) == (0, ["bedlamp.md"])
    text = (folder / "bedlamp.md").read_text()
    data = parse(text.encode(), "").data
    assert set(data) <= KEYS | {"archive", "tags", "compatibility"}
    if case != "Liquid":
        assert not [sign for sign in RUN if sign in text]
    assert_valid(folder / "bedlamp.md", capsys)


# --- one property ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_whatever_a_made_up_plugin_is_like_what_is_written_validates(
    github: GitHub, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plugins = [
        Plugin(id=f"plugin{number}", owner="maker", name=f"OctoPrint-P{number}") for number in range(40)
    ]
    made = make_world(plugins, seed=7, gone=0)
    github.world = World(made.world)
    flags = {}
    for plugin in plugins:
        options = ("--id", plugin.id, "--set", "license=MIT", "--set", "description=Does it")
        assert make(folder, f"https://github.com/maker/{plugin.name}", *options) == 0
        data = parse((folder / f"{plugin.id}.md").read_bytes(), "").data
        flags[plugin.id] = data.get("compatibility", {}).get("python")
    read = {identifier: flag for identifier, flag in made.expected.items() if flag is not None}
    assert {identifier: flags[identifier] for identifier in read} == read
    assert_valid(folder, capsys)


# --- on a terminal ---------------------------------------------------------------------------------------


class Person:
    """Somebody at a real pseudo-terminal, who reads what is asked and types."""

    def __init__(self, arguments: list[str], environment: Mapping[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        # setsid makes the terminal the one that Ctrl-C comes from.
        command = ["setsid", "--ctty", sys.executable, str(ROOT / "scripts/new.py"), *arguments]
        self.process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
        os.close(theirs)
        self.screen = ""

    def read_until(self, words: str) -> str:
        """Return what was shown since the last time, up to `words`."""
        ends = time.monotonic() + 60
        while words not in self.screen:
            ready, _, _ = select.select([self._ours], [], [], max(0.0, ends - time.monotonic()))
            assert ready, f"{words!r} was not shown in time, but:\n{self.screen}"
            self._take()
        shown, _, self.screen = self.screen.partition(words)
        return shown + words

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def finish(self) -> tuple[int, str]:
        """Return the exit status, and what was shown until the end."""
        status = self.process.wait(60)
        while select.select([self._ours], [], [], 0)[0] and self._take():
            pass
        os.close(self._ours)
        return status, self.screen

    def _take(self) -> bool:
        try:
            piece = os.read(self._ours, 65_536)
        except OSError:  # the other end is closed
            piece = b""
        self.screen += piece.decode(errors="replace").replace("\r\n", "\n")
        return bool(piece)


BARE = {"setup.py": 'plugin_identifier = "lamp"\nplugin_description = "TODO"\nplugin_author = "Ada"\n'}


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let programs that a test starts be interrupted, however the suite itself was started.

    A shell without job control starts what is in the background with interrupts ignored, which programs
    inherit and keep, as they should; a handler of ours is the default again where a program begins.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def person(github: GitHub, folder: Path, interruptible: None) -> Iterator[Person]:
    """Somebody who makes a registration of a plugin that says little."""
    github.world.update("ada/OctoPrint-Lamp", repository(BARE, license=None, description=None))
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    arguments = ["https://github.com/ada/OctoPrint-Lamp", "--out", str(folder), "--config", CONFIG]
    someone = Person(arguments, environment)
    yield someone
    if someone.process.poll() is None:
        someone.process.kill()
        someone.process.wait()


@pytest.mark.slow
def test_on_a_terminal_what_is_missing_is_asked_for_until_it_is_right(
    person: Person, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = person.read_until("description [TODO]: ")
    assert "title: Lamp (from the repository's name)\n" in shown
    assert "One sentence that says what the plugin does.\n" in shown
    assert "  found: TODO (from setup.py, plugin_description), which cannot stand as it is\n" in shown
    person.type("\n")
    refused = person.read_until("description [TODO]: ")
    assert "  'TODO' is the template's; write your own\n" in refused
    person.type("Lights the bed: always\n")
    assert "The licence, best by its SPDX identifier, e.g. AGPL-3.0-or-later.\n" in person.read_until(
        "license: "
    )
    person.type("  \n")
    assert "  this key is required; write a value\n" in person.read_until("license: ")
    person.type("MIT\n")
    status, _ = person.finish()
    assert status == 0
    data = parse((folder / "lamp.md").read_bytes(), "").data
    assert (data["description"], data["license"], data["author"]) == ("Lights the bed: always", "MIT", "Ada")
    assert_valid(folder / "lamp.md", capsys)


@pytest.mark.slow
def test_on_a_terminal_an_optional_value_that_cannot_be_is_told_and_not_asked_for(
    github: GitHub, folder: Path
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    arguments = [ADDRESS, "--out", str(folder), "--config", CONFIG, "--set", "compatibility.python=three"]
    status, shown = Person(arguments, environment).finish()
    assert status == 1
    assert shown.endswith(
        "new: --set compatibility.python: the notes above say what is wrong; give another value\n"
    )
    assert not list(folder.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_breaking_off_writes_nothing(key: str, person: Person, folder: Path) -> None:
    person.read_until("description [TODO]: ")
    person.type("Lights the bed\n")
    person.read_until("license: ")
    person.type(key)
    status, shown = person.finish()
    assert status == 1
    assert shown.endswith("new: broken off; nothing was written\n")
    assert "Traceback" not in shown
    assert not list(folder.iterdir())


@pytest.mark.slow
def test_breaking_off_while_reading_writes_nothing(folder: Path, github: GitHub, interruptible: None) -> None:
    with Index({"x": [Release("1", METADATA)]}, faults={"x": "hang"}) as index:
        command = [sys.executable, str(ROOT / "scripts/new.py"), "pypi:x", "--index", index.endpoint]
        process = subprocess.Popen(
            [*command, "--out", str(folder), "--config", CONFIG], stderr=subprocess.PIPE, text=True
        )
        assert index.wait_for(1, timeout_s=60)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    assert told.endswith("\nnew: broken off; nothing was written\n")
    assert "Traceback" not in told


# --- what the guide says ---------------------------------------------------------------------------------


def test_the_guide_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        new.main(["--help"])
    assert ended.value.code == 0
    guide = (ROOT / "docs/new.md").read_text(encoding="utf-8")
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert {option for option in options if f"`{option}" not in guide} == set()
