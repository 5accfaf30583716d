"""The command, asked against a real HTTP server that misbehaves in every way: nothing unsound is written."""

import gzip
import json
import tracemalloc
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

import restore
from registry import user_agent
from registry.facts.restore import ADDRESS
from registry.facts.state import dump_state, parse_state
from tests.emulators.server import Request, Response, Server

NOW = datetime.now(UTC).replace(microsecond=0)
LIVE, LOCAL, BASELINE = NOW - timedelta(hours=3), NOW - timedelta(hours=8), datetime(2020, 7, 24, tzinfo=UTC)


class Site(Server):
    """A web server with one answer for each path."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, list[Response]] = {}

    def put(self, *responses: Response, path: str = ADDRESS) -> None:
        """Answer `path` by one response after the other, the last one for ever."""
        self.pages[path] = list(responses)

    async def answer(self, request: Request) -> Response:
        left = self.pages.get(request.path) or [Response(status=404, body=b"<h1>Not found</h1>")]
        return left.pop(0) if len(left) > 1 else left[0]


def text_of(made: datetime | None, stars: int = 1) -> bytes:
    """A state's JSON."""
    content = {
        "schema_version": 1,
        "generated_at": made and f"{made:%Y-%m-%dT%H:%M:%SZ}",
        "listed": ["lamp"],
        "plugins": {
            "lamp": {
                "github": {
                    "fetched_at": "2026-01-01T00:00:00Z",
                    "source": "github",
                    "data": {"repo": "o/n", "stars": stars},
                }
            }
        },
    }
    return dump_state(parse_state(json.dumps(content).encode(), "test"))


def packed(made: datetime | None = LIVE, stars: int = 1) -> Response:
    """The state as GitHub Pages serves it."""
    body = gzip.compress(text_of(made, stars), mtime=0)
    return Response(headers={"Content-Type": "application/gzip"}, body=body, zip=False)


class Registry:
    """A registry in a temporary folder, with its live site."""

    def __init__(self, folder: Path, site: Site) -> None:
        self.folder, self.site = folder, site
        self.state = folder / "build/state.json"
        self.address = site.url + ADDRESS
        self.configure()

    def configure(self, **more: Any) -> None:
        registry: dict[str, Any] = {
            "host": {"name": "OctoPrint", "version": "1.11.8"},
            "packages": {"prefix": "octoprint_"},
            "entry_point_group": "octoprint.plugin",
            "compatibility": {
                "control_property": "__plugin_pythoncompat__",
                "default_python": ">=2.7,<3",
            },
            "baseline": "baseline.json",
            "limits": {"timeout_s": 0.5, "patience_s": 0.1},
            **more,
        }
        config = {"title": "x", "url": self.site.url, "registry": registry}
        (self.folder / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")

    def lay(self, name: str, raw: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(raw)

    def run(self, *more: str) -> int:
        config = str(self.folder / "_config.yml")
        return restore.main(["--state", str(self.state), "--config", config, *more])


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with Site() as site:
        yield Registry(tmp_path, site)


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str], registry: Registry) -> Any:
    """Return what was told on stderr, with short names for address and folder. Nothing goes to stdout."""

    def lines() -> list[str]:
        out, err = capsys.readouterr()
        assert out == ""
        short = err.replace(registry.address, "LIVE").replace(f"{registry.folder}/", "")
        return short.replace(registry.site.url, "SITE").splitlines()

    return lines


def minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def test_the_live_state_is_restored(registry: Registry, told: Any) -> None:
    registry.site.put(packed())
    assert registry.run("--no-baseline") == 0
    assert registry.state.read_bytes() == text_of(LIVE)
    assert told() == [
        f"restore: build/state.json is that of LIVE, of {minute(LIVE)} (3 hours old), 1 plugin, 1 kB"
    ]
    (request,) = registry.site.requests
    assert request.headers["user-agent"] == user_agent(registry.site.url)


