"""The command whole: registrations, the state, the world's servers and GitHub's issues."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import check_links
from registry import user_agent
from registry.facts.state import State, write_state
from registry.links import job
from registry.links.issue import LABEL, TITLE
from registry.settings import load_settings
from tests.emulators.github import GitHub
from tests.emulators.rest import BOT, Failure, RestWorld
from tests.emulators.server import Response
from tests.emulators.web import Web
from tests.support.builders import fact

ROOT = Path(__file__).resolve().parents[2]
MONDAY = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
PNG = {"Content-Type": "image/png"}


class Checked:
    """A registry's checkout and the world that its addresses lead to."""

    def __init__(self, folder: Path, web: Web, rest: RestWorld, github: GitHub) -> None:
        self.folder, self.web, self.rest, self.github = folder, web, rest, github
        self.now = MONDAY
        self.facts: dict[str, Any] = {}
        self.put("alpha")

    def put(self, name: str, body: str = "Hello.", **keys: str) -> None:
        """Write a registration; its addresses are those of `<name>.example`, and answer."""
        addresses = {
            "homepage": f"http://{name}.example/",
            "source": f"https://github.com/maker/{name}",
            "archive": f"http://{name}.example/main.zip",
            "featuredimage": f"http://{name}.example/tab.png",
            **keys,
        }
        head = [f"id: {name}", f"title: {name}", "description: A plugin", "license: MIT", "date: 2024-01-02"]
        lines = ["---", "layout: plugin", *head, *(f"{k}: {v}" for k, v in addresses.items()), "---", body]
        (self.folder / "_plugins" / f"{name}.md").write_text("\n".join(lines) + "\n")
        self.facts[name] = fact({"repo": f"maker/{name}", "archived": False})
        self.web.put(f"//{name}.example/", Response())
        self.web.put(f"//{name}.example/main.zip", Response())
        self.web.put(f"//{name}.example/tab.png", Response(headers=PNG))

    def run(self, *, post: bool = False, only: tuple[str, ...] = (), after: timedelta = WEEK) -> str:
        """Run the check, `after` the last run; return the report."""
        self.now += after
        facts = {name: {"github": found} for name, found in self.facts.items()}
        write_state(self.folder / "state.json", State(plugins=facts))
        job.check(
            job.Options(
                plugins=self.folder / "_plugins",
                state=self.folder / "state.json",
                out=self.folder / "out",
                post=post,
                only=only,
            ),
            load_settings([self.folder / "_config.yml"]),
            {
                "GITHUB_TOKEN": "t0ken",
                "GITHUB_API_URL": self.github.url,
                "GITHUB_REPOSITORY": "almanac/registry",
            },
            self.now,
            self.web.network(),
        )
        return (self.folder / "out" / "links.md").read_text()

    @property
    def report(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "out" / "links.json").read_text()))

    def issue(self) -> dict[str, Any]:
        (issue,) = self.rest.issues.values()
        return issue


@pytest.fixture
def checked(tmp_path: Path) -> Iterator[Checked]:
    (tmp_path / "_plugins").mkdir()
    (tmp_path / "_config.yml").write_bytes((ROOT / "_config.yml").read_bytes())
    rest = RestWorld(tokens={"t0ken": {"issues": "write"}})
    with Web(tmp_path) as web, GitHub(rest=rest, token="t0ken") as github:
        made = Checked(tmp_path, web, rest, github)
        yield made
    assert rest.faults == []


def test_links_that_are_well_leave_nothing_to_tell(checked: Checked) -> None:
    assert checked.run(post=True) == (
        "The links of 1 plugins, checked on 2026-11-09. 4 addresses: 4 well.\n\nNothing is to be mended.\n"
    )
    assert checked.rest.issues == {}
    assert sorted(checked.web.asked()) == [
        "HEAD alpha.example/", "HEAD alpha.example/main.zip", "HEAD alpha.example/tab.png",
    ]  # fmt: skip


def test_nothing_secret_goes_to_the_world(checked: Checked) -> None:
    checked.run()
    for request in checked.web.requests:
        assert sorted(request.headers) == ["accept", "accept-encoding", "host", "user-agent"]
        assert request.headers["user-agent"] == user_agent("https://plugins.example.org", "link check")


