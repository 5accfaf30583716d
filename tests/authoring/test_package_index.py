"""A project of a package index tells its newest release's metadata, however the index misbehaves."""

import pytest

from registry.authoring.package_index import (
    DEFAULT_INDEX,
    PackageIndex,
    PackageIndexError,
    Project,
    project_of,
)
from tests.emulators.index import Index, Kind, Release, metadata

GITHUB = "https://github.com"
LAMP = metadata(
    "# Lamp\n\nLights up.\n",
    Name="Bed-Lamp",
    Version="1.1",
    Summary="Lights the bed",
    Author="Ada",
    Author_email="Ada Lovelace <ada@example.com>, bob@example.com",
    License_Expression="MIT",
    Requires_Python=">=3.9",
    Keywords="lamp,light",
    Classifier=["Framework :: napari"],
    Requires_Dist=["napari>=0.4", "numpy"],
    Project_URL=[
        "Bug Tracker, https://github.com/ada/issues-only/issues",
        "Source Code, http://user@github.com/ada/bed-lamp/tree/main",
        "Homepage, https://lamp.example/",
    ],
    Description_Content_Type="text/markdown; charset=UTF-8",
)


def ask(index: Index, name: str = "bed-lamp", timeout_s: float = 10) -> Project:
    with PackageIndex(index.endpoint, user_agent="Almanac/test", timeout_s=timeout_s) as client:
        return client.project(name, GITHUB)


@pytest.mark.parametrize("form", ["json", "html"])
def test_the_newest_release_tells_of_the_project(form: str) -> None:
    releases = [Release("1.0", metadata(Name="old")), Release("1.1", LAMP), Release("1.1", None, wheel=False)]
    with Index({"Bed.Lamp": releases}, form="html" if form == "html" else "json") as index:
        project = ask(index, "bed_lamp")
        agents = {request.headers["user-agent"] for request in index.requests}
    assert (project.name, project.version) == ("Bed-Lamp", "1.1")
    assert project.repository == "http://github.com/ada/bed-lamp"
    assert project.readme == "# Lamp\n\nLights up."
    assert project.readme_name == "README.md"
    assert [(told.field, told.value, told.where) for told in project.told] == [
        ("name", "Bed-Lamp", "the package index, Name"),
        ("summary", "Lights the bed", "the package index, Summary"),
        ("license", "MIT", "the package index, License-Expression"),
        ("python", ">=3.9", "the package index, Requires-Python"),
        ("author", "Ada", "the package index, Author"),
        ("author", "Ada Lovelace", "the package index, Author-email"),
        ("classifier", "Framework :: napari", "the package index, Classifier"),
        ("keyword", "lamp", "the package index, Keywords"),
        ("keyword", "light", "the package index, Keywords"),
        ("requires", "napari>=0.4", "the package index, Requires-Dist"),
        ("requires", "numpy", "the package index, Requires-Dist"),
        ("url", "https://lamp.example/", "the package index, Project-URL Homepage"),
        ("url", "https://github.com/ada/issues-only/issues", "the package index, Project-URL Bug Tracker"),
        (
            "url",
            "http://user@github.com/ada/bed-lamp/tree/main",
            "the package index, Project-URL Source Code",
        ),
    ]
    assert agents == {"Almanac/test"}


@pytest.mark.parametrize(
    ("releases", "version"),
    [
        ([Release("1.9", LAMP), Release("1.10", LAMP)], "1.10"),
        ([Release("1.0", LAMP), Release("2.0rc1", LAMP)], "1.0"),
        ([Release("2.0rc1", LAMP), Release("2.0b1", LAMP)], "2.0rc1"),
        ([Release("1.0", LAMP), Release("2.0", LAMP, yanked="broken")], "1.0"),
        ([Release("1.0", LAMP), Release("2.0", None)], "1.0"),
        ([Release("1.0", LAMP), Release("what", LAMP)], "1.0"),
    ],
)
def test_the_newest_release_is_a_full_one_that_is_not_yanked(releases: list[Release], version: str) -> None:
    with Index({"bed-lamp": releases}) as index:
        assert ask(index).version == version


