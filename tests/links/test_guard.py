"""No address that a stranger wrote leads anywhere but to the public web."""

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import ip_address

import httpcore
import pytest

from registry.links.guard import Forbidden, Guard, UnknownName, Unresolved, is_public, resolve


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "192.0.0.192", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "168.63.129.16",
        "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
        "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2001:0:4136:e378:8000:63bf:80ff:fffe",
    ],
)  # fmt: skip
def test_an_address_that_is_not_of_the_internet_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


def test_a_public_address_is_public_when_it_is_written_as_ipv6() -> None:
    assert is_public(ip_address("::ffff:8.8.8.8"))


class Dialled(httpcore.AsyncNetworkBackend):
    """Remembers what was dialled; addresses in `silent` take no connection."""

    def __init__(self, *silent: str) -> None:
        self.dialled: list[tuple[str, int]] = []
        self.silent = silent

    async def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):  # type: ignore[no-untyped-def]
        self.dialled.append((host, port))
        if host in self.silent:
            raise httpcore.ConnectError("no route")
        return httpcore.AsyncMockStream([])


def connect(host: str, port: int, answers: Sequence[str] | Exception, backend: Dialled) -> None:
    async def lookup(name: str, port: int) -> Sequence[str]:
        if isinstance(answers, Exception):
            raise answers
        return answers

    asyncio.run(Guard(lookup=lookup, backend=backend).connect_tcp(host, port))


def test_the_connection_is_made_to_the_very_address_that_was_checked() -> None:
    backend = Dialled()
    connect("plugin.example", 443, ["93.184.215.14"], backend)
    assert backend.dialled == [("93.184.215.14", 443)]


def test_a_name_is_resolved_once_so_that_its_second_answer_gains_nothing() -> None:
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])
    backend = Dialled()

    async def lookup(name: str, port: int) -> Sequence[str]:
        return next(answers)

    asyncio.run(Guard(lookup=lookup, backend=backend).connect_tcp("rebinding.example", 80))
    assert backend.dialled == [("93.184.215.14", 80)]
    assert next(answers) == ["127.0.0.1"]


def test_a_second_address_is_tried_when_the_first_takes_no_connection() -> None:
    backend = Dialled("2606:2800:21f:cb07:6820:80da:af6b:8b2c")
    connect("plugin.example", 80, ["2606:2800:21f:cb07:6820:80da:af6b:8b2c", "93.184.215.14"], backend)
    assert backend.dialled[-1] == ("93.184.215.14", 80)


def test_one_private_address_among_public_ones_forbids_the_name() -> None:
    backend = Dialled()
    with pytest.raises(
        Forbidden, match=r"^the name leads to 10\.0\.0\.7, which is not on the public internet$"
    ):
        connect("mixed.example", 80, ["93.184.215.14", "10.0.0.7"], backend)
    assert backend.dialled == []


@pytest.mark.parametrize("port", [22, 25, 6379, 8080, 9200])
def test_a_port_that_is_none_of_the_webs_is_not_dialled(port: int) -> None:
    backend = Dialled()
    with pytest.raises(Forbidden, match=f"^port {port} is none of the web's$"):
        connect("plugin.example", port, ["93.184.215.14"], backend)
    assert backend.dialled == []


def test_a_zone_does_not_hide_a_link_local_address() -> None:
    with pytest.raises(Forbidden):
        connect("plugin.example", 80, ["fe80::1%eth0"], Dialled())


def test_an_unknown_name_and_a_silent_name_server_are_told_apart() -> None:
    with pytest.raises(UnknownName, match=r"^there is no such name$"):
        connect("gone.example", 80, socket.gaierror(socket.EAI_NONAME, "x"), Dialled())
    with pytest.raises(Unresolved, match=r"^the name server did not answer$"):
        connect("plugin.example", 80, socket.gaierror(socket.EAI_AGAIN, "x"), Dialled())
    with pytest.raises(UnknownName, match=r"^the name has no address$"):
        connect("empty.example", 80, [], Dialled())


def test_a_file_of_this_machine_is_no_way_out() -> None:
    with pytest.raises(Forbidden):
        asyncio.run(Guard(backend=Dialled()).connect_unix_socket("/var/run/docker.sock"))


@pytest.mark.parametrize("written", ["127.0.0.1", "2130706433", "0x7f.1", "127.1"])
def test_this_machine_is_found_out_however_its_number_is_written(written: str) -> None:
    backend = Dialled()
    with pytest.raises(Forbidden):
        asyncio.run(Guard(lookup=resolve, backend=backend).connect_tcp(written, 80))
    assert backend.dialled == []