def test_a_dead_link_is_told_in_the_second_week(checked: Checked, capsys: pytest.CaptureFixture[str]) -> None:
    checked.web.put("//alpha.example/main.zip", Response(status=404))
    first = checked.run(post=True)
    assert "## Failed once (1)" in first
    assert checked.rest.issues == {}
    capsys.readouterr()
    second = checked.run(post=True)
    assert "## To mend (1)" in second
    told = capsys.readouterr()
    file = checked.folder / "_plugins" / "alpha.md"
    assert told.out == (
        f"{file}:10: archive: http://alpha.example/main.zip answers 404, not found; nobody can install the "
        "plugin from here: write the address of an archive that exists (since 2026-11-09)\n"
    )
    assert told.err.endswith("1 to look at, 0 failed for the first time\ncheck_links: opened issue #1\n")
    issue = checked.issue()
    assert (issue["title"], issue["labels"], issue["user"]) == (TITLE, [LABEL], BOT)
    assert issue["body"].startswith("<!-- almanac:link-report ")
    assert issue["body"].endswith(f"\n\n{second}")


def test_the_issue_follows_the_links_from_week_to_week(checked: Checked) -> None:
    checked.put("beta")
    checked.web.put("//alpha.example/main.zip", Response(status=404))
    checked.run(post=True)
    checked.run(post=True)
    before = checked.issue()["body"]
    checked.run(post=True)
    assert checked.issue()["body"] != before, "the day is new"
    assert checked.rest.comments == [], "nothing has changed"

    checked.web.put("//beta.example/", Response(status=410))
    checked.run(post=True)
    assert checked.rest.comments == [], "it failed once"
    checked.run(post=True)
    (comment,) = checked.rest.comments
    assert comment["body"] == "New since the last report (1):\n\n- beta: homepage (dead)\n"

    checked.web.put("//beta.example/", Response())
    checked.run(post=True)
    assert len(checked.rest.comments) == 1, "what was mended needs no notice"

    checked.web.put("//alpha.example/main.zip", Response())
    checked.run(post=True)
    assert checked.issue()["state"] == "closed"
    assert checked.rest.comments[-1]["body"] == "Nothing is left to mend. Thank you."
    checked.run(post=True)
    assert len(checked.rest.comments) == 2

    checked.web.put("//alpha.example/main.zip", Response(status=404))
    checked.run(post=True)
    checked.run(post=True)
    assert checked.issue()["state"] == "open"
    assert checked.rest.comments[-1]["body"].startswith("New since the last report (1):")


def test_an_issue_of_somebody_else_is_left_alone(checked: Checked) -> None:
    theirs = f"<!-- almanac:link-report {'0' * 16} -->"
    checked.rest.add_label(LABEL, description="x")
    checked.rest.add_issue(TITLE, body=theirs, user="mallory", labels=[LABEL])
    checked.rest.add_issue(TITLE, body="about links", user=BOT, labels=[LABEL])
    checked.facts["alpha"] = fact({"repo": "maker/New", "archived": False})
    checked.run(post=True)
    assert [issue["body"][:40] for issue in checked.rest.issues.values()][:2] == [theirs[:40], "about links"]
    assert len(checked.rest.issues) == 3


def test_what_the_state_knows_is_told_without_a_request(checked: Checked) -> None:
    checked.put("gone", archive="https://github.com/maker/gone/archive/main.zip")
    checked.put("renamed")
    checked.put("old")
    checked.facts |= {
        "gone": fact({"repo": "maker/gone"}, gone_since=MONDAY - WEEK),
        "renamed": fact({"repo": "owner/Renamed", "archived": False}),
        "old": fact({"repo": "maker/old", "archived": True}),
    }
    text = checked.run()
    assert "2 dead" in text
    assert "write source&#58;&#8203; `https://github.com/owner/Renamed`" in text
    assert "## Archived repositories (1)" in text
    assert "github.com" not in checked.web.looked_up


def test_an_image_that_has_become_a_page_has_vanished(checked: Checked) -> None:
    checked.web.put("//alpha.example/tab.png", Response(headers={"Content-Type": "text/html"}))
    checked.run()
    assert "is no image but text/html" in checked.run()


