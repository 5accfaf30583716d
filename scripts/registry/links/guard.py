"""The way out of the link check: a network backend that connects to public addresses alone.

An address in a registration is written by strangers, and so is each redirect. The name is resolved here,
every address that it has is checked, and the connection is made to the very address that was checked: a name
that answers differently the second time gains nothing. TLS still verifies the name.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import httpcore

WEB_PORTS = frozenset({80, 443})
TRIED = 4
"""Addresses of one name that are tried."""

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""(name, port) to the name's addresses. Raises socket.gaierror."""

_NOWHERE = tuple(
    map(
        ip_network,
        (
            # Public by its number, but it answers only inside Azure, where GitHub's runners live, and knows
            # secrets: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
            "168.63.129.16/32",
            # Special by IANA's registries, and to Python's `is_global` only in its later releases.
            "192.0.0.0/24",
            "192.88.99.0/24",
            "64:ff9b:1::/48",
            "3fff::/20",
            "5f00::/16",
        ),
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")


class Forbidden(httpcore.ConnectError):
    """The address must not be asked: not public, or no port of the web."""


class UnknownName(httpcore.ConnectError):
    """There is no such name."""


class Unresolved(httpcore.ConnectError):
    """Whether there is such a name could not be found out."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether this is an address of the public internet, also by whatever address it wraps."""
    if isinstance(address, IPv6Address):
        wrapped = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            wrapped.append(IPv4Address(int(address) & 0xFFFF_FFFF))
        if not all(is_public(inner) for inner in wrapped if inner is not None):
            return False
        if address.ipv4_mapped is not None:
            return True
        if address.is_site_local:
            return False
    return (
        address.is_global
        and not address.is_private
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_unspecified
        and not any(address in network for network in _NOWHERE)
    )


async def resolve(name: str, port: int) -> Sequence[str]:
    """Return the addresses of a name, IPv4 first: the machines of CI seldom have IPv6."""
    found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    found.sort(key=lambda entry: entry[0] != socket.AF_INET)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Guard(httpcore.AsyncNetworkBackend):
    """Resolves, checks and connects. `lookup` and `backend` (which connects) are the seams that tests use."""

    def __init__(
        self,
        *,
        ports: frozenset[int] = WEB_PORTS,
        lookup: Resolve = resolve,
        backend: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._ports = ports
        self._lookup = lookup
        self._backend = backend or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first of the name's addresses that answers. Raises httpcore's errors."""
        if port not in self._ports:
            raise Forbidden(f"port {port} is none of the web's")
        trouble: Exception = UnknownName("the name has no address")
        for address in (await self._addresses(host, port))[:TRIED]:
            try:
                return await self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
        raise trouble

    async def _addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host, checked. Raises Forbidden, UnknownName or Unresolved."""
        try:
            found = await self._lookup(host, port)
        except socket.gaierror as error:
            if error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)):
                raise UnknownName("there is no such name") from None
            raise Unresolved("the name server did not answer") from None
        except UnicodeError:
            raise UnknownName("this can be no name") from None
        try:
            addresses = [ip_address(text.partition("%")[0]) for text in found]
        except ValueError:
            raise UnknownName("the name leads to what is no address") from None
        for address in addresses:
            if not is_public(address):
                raise Forbidden(f"the name leads to {address}, which is not on the public internet")
        return [str(address) for address in addresses]

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002 - the base class has these
        timeout: float | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: no address of the web is a file."""
        raise Forbidden("no socket of this machine")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._backend.sleep(seconds)
