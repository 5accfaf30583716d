"""The world's web servers: names with public addresses, plain and over TLS, able to misbehave.

`with Web(folder) as web:` serves. The link check reaches it by `web.network()`: names are resolved from
`web.addresses`, and a connection to any of those addresses ends at a server of this machine. So the check's
guard is in force whole: it sees public addresses where a test names some, and private ones where a test does.
"""

import asyncio
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpcore

from registry.links.job import Network
from tests.emulators.server import Request, Response, Server

PUBLIC = "93.184.215.14"
Page = Response | Callable[[Request], Response]


class Web:
    """Hosts and their pages. A host that has no address is unknown, a page that is not there answers 404."""

    def __init__(self, folder: Path) -> None:
        """`folder` takes the certificates that are made here."""
        self.addresses: dict[str, list[str]] = {}
        self.pages: dict[tuple[str, str], list[Page]] = {}
        self.name_servers_fail = False
        self.hanging: set[str] = set()
        """Addresses that take no connection and say nothing."""
        self.closed: set[str] = set()
        """Addresses that refuse connections."""
        self.looked_up: list[str] = []
        self.connected: list[tuple[str, int]] = []
        """(address, port) of each connection that was tried."""
        self.slept: list[float] = []
        self.now = 1_000.0
        self._folder = folder
        self._plain = _Hosts(self.pages)
        self._tls = _TlsHosts(self.pages, folder)

    def __enter__(self) -> Self:
        self._plain.__enter__()
        self._tls.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tls.__exit__(kind, error, trace)
        self._plain.__exit__(kind, error, trace)

    def put(self, url: str, *answers: Page, address: str = PUBLIC) -> None:
        """Answer at `url` (scheme aside) with `answers`, one after another; the last one stays."""
        host, _, path = url.partition("//")[2].partition("/")
        self.addresses.setdefault(host, [address])
        self.pages[host, f"/{path}"] = list(answers)

    @property
    def requests(self) -> list[Request]:
        """All requests, plain ones first."""
        return [*self._plain.requests, *self._tls.requests]

    def asked(self) -> list[str]:
        """Return each request as `HEAD host/path`, plain ones first."""
        return [f"{r.method} {r.headers['host']}{r.target}" for r in self.requests]

    def network(self, *, timeout_s: float = 5.0) -> Network:
        """Return the way to this world, on a clock that passes by sleeping alone."""
        return Network(
            lookup=self.look_up,
            backend=_Wires(self),
            ssl_context=ssl.create_default_context(cafile=str(self._folder / "known.pem")),
            timeout_s=timeout_s,
            sleep=self.sleep,
            clock=lambda: self.now,
        )

    async def look_up(self, name: str, port: int) -> Sequence[str]:
        """Resolve as a name server would; a name that is an address is itself."""
        self.looked_up.append(name)
        if self.name_servers_fail:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        if name.replace(".", "").isdigit() or ":" in name:
            return [name]
        if name not in self.addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return self.addresses[name]

    async def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    def port(self, port: int) -> int:
        """Return where a port of the web really is."""
        return self._tls.port if port == 443 else self._plain.port


class _Wires(httpcore.AnyIOBackend):
    """Connects whatever address was checked to this machine's servers."""

    def __init__(self, web: Web) -> None:
        self._web = web

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self._web.connected.append((host, port))
        if host in self._web.hanging:
            raise httpcore.ConnectTimeout
        if host in self._web.closed:
            raise httpcore.ConnectError
        return await super().connect_tcp(
            "127.0.0.1", self._web.port(port), timeout, local_address, socket_options
        )


class _Hosts(Server):
    """Every host on one port."""

    def __init__(self, pages: dict[tuple[str, str], list[Page]]) -> None:
        super().__init__()
        self._pages = pages

    async def answer(self, request: Request) -> Response:
        answers = self._pages.get((request.headers.get("host", ""), request.target))
        if not answers:
            return Response(status=404)
        page = answers.pop(0) if len(answers) > 1 else answers[0]
        return page(request) if callable(page) else page


class _TlsHosts(_Hosts):
    """The same over TLS. `selfsigned.example` has a certificate that nobody knows."""

    def __init__(self, pages: dict[tuple[str, str], list[Page]], folder: Path) -> None:
        super().__init__(pages)
        self._context = _certified(folder, "known")
        unknown = _certified(folder, "unknown")

        def choose(connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
            if name == "selfsigned.example":
                connection.context = unknown

        self._context.sni_callback = choose

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        # A client that does not like the certificate hangs up, which is no news to the loop.
        self._loop.set_exception_handler(lambda loop, context: None)
        self._server = await asyncio.start_server(
            self._connected, self.host, self.port, ssl=self._context, backlog=512
        )
        self.port = self._server.sockets[0].getsockname()[1]


def _certified(folder: Path, name: str) -> ssl.SSLContext:
    """Return the context of a server with a new certificate, kept as `<name>.pem`, for three names."""
    key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days", "2", "-subj", f"/CN={name}", "-addext",
            "subjectAltName=" + ",".join(f"DNS:{host}.example" for host in ("plugin", "new", "selfsigned")),
            "-keyout", str(key), "-out", str(certificate),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