def test_an_image_of_the_site_must_be_a_file_below_it(checked: Checked, tmp_path: Path) -> None:
    (tmp_path / "assets" / "img").mkdir(parents=True)
    (tmp_path / "assets" / "img" / "there is.png").write_bytes(b"x")
    (tmp_path / "assets" / "img" / "link.png").symlink_to("/etc/passwd")
    checked.put("alpha", featuredimage="/assets/img/there%20is.png")
    assert "Nothing is to be mended" in checked.run()
    for path in ("/assets/img/link.png", "/assets/img/none.png"):
        checked.put("alpha", featuredimage=path)
        assert "names a file that is not there" in checked.run()


def test_links_of_the_body_are_told_with_their_line(checked: Checked) -> None:
    checked.put("alpha", body="Hello.\n\nSee [the manual](http://alpha.example/manual#top).")
    checked.web.put("//alpha.example/manual", Response(status=301, headers={"Location": "/docs"}))
    checked.web.put("//alpha.example/docs", Response())
    checked.run()
    (finding,) = checked.report["findings"]
    assert (finding["line"], finding["key"], finding["url"]) == (15, "body", "http://alpha.example/manual")
    assert finding["message"] == "has moved to http://alpha.example/docs; write the new address in the text"


def test_no_address_of_a_registration_reaches_this_machine(checked: Checked) -> None:
    checked.put("alpha", homepage="http://127.0.0.1/", archive="http://169.254.169.254/latest/meta-data")
    checked.put("beta", homepage="http://inside.example/")
    checked.web.addresses["inside.example"] = ["10.0.0.5"]
    checked.run()
    assert {address for address, _ in checked.web.connected} == {"93.184.215.14"}
    assert [finding["kind"] for finding in checked.report["findings"]] == ["unsafe"] * 3


def test_one_plugin_can_be_looked_at_alone(checked: Checked) -> None:
    checked.put("beta")
    checked.web.put("//beta.example/", Response(status=404))
    checked.run()
    checked.web._plain.requests.clear()
    checked.run(only=("alpha",))
    assert all("alpha" in asked for asked in checked.web.asked())
    assert "http://beta.example/" in checked.report["failures"], "what is known of the others stays"


def test_a_report_that_cannot_be_posted_fails_the_run_after_it_was_written(checked: Checked) -> None:
    checked.facts["alpha"] = fact({"repo": "maker/New"})
    checked.rest.failures.append(Failure(kind="forbidden", method="POST"))
    with pytest.raises(job.PostingError, match=r"^the report was not posted: POST .* answered 403") as caught:
        checked.run(post=True)
    assert "t0ken" not in str(caught.value)
    assert len(checked.report["findings"]) == 1


# The command itself


@pytest.fixture
def here(checked: Checked, monkeypatch: pytest.MonkeyPatch) -> Checked:
    monkeypatch.chdir(checked.folder)
    for name in ("GITHUB_TOKEN", "GITHUB_REPOSITORY", "GITHUB_STEP_SUMMARY", "GITHUB_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    return checked


def test_the_command_never_fails_for_a_links_sake(here: Checked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(here.folder / "summary.md"))
    here.web.put("//alpha.example/", Response(status=500))
    assert check_links.main(["--state", "none.json"], network=here.web.network()) == 0
    written = (here.folder / "build" / "links" / "links.md").read_text()
    assert (here.folder / "summary.md").read_text() == written
    report = json.loads((here.folder / "build" / "links" / "links.json").read_text())
    assert report["findings"][0]["file"] == "_plugins/alpha.md"


def test_without_a_state_repositories_are_visited(here: Checked, capsys: pytest.CaptureFixture[str]) -> None:
    check_links.main(["--state", "none.json"], network=here.web.network())
    assert "github.com" in here.web.looked_up
    assert capsys.readouterr().err.startswith(
        "check_links: none.json: there is no state, so repositories are visited like any address\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--post"], "--post needs GITHUB_TOKEN and GITHUB_REPOSITORY; set them, or leave it out"),
        (["--post", "--only", "alpha"],
         "--post tells of all plugins and --only looks at some; leave out one of the two"),
        (["--only", "nosuch"], "--only: no registration is named nosuch"),
        (["--plugins", "nowhere"], "nowhere: No such file or directory; name the folder by --plugins"),
        (["--config", "none.yml"], "none.yml: cannot be read: No such file or directory"),
    ],
)  # fmt: skip
def test_options_that_make_no_sense_are_told(
    here: Checked, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert check_links.main(arguments, network=here.web.network()) == 2
    assert capsys.readouterr().err == f"check_links: {message}\n"
    assert here.web.requests == []
