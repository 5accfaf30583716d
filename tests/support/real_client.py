"""OctoPrint itself, started without a printer or the internet, reading a folder of feeds.

`run_client` asks what the server made of them, `browse_client` looks at its page. By hand, and on a built
site: `python -m tests.support.real_client _site`.
"""

import contextlib
import http.server
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.chromium import open_chromium

ROOT = Path(__file__).resolve().parents[2]
START_UP_S = 60
"""Seconds after which an OctoPrint that does not listen is ended; it takes about two."""
QUIT_S = 10
KEY = "0123456789ABCDEF0123456789ABCDEF"
STUB_VERSION = "0.0.1"
"""Version of the installed plugins that notices, blocklist and overlays speak of."""

# Plugins of OctoPrint that go out to the internet or look for hardware; none of them reads our feeds.
DISABLED = [
    "achievements",
    "discovery",
    "errortracking",
    "file_check",
    "firmware_check",
    "health_check",
    "pi_support",
    "tracking",
    "virtual_printer",
]

WIZARDS = ("backup", "classicwebcam", "corewizard", "gcodeviewer", "softwareupdate")
"""Plugins that greet a first visitor with questions."""

STUB = """
__plugin_name__ = {name!r}
__plugin_version__ = {version!r}
__plugin_pythoncompat__ = ">=2.7,<4"


def check():
    # A check that asks nobody: its update is of this version already.
    return {{
        {key!r}: {{
            "type": "always_current",
            "displayName": {name!r},
            "displayVersion": {version!r},
            "current_version": {version!r},
            "user": "first-maintainer",
            "repo": "first-repository",
            "pip": "https://example.org/{{target_version}}.zip",
        }}
    }}


__plugin_hooks__ = {{"octoprint.plugin.softwareupdate.check_config": check}}
"""

# Shows what OctoPrint made of the feeds, from its own objects.
PROBE = """
import platform

import flask
import octoprint
import octoprint.plugin
import octoprint.plugins.softwareupdate as softwareupdate
from octoprint.util.version import is_python_compatible

__plugin_name__ = "Probe"
__plugin_version__ = "1.0.0"
__plugin_pythoncompat__ = ">=3.7,<4"


class Probe(octoprint.plugin.BlueprintPlugin):
    def is_blueprint_csrf_protected(self):
        return True

    def _of(self, key):
        return self._plugin_manager.get_plugin_info(key).implementation

    @octoprint.plugin.BlueprintPlugin.route("/reads")
    def reads(self):
        manager = self._of("pluginmanager")
        manager._repository_available = manager._refresh_repository()
        manager._notices_available = manager._refresh_notices()
        return flask.jsonify(
            versions=[octoprint.__version__, platform.python_version()],
            ids=sorted(manager._repository_plugins_by_id),
            notices=[
                {key: value for key, value in notice.items() if key != "timestamp"}
                for notices in manager._notices.values()
                for notice in notices
            ],
            blocked=[
                [entry, ""] if isinstance(entry, str) else [entry[0], str(entry[1])]
                for entry in self._plugin_manager.plugin_blacklist
            ],
        )

    @octoprint.plugin.BlueprintPlugin.route("/checks/<python>")
    def checks(self, python):
        updates = self._of("softwareupdate")
        updates._overlay_cache_timestamp = None
        if python == "py2":  # what an installation on Python 2 would answer
            softwareupdate.is_python_compatible = lambda specifier: True
        try:
            overlays = updates._get_check_overlays(force=True)
            updates._refresh_configured_checks = True
            checks = updates._get_configured_checks()
        finally:
            softwareupdate.is_python_compatible = is_python_compatible
        return flask.jsonify(overlays=overlays, checks=checks)


__plugin_implementation__ = Probe()
"""