def test_no_token_and_no_password_is_sent(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    registry.lay(".netrc", b"machine 127.0.0.1 login me password s3cret\n")
    (registry.folder / ".netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(registry.folder / ".netrc"))
    monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
    registry.site.put(packed())
    assert registry.run() == 0
    (request,) = registry.site.requests
    assert "authorization" not in request.headers
    assert "s3cret" not in str(request.headers)


def test_of_live_and_local_the_newer_one_wins(registry: Registry, told: Any) -> None:
    registry.lay("build/state.json", text_of(LOCAL, stars=9))
    registry.site.put(packed())
    assert registry.run() == 0
    assert registry.state.read_bytes() == text_of(LIVE)
    assert told() == [
        f"restore: build/state.json is that of LIVE, of {minute(LIVE)} (3 hours old), 1 plugin, 1 kB; it is "
        f"newer than the build/state.json of {minute(LOCAL)}"
    ]


@pytest.mark.parametrize("made", [LOCAL - timedelta(days=1), LOCAL, None])
def test_a_live_state_that_is_not_newer_leaves_the_local_one(
    registry: Registry, told: Any, made: datetime | None
) -> None:
    registry.lay("build/state.json", text_of(LOCAL, stars=9))
    registry.site.put(packed(made))
    assert registry.run() == 0
    assert registry.state.read_bytes() == text_of(LOCAL, stars=9)
    assert told() == [
        f"restore: build/state.json stays, of {minute(LOCAL)} (8 hours old), 1 plugin, 1 kB: that of LIVE is "
        "not newer"
    ]


@pytest.mark.parametrize("status", [404, 410])
def test_a_site_that_publishes_no_state_yet_is_no_failure(registry: Registry, told: Any, status: int) -> None:
    registry.site.put(Response(status=status))
    assert registry.run("--no-baseline") == 0
    assert told() == [
        "restore: nothing to restore, the first build begins with nothing known: LIVE publishes no state "
        "yet; the baseline baseline.json is not there"
    ]
    registry.lay("baseline.json", text_of(BASELINE))
    assert registry.run("--no-baseline") == 0
    (line,) = told()
    assert line.startswith("restore: the baseline baseline.json stands in, of 2020-07-24 00:00 UTC (")
    assert line.endswith(" days old), 1 plugin, 1 kB: LIVE publishes no state yet")
    registry.lay("build/state.json", text_of(LOCAL))
    assert registry.run("--no-baseline") == 0
    assert told()[0].endswith(": LIVE publishes no state yet")
    assert registry.state.read_bytes() == text_of(LOCAL)


def bomb(beginning: bytes = b"") -> bytes:
    """Ten gigabytes in ten megabytes: a compressed megabyte of zeros, ten thousand times."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = packer.compress(beginning) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * 10_000


GOOD = gzip.compress(text_of(LIVE), mtime=0)
HTML = b"<!DOCTYPE html><title>Sign in</title>" + b"<p>Welcome" * 200
FAULTS: Mapping[str, tuple[Response, str]] = {
    "zeros": (Response(body=bomb(), zip=False), "is refused: is neither a gzip file nor JSON"),
    "bomb": (
        Response(body=bomb(b'{"schema_version": 1, "x": "'), zip=False),
        "is refused: is larger than 8 MB, unpacked",
    ),
    "too large": (
        Response(body=b"\x1f\x8b" + bytes(40_000_000), zip=False),
        "could not be asked: answered more than 32 MB",
    ),
    "truncated gzip": (
        Response(body=GOOD[:-12], zip=False),
        "is refused: is cut short: its gzip does not end",
    ),
    "damaged gzip": (
        Response(body=GOOD[:-6] + b"xxxxxx", zip=False),
        "is refused: is damaged: its gzip cannot be unpacked",
    ),
    "rubbish behind": (
        Response(body=GOOD + b"x", zip=False),
        "is refused: has more behind its end; a state is one gzip file alone",
    ),
    "two members": (
        Response(body=GOOD + GOOD, zip=False),
        "is refused: has more behind its end; a state is one gzip file alone",
    ),
    "much behind": (
        Response(body=GOOD + bytes(200_000), zip=False),
        "is refused: has more behind its end; a state is one gzip file alone",
    ),
    "broken off": (
        Response(body=GOOD, zip=False, missing_bytes=100),
        "could not be asked: broke off its answer",
    ),
    "html": (
        Response(headers={"Content-Type": "text/html"}, body=HTML),
        "is refused: is neither a gzip file nor JSON",
    ),
    "html in gzip": (
        Response(body=gzip.compress(HTML), zip=False),
        "is refused: is neither a gzip file nor JSON",
    ),
    "three layers": (
        Response(body=gzip.compress(gzip.compress(GOOD)), zip=False),
        "is refused: is neither a gzip file nor JSON",
    ),
    "empty": (Response(), "is refused: is neither a gzip file nor JSON"),
    "no state": (
        Response(body=gzip.compress(b'{"a": 1'), zip=False),
        "is refused: is not JSON: Expecting ',' delimiter: line 1 column 8 (char 7)",
    ),
    "wrong schema": (
        Response(body=gzip.compress(b'{"schema_version": 0, "listed": [], "plugins": {}}'), zip=False),
        "is refused: schema_version: 0 is not one of 1 or 2",
    ),
    "of a newer Almanac": (
        Response(body=gzip.compress(b'{"schema_version": 3, "all": "new"}'), zip=False),
        "is refused: is of schema_version 3, and this Almanac reads 2: a newer one wrote it; update the "
        "checkout (git pull)",
    ),
    "deep": (
        Response(body=gzip.compress(b'{"plugins": ' + b"[" * 100_000), zip=False),
        "is refused: is not JSON that can be read: it is nested too deeply",
    ),
    "made tomorrow": (packed(datetime(2999, 1, 1, tzinfo=UTC)), "is refused: it was made "
                      "2999-01-01T00:00:00Z, which is yet to come"),
    "500": (Response(status=500), "could not be asked: answered 500"),
    "401": (Response(status=401), "could not be asked: answered 401: 127.0.0.1 does not let everybody read "
            "it, and no password is sent; open it or correct the address"),
    "403": (Response(status=403), "could not be asked: answered 403: 127.0.0.1 does not let everybody read "
            "it, and no password is sent; open it or correct the address"),
    "nested too deeply": (
        Response(
            body=gzip.compress(
                b'{"schema_version": 1, "listed": [], "plugins": {"a": {"github": {"data": '
                + b"[" * 400 + b"]" * 400 + b"}}}}"
            ),
            zip=False,
        ),
        "is refused: the whole: is nested too deeply",
    ),
    "nested far too deeply": (
        Response(body=gzip.compress(b'{"schema_version": ' + b"[" * 99_000), zip=False),
        "is refused: is not JSON that can be read: it is nested too deeply",
    ),
    "hang": (Response(hang=True), "could not be asked: no answer within 0.5 s"),
    "reset": (Response(status=0, ending="reset"), "could not be asked: no connection: ConnectionError"),
    "slow": (
        Response(body=GOOD, zip=False, chunk_bytes=1, pause_s=0.2),
        "could not be asked: the answer came too slowly",
    ),
    "to a file": (
        Response(status=302, headers={"Location": "file:///etc/passwd"}),
        "could not be asked: redirects to what is no http or https address",
    ),
    "in a circle": (
        Response(status=302, headers={"Location": ADDRESS}),
        "could not be asked: redirects more than 5 times",
    ),
    "to nothing": (
        Response(status=302, headers={"Location": "http://[x/"}),
        "could not be asked: redirects to what is no address",
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_what_does_not_fit_is_refused_whole(
    registry: Registry, told: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.facts.restore.MAX_STATE_BYTES", 8 << 20)
    response, reason = FAULTS[name]
    registry.site.put(response)
    assert registry.run() == 1
    assert told() == [
        f"restore: nothing stands in for the state: LIVE {reason}; the baseline baseline.json is not there"
    ]
    assert not registry.state.parent.exists()

    registry.lay("baseline.json", text_of(BASELINE))
    assert registry.run() == 0
    (line,) = told()
    assert line.startswith("restore: the baseline baseline.json stands in, of 2020-07-24 00:00 UTC")
    assert line.endswith(f": LIVE {reason}")
    assert registry.run("--no-baseline") == 1
    assert told() == [
        f"restore: nothing stands in for the state: LIVE {reason} (run without --no-baseline to build on the "
        "baseline)"
    ]
    assert not registry.state.parent.exists()

    registry.lay("build/state.json", text_of(LOCAL))
    assert registry.run("--no-baseline") == 0
    assert told()[0].endswith(f", 1 plugin, 1 kB: LIVE {reason}")
    assert registry.state.read_bytes() == text_of(LOCAL)


def test_a_bomb_costs_nothing(registry: Registry) -> None:
    registry.site.put(Response(body=bomb(), zip=False))
    tracemalloc.start()
    assert registry.run() == 1
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60_000_000  # the server's own ten megabytes are part of it


def test_a_site_that_cannot_be_reached_is_a_failure(registry: Registry, told: Any) -> None:
    with Site() as other:
        gone = other.url
    assert registry.run("--no-baseline", "--from", f"{gone}{ADDRESS}") == 1
    assert told() == [
        f"restore: nothing stands in for the state: {gone}{ADDRESS} could not be asked: no connection: "
        "ConnectionError (run without --no-baseline to build on the baseline)"
    ]


def test_an_answer_that_comes_at_the_second_try_is_taken(registry: Registry) -> None:
    registry.configure(limits={"timeout_s": 0.5, "patience_s": 5})
    registry.site.put(Response(status=503), packed())
    assert registry.run("--no-baseline") == 0
    assert registry.state.read_bytes() == text_of(LIVE)


@pytest.mark.parametrize(
    "response",
    [
        Response(headers={"Content-Encoding": "gzip"}, body=GOOD),
        Response(headers={"Content-Encoding": "gzip", "Content-Type": "application/json"}, body=GOOD),
        Response(headers={"Content-Encoding": "gzip"}, body=gzip.compress(GOOD)),
        Response(headers={"Content-Type": "application/gzip"}, body=GOOD),
        Response(headers={"Content-Type": "application/json"}, body=text_of(LIVE), zip=False),
        Response(headers={"Content-Type": "application/json"}, body=text_of(LIVE), zip=True),
    ],
)
def test_a_server_may_pack_it_for_the_way_or_unpack_it(registry: Registry, response: Response) -> None:
    registry.site.put(response)
    assert registry.run("--no-baseline") == 0
    assert registry.state.read_bytes() == text_of(LIVE)


def test_a_redirect_to_another_origin_is_followed(registry: Registry, told: Any) -> None:
    with Site() as moved:
        moved.put(packed(), path="/state")
        registry.site.put(Response(status=301, headers={"Location": f"{moved.url}/state"}))
        assert registry.run("--no-baseline") == 0
        assert "authorization" not in moved.requests[0].headers
    assert registry.state.read_bytes() == text_of(LIVE)
    assert told()[0].startswith("restore: build/state.json is that of LIVE, ")


def test_another_address_can_be_named(registry: Registry, told: Any) -> None:
    registry.site.put(packed(), path="/other.gz")
    assert registry.run("--from", f"{registry.site.url}/other.gz") == 0
    assert told()[0].startswith("restore: build/state.json is that of SITE/other.gz, ")


def test_a_local_state_that_is_broken_is_kept_aside(registry: Registry, told: Any) -> None:
    registry.lay("build/state.json", b"{broken")
    registry.site.put(packed())
    assert registry.run("--no-baseline") == 0
    assert registry.state.read_bytes() == text_of(LIVE)
    assert (registry.folder / "build/state.json.refused").read_bytes() == b"{broken"
    lines = told()
    assert lines[0].startswith("restore: build/state.json: is not JSON: ")
    assert lines[0].endswith("; kept as build/state.json.refused")
    assert len(lines) == 2


def test_a_local_state_that_is_broken_stands_in_for_nothing(registry: Registry, told: Any) -> None:
    registry.lay("build/state.json", b"{broken")
    registry.lay("baseline.json", b"{broken, too")
    registry.site.put(Response(status=500))
    assert registry.run() == 1
    assert "; the baseline cannot be used: baseline.json: is not JSON: " in told()[-1]
    assert not registry.state.exists()


def test_what_is_written_is_our_own_spelling_of_what_was_read(registry: Registry) -> None:
    content = json.loads(text_of(LIVE))
    content["plugins"]["lamp"]["of_the_future"] = {
        "fetched_at": "2026-01-01T00:00:00Z",
        "source": "x",
        "data": {"a": [1]},
    }
    registry.site.put(Response(body=gzip.compress(json.dumps(content, indent=3).encode()), zip=False))
    assert registry.run() == 0
    assert registry.state.read_bytes() == text_of(LIVE)


def test_a_folder_that_cannot_be_written_is_told(registry: Registry, told: Any) -> None:
    registry.lay("build", b"a file")
    registry.site.put(packed())
    assert registry.run() == 1
    assert told() == ["restore: build/state.json: Not a directory"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--from", "file:///etc/passwd"], "restore: --from: 'file:///etc/passwd' is no http or https "),
        (["--from", "https://me:pw@x.example/"], "restore: --from: 'https://me:pw@x.example/' holds a user "),
        (["--config", "nothing.yml"], "nothing.yml: cannot be read: No such file or directory"),
    ],
)  # fmt: skip
def test_wrong_usage_exits_2(registry: Registry, told: Any, arguments: list[str], words: str) -> None:
    assert registry.run(*arguments) == 2
    (line,) = told()
    assert line.startswith(words)
    assert registry.site.requests == []


def test_settings_without_an_address_are_wrong_usage(registry: Registry, told: Any) -> None:
    config = yaml.safe_load((registry.folder / "_config.yml").read_text())
    (registry.folder / "_config.yml").write_text(yaml.safe_dump({**config, "url": ""}), encoding="utf-8")
    assert registry.run() == 2
    assert told() == [
        f"restore: url: '{ADDRESS}' is no http or https address; write the whole address, e.g. "
        "'https://example.com/plugin'"
    ]


def test_unknown_options_exit_2() -> None:
    with pytest.raises(SystemExit) as caught:
        restore.main(["--nothing"])
    assert caught.value.code == 2