OF_PROJECT = "the project 'bed-lamp': "
INSTEAD = "; give the repository's address instead"
UNREAD = OF_PROJECT + "the metadata of 1.0 could not be read: "
UNREADABLE = "the index gave no answer that can be read "


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("unavailable", "the index did not answer: it answered 500; try again later"),
        ("not-json", "the index did not answer: its answer is no JSON; try again later"),
        ("deep", f"{UNREADABLE}(RecursionError); check --index"),
        ("wrong-shape", f"{UNREADABLE}(ValidationError); check --index"),
        ("no-index", f"{UNREADABLE}(UnsupportedContentTypeError); check --index"),
        ("future", f"{UNREADABLE}(UnsupportedRepoVersionError); check --index"),
        ("huge", "the index did not answer: its answer is too long; try again later"),
        ("hang", "the index did not answer: not in time; try again later"),
        ("reset", "the index did not answer: there is no connection; try again later"),
        ("metadata-missing", f"{OF_PROJECT}its newest releases have no metadata of their own{INSTEAD}"),
        ("metadata-unavailable", f"{UNREAD}it answered 503{INSTEAD}"),
        ("metadata-changed", f"{OF_PROJECT}the metadata of 1.0 is not what the index promised{INSTEAD}"),
        ("metadata-huge", f"{UNREAD}its answer is too long{INSTEAD}"),
    ],
)
def test_a_fault_of_the_index_is_told_in_a_sentence(fault: Kind, message: str) -> None:
    releases = {"bed-lamp": [Release("1.0", LAMP)]}
    with Index(releases, faults={"bed-lamp": fault}) as index, pytest.raises(PackageIndexError) as told:
        ask(index, timeout_s=1)
    assert str(told.value) == message


UNUSABLE = "the project 'bed-lamp' cannot be used: "
YANKED = f"{UNUSABLE}all its releases are yanked; give the repository's address"


@pytest.mark.parametrize(
    ("releases", "message"),
    [
        ([], f"{UNUSABLE}it has no release; give the repository's address"),
        ([Release("1", LAMP, yanked=True)], YANKED),
        ([Release("1", None)], f"{OF_PROJECT}its newest releases have no metadata of their own{INSTEAD}"),
    ],
)
def test_a_project_without_usable_release_is_told(releases: list[Release], message: str) -> None:
    with Index({"bed-lamp": releases}) as index, pytest.raises(PackageIndexError) as told:
        ask(index)
    assert str(told.value) == message


def test_a_project_that_is_not_there_is_told() -> None:
    with Index({}) as index, pytest.raises(PackageIndexError) as told:
        ask(index, "nothing")
    assert str(told.value) == "the index knows no project 'nothing'; check its name, or give the repository"


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe\0", b"Name: x\nName: y", b": : :", b"Project-URL: no comma", b"<html>"]
)
def test_broken_metadata_tells_little_and_breaks_nothing(raw: bytes) -> None:
    with Index({"bed-lamp": [Release("1.0", raw)]}) as index:
        project = ask(index)
    assert project.repository == ""
    assert project.version == "1.0"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/project/bed-lamp/", "bed-lamp"),
        ("/project/bed-lamp/1.0/#files", "bed-lamp"),
        ("/simple/bed-lamp/", "bed-lamp"),
        ("/user/ada/", ""),
        ("/", ""),
    ],
)
def test_the_page_of_a_project_is_known_by_the_host_of_the_index(path: str, name: str) -> None:
    root = DEFAULT_INDEX.rstrip("/").removesuffix("/simple")
    assert project_of(root + path, DEFAULT_INDEX) == name
    assert project_of(root.replace("://", "://www.") + path, DEFAULT_INDEX) == name
    assert project_of("https://elsewhere.example" + path, DEFAULT_INDEX) == ""
    assert project_of("ftp" + root.removeprefix("https") + path, DEFAULT_INDEX) == ""