# What a person would do in the page: open the list, sort it by everything, drop the filters, search, read
# the notices. Knockout stops rendering at the first entry that lacks something.
BROWSE = """async () => {
  const manager = OctoPrint.coreui.viewmodels.pluginManagerViewModel;
  const list = manager.repositoryplugins;
  const box = document.querySelector("#settings_plugin_pluginmanager_repositorydialog_list");
  const answer = await OctoPrint.plugins.pluginmanager.getRepository();
  manager.fromRepositoryResponse(answer.repository);
  for (const name of list.currentFilters().slice()) list.removeFilter(name);
  const sorted = {};
  for (const name of ["title", "published", "popularity", "release_date", "push_date", "stars"]) {
    list.changeSorting(name);
    sorted[name] = list.paginatedItems().map((item) => item.id);
  }
  const shown = [...box.querySelectorAll("[data-bind='text: title']")].map((node) => node.textContent);
  const addresses = [...box.querySelectorAll("a[href]")].map((node) => node.getAttribute("href"));
  const foreign = box.querySelectorAll("script, img, b, iframe").length;
  manager.repositorySearchQuery("figures of every");
  const found = list.paginatedItems().map((item) => item.id);
  manager.repositorySearchQuery("");
  const plugins = await OctoPrint.plugins.pluginmanager.getPlugins();
  manager.fromPluginsResponse(plugins.plugins, {});
  for (const plugin of manager.plugins.allItems) manager.showPluginNotifications(plugin);
  const notices = [...document.querySelectorAll(".ui-pnotify-text")].map((node) => ({
    text: node.querySelector("p").textContent,
    links: [...node.querySelectorAll("a")].map((link) => link.getAttribute("href")),
    foreign: node.querySelectorAll("script, img, b, iframe, [onmouseover], [onclick]").length,
  }));
  return {sorted, shown, addresses, foreign, found, notices};
}"""


