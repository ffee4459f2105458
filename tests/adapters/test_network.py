"""Which address a machine has for others: the one of its default route, and never of a link that is down."""

import socket
import subprocess
import sys

import pytest
from networks import Network

from goq.adapters.network import machine_id, own_address


def veth(name: str, *, up: bool = True) -> str:
    """An interface, with a carrier or without one."""
    far = f"; ip link set {name}far up" if up else ""
    return f"ip link add {name} type veth peer name {name}far; ip link set {name} up{far}"


LINK_LOCAL = (
    "until ip -br -6 address show dev eth0 | grep -q fe80; do :; done;"
    " while ip -6 address show dev eth0 tentative | grep -q fe80; do :; done"
)
NETWORKS = {
    "loopback alone": ((), "127.0.0.1"),
    "one interface": ((veth("eth0"), "ip address add 10.9.0.1/24 dev eth0"), "10.9.0.1"),
    "the default route counts, not the order": (
        (
            veth("docker0"),
            "ip address add 172.17.0.1/16 dev docker0",
            veth("eth0"),
            "ip address add 10.9.0.1/24 dev eth0",
            "ip route add default via 10.9.0.254",
        ),
        "10.9.0.1",
    ),
    "of two default routes the better one": (
        (
            veth("wlan0"),
            veth("eth0"),
            "ip address add 10.8.0.1/24 dev wlan0; ip address add 10.9.0.1/24 dev eth0",
            "ip route add default via 10.8.0.254 metric 600",
            "ip route add default via 10.9.0.254 metric 100",
        ),
        "10.9.0.1",
    ),
    "a link without a carrier": (
        (
            veth("eth0", up=False),
            "ip address add 10.8.0.1/24 dev eth0",
            veth("eth1"),
            "ip address add 10.9.0.1/24 dev eth1",
        ),
        "10.9.0.1",
    ),
    "a link without a carrier alone": (
        (veth("eth0", up=False), "ip address add 10.8.0.1/24 dev eth0"),
        "127.0.0.1",
    ),
    "an interface that is down": (
        (veth("eth0"), "ip address add 10.8.0.1/24 dev eth0", "ip link set eth0 down"),
        "127.0.0.1",
    ),
    "no DHCP answer yet": ((veth("eth0"), LINK_LOCAL), "127.0.0.1"),
    "IPv6 alone": ((veth("eth0"), "ip address add fd00:9::1/64 dev eth0 nodad"), "fd00:9::1"),
    "IPv6 with a default route, IPv4 without an interface of its own": (
        (
            veth("eth0"),
            "ip address add fd00:9::1/64 dev eth0 nodad",
            "ip -6 route add default via fd00:9::fe",
            veth("docker0"),
            "ip address add 172.17.0.1/16 dev docker0",
        ),
        "fd00:9::1",
    ),
    "a default route that refuses": (
        (
            veth("eth0"),
            "ip address add 10.9.0.1/24 dev eth0",
            "ip route add unreachable default metric 1",
        ),
        "10.9.0.1",
    ),
    "addresses that are not fit for a server": (
        (
            veth("eth0"),
            "ip address add fd00:9::1/64 dev eth0 nodad preferred_lft 0",
            "ip address add fd00:9::2/64 dev eth0 nodad",
        ),
        "fd00:9::2",
    ),
}


@pytest.mark.parametrize(("commands", "wanted"), NETWORKS.values(), ids=NETWORKS)
def test_a_machine_tells_others_the_right_address(commands: tuple[str, ...], wanted: str) -> None:
    """A guess that is wrong costs a newcomer the first hour."""
    script = "from goq.adapters.network import own_address; print(own_address())"
    network = Network(*commands)
    try:
        command = [*network.enter, sys.executable, "-c", script]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    finally:
        network.close()

    assert f"{wanted}\n" == done.stdout


def test_it_is_an_address_of_this_machine() -> None:
    """A server can listen on it."""
    ip = own_address()
    with socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET) as listener:
        listener.bind((ip, 0))


def test_a_machine_knows_its_own_loopback() -> None:
    """Another network's 127.0.0.1 is another one, on the same machine as well."""
    script = "from goq.adapters.network import machine_id; print(machine_id())"
    here = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    network = Network()
    try:
        there = subprocess.run(
            [*network.enter, sys.executable, "-c", script], capture_output=True, text=True, check=True
        )
    finally:
        network.close()

    assert f"{machine_id()}\n" == here.stdout
    assert here.stdout != there.stdout