class ClientError(RuntimeError):
    """OctoPrint could not be started or asked; the message holds what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """What OctoPrint made of a folder of feeds."""

    repository: dict[str, Any]
    """`available` and `plugins` as the browser gets them, `is_compatible` worked out for each."""
    installed: dict[str, dict[str, Any]]
    """Installed plugins by identifier, with `notifications`, `blacklisted` and `attributes`."""
    versions: list[str]
    """Of OctoPrint and of its Python."""
    ids: list[str]
    notices: list[dict[str, Any]]
    blocked: list[list[str]]
    """Identifier and specifier ("" for every version) of each blocked version."""
    checks: dict[str, Any]
    """`overlays` as fetched, and the update `checks` under them."""
    checks_py2: dict[str, Any]
    """The same for an installation on Python 2."""
    updates_py2: dict[str, Any]
    """What the list of updates shows under `checks_py2`, by identifier."""
    news: list[dict[str, Any]]
    requests: list[str]
    """Paths that OctoPrint asked our server for."""
    log: str

    def complaints(self) -> list[str]:
        """Return the log's warnings, errors and tracebacks, without those that we know the reason of."""
        return [
            line
            for line in self.log.splitlines()
            if re.search(r" - (WARNING|ERROR|CRITICAL) - |^Traceback|^\w*(Error|Exception)\b", line)
            and not any(known in line for known in KNOWN_WARNINGS)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the page of the plugin manager shows in a browser."""

    sorted: dict[str, list[str]]
    """Identifiers in the list, by the way it is sorted."""
    shown: list[str]
    """Titles as they can be read."""
    addresses: list[str]
    foreign: int
    """Elements that only a feed could have brought into the list."""
    found: list[str]
    """Identifiers that a search gives."""
    notices: list[dict[str, Any]]
    """Each with its `text`, its `links` and what `foreign` elements it brought."""
    errors: list[str]
    """Errors and dialogs of the page."""


KNOWN_WARNINGS = (
    " is blacklisted.",  # what the blocklist is for
    "The global API key was just used.",  # how the test asks
)


def octoprint_python() -> Path:
    """Return the Python that has OctoPrint. Raises ClientError when there is none."""
    python = Path(os.environ.get("OCTOPRINT_PYTHON") or ROOT / ".cache/octoprint/bin/python")
    if not python.is_file():
        raise ClientError(
            f"there is no OctoPrint at {python}: `make test` installs it (requirements-octoprint.txt), "
            "or OCTOPRINT_PYTHON names a Python that has it"
        )
    return python


def browse_client(feeds: Path, folder: Path) -> Look:
    """Start OctoPrint on `feeds`, look at its plugin manager in Chromium, and end both.

    `folder` must be empty. Raises ClientError.
    """
    errors: list[str] = []
    with _serve(feeds) as (address, _):
        _configure(folder, address, _steered(feeds))
        with _octoprint(octoprint_python(), folder) as ask, open_chromium() as browser:
            page = browser.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("dialog", lambda dialog: errors.append(dialog.message))
            page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
            page.goto(f"http://127.0.0.1:{ask.args[0]}/")
            page.wait_for_function(
                "() => window.OctoPrint?.coreui?.viewmodels?.loginStateViewModel?.username() === 'admin'",
                timeout=START_UP_S * 1000,
            )
            seen = page.evaluate(BROWSE)
    return Look(**seen, errors=errors)


def run_client(feeds: Path, folder: Path) -> Reads:
    """Start OctoPrint on `feeds`, ask what it made of them, and end it. `folder` must be empty.

    Plugins that the feeds speak of are installed as stubs. Raises ClientError.
    """
    python = octoprint_python()
    with _serve(feeds) as (address, requests):
        _configure(folder, address, _steered(feeds))
        with _octoprint(python, folder) as ask:
            reads = ask("/plugin/almanac_probe/reads")
            repository = ask("/plugin/pluginmanager/repository")["repository"]
            installed = ask("/plugin/pluginmanager/plugins")["plugins"]
            checks = ask("/plugin/almanac_probe/checks/py3")
            checks_py2 = ask("/plugin/almanac_probe/checks/py2")
            updates = ask("/plugin/softwareupdate/check?force=true")["information"]
            channels = ask("/plugin/announcements/channels?force=true")["channels"]
    return Reads(
        repository=repository,
        installed={plugin["key"]: plugin for plugin in installed},
        versions=reads["versions"],
        ids=reads["ids"],
        notices=reads["notices"],
        blocked=reads["blocked"],
        checks=checks,
        checks_py2=checks_py2,
        updates_py2=updates,
        news=next(channel["data"] for channel in channels if channel["key"] == "_plugins"),
        requests=requests,
        log=(folder / "logs/octoprint.log").read_text(encoding="utf-8"),
    )


@contextlib.contextmanager
def _serve(feeds: Path) -> Iterator[tuple[str, list[str]]]:
    requests: list[str] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            requests.append(self.path)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(feeds)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", requests
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _steered(feeds: Path) -> set[str]:
    """Return the identifiers that notices, blocklist and overlays name and that can be a module's name."""
    ids = set()
    for name in ("notices", "blocklist"):
        ids |= {entry["plugin"] for entry in json.loads((feeds / f"{name}.json").read_bytes())}
    for name in ("update_check_overlay", "update_check_overlay_py2"):
        ids |= set(json.loads((feeds / f"{name}.json").read_bytes()))
    return {key for key in ids if key.isidentifier() and key != "octoprint"}


def _configure(folder: Path, address: str, stubs: set[str]) -> None:
    plugins = folder / "plugins"
    plugins.mkdir(parents=True)
    for key in stubs:
        stub = STUB.format(key=key, name=f"Stub of {key}", version=STUB_VERSION)
        (plugins / f"{key}.py").write_text(stub, encoding="utf-8")
    (plugins / "almanac_probe.py").write_text(PROBE, encoding="utf-8")
    config = {
        "api": {"key": KEY},
        "accessControl": {
            "autologinLocal": True,
            "autologinAs": "admin",
            "localNetworks": ["127.0.0.0/8"],
            "autologinHeadsupAcknowledged": True,
        },
        "server": {
            "firstRun": False,
            "seenWizards": dict.fromkeys(WIZARDS, 99),
            "onlineCheck": {"enabled": False},  # counts as online
            "pluginBlacklist": {"enabled": True, "url": f"{address}/blacklist.json"},
        },
        "plugins": {
            "_disabled": DISABLED,
            "pluginmanager": {
                "repository": f"{address}/plugins.json",
                "notices": f"{address}/notices.json",
            },
            "softwareupdate": {
                "check_overlay_url": f"{address}/update_check_overlay.json",
                "check_overlay_py2_url": f"{address}/update_check_overlay_py2.json",
                # OctoPrint's own check would ask GitHub; what config.yaml says wins over overlays.
                "checks": {"octoprint": {"type": "always_current", "current_version": "1"}},
            },
            "announcements": {
                "enabled_channels": ["_plugins"],
                "forced_channels": [],
                "channels": {"_plugins": {"type": "rss", "url": f"{address}/feed.xml"}},
            },
        },
    }
    admin = {"active": True, "groups": ["admins", "users"], "password": "", "permissions": [], "settings": {}}
    for name, content in (("config", config), ("users", {"admin": {**admin, "apikey": None}})):
        (folder / f"{name}.yaml").write_text(json.dumps(content), encoding="utf-8")  # JSON is YAML


@contextlib.contextmanager
def _octoprint(python: Path, folder: Path) -> Iterator[Any]:
    """Yield a function that asks the running server for a path's JSON; it is gone afterwards for sure."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(python), "-m", "octoprint", "serve", "--iknowwhatimdoing"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--basedir", str(folder)]
    environment = {"HOME": str(folder), "LANG": "C.UTF-8", "PATH": os.environ.get("PATH", os.defpath)}
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # a process group of its own, so that all of it can be ended
    )
    watchdog = threading.Timer(START_UP_S, partial(_signal, process, signal.SIGKILL))
    watchdog.start()
    said: list[str] = []
    reader = threading.Thread(target=lambda: said.extend(process.stdout or ()), daemon=True)
    try:
        for line in process.stdout or ():
            said.append(line)
            if "Listening on http" in line:
                break
        else:
            raise ClientError(f"OctoPrint did not start:\n{''.join(said[-40:])}")
        watchdog.cancel()
        reader.start()  # a full pipe would stop the server
        yield partial(_ask, port)
    finally:
        watchdog.cancel()
        watchdog.join()
        _end(process)
        if reader.is_alive():
            reader.join()
        if process.stdout:
            process.stdout.close()


def _ask(port: int, path: str) -> Any:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"X-Api-Key": KEY})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=30) as response:
            return json.load(response)
    except OSError as error:
        raise ClientError(f"OctoPrint did not answer {path}: {error}") from error


def _end(process: subprocess.Popen[str]) -> None:
    _signal(process, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(QUIT_S)
    _signal(process, signal.SIGKILL)  # also for what the server itself has started
    process.wait()


def _signal(process: subprocess.Popen[str], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def main(feeds: str) -> int:
    """Print what OctoPrint makes of the folder `feeds`; return 1 when it complains."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        reads = run_client(Path(feeds), Path(folder) / "octoprint")
    print("OctoPrint {} on Python {}: ".format(*reads.versions), end="")
    print(f"{len(reads.repository['plugins'])} plugins, {len(reads.notices)} notices, ", end="")
    print(f"{len(reads.blocked)} blocked, {len(reads.checks['overlays'])} overlays, ", end="")
    print(f"{len(reads.checks_py2['overlays'])} on Python 2, {len(reads.news)} news")
    print("\n".join(reads.complaints()))
    return 1 if reads.complaints() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
