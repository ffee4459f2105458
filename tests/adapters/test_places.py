"""Names and numbers of hosts: which are taken, how they are looked up, and in which form nng gets them."""

import socket
import subprocess
import sys
from collections.abc import Sequence

import pytest
from networks import Network

from goq.adapters.wire.places import (
    Place,
    addresses_of,
    checked_host,
    is_here,
    is_loopback,
    is_number,
    nng_form,
    place_of,
    reachable_address,
)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("0.0.0.0", "0.0.0.0"),
        ("::1", "::1"),
        ("[::1]", "::1"),
        ("[FD00:0:0::7]", "fd00::7"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        ("[fe80::1%eth0.100]", "fe80::1%eth0.100"),
        ("localhost", "localhost"),
        ("Head", "head"),
        ("head.cluster.example", "head.cluster.example"),
        ("head.cluster.example.", "head.cluster.example."),
        ("n-1_a", "n-1_a"),
        ("7up", "7up"),
    ],
)
def test_names_and_numbers_are_hosts(text: str, host: str) -> None:
    """As people write them."""
    assert host == checked_host(text)


@pytest.mark.parametrize(
    "text",
    ["", ".", "192.0.2", "1", "192.0.2.256", "192.0.2.7:1776", " head", "head ", "a b", "-head", "head-", "a..b",
     "h\u00e9ad", "\u0661.2.3.4", "::g", "[::1", "::1]", "[head]", "fe80::1%", "fe80::1%a b", "fe80::1%a\n", "head\n",
     "tcp://head", "x" * 64, "a." * 127 + "ab", "head/", "head,head2"],
)  # fmt: skip
def test_anything_else_is_none(text: str) -> None:
    """It would be looked up in vain, and the fault be looked for elsewhere."""
    with pytest.raises(ValueError, match=r"^no "):
        checked_host(text)


@pytest.mark.parametrize(
    "address", ["tcp://192.0.2.7:1776", "tls+tcp://head:1", "tcp://[fd00::7%eth0]:65535"]
)
def test_an_address_is_a_place_and_back(address: str) -> None:
    """It is printed for people, and parsed for nng."""
    assert address == place_of(address).address


@pytest.mark.parametrize(
    "address", ["", "tcp://", "tcp://head", "tcp://:1776", "tcp://::1:1776", "head:1776"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    """None comes from a person."""
    with pytest.raises(ValueError, match="no address"):
        place_of(address)


@pytest.mark.parametrize(
    ("host", "number", "loopback"),
    [
        ("127.0.0.1", True, True),
        ("127.0.1.1", True, True),
        ("::1", True, True),
        ("192.0.2.7", True, False),
        ("fe80::1%eth0", True, False),
        ("localhost", False, False),
        ("127.example", False, False),
    ],
)
def test_numbers_are_told_from_names(host: str, number: bool, loopback: bool) -> None:
    """A name may mean another address tomorrow."""
    assert (number, loopback) == (is_number(host), is_number(host) and is_loopback(host))


def test_a_name_that_nobody_has_is_an_error_with_words() -> None:
    """They are shown to a person."""
    with pytest.raises(OSError, match=r"[Nn]ame") as refusal:
        addresses_of("no-such-host.invalid")
    assert refusal.value.strerror


def test_of_several_addresses_the_one_that_answers_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name may have an IPv6 address at which nobody listens; and which is the dead one changes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        for ips in (["127.0.0.9", "127.0.0.1"], ["127.0.0.1", "127.0.0.9"]):
            entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 0)) for ip in ips]
            found = with_addresses(monkeypatch, entries, port)

            assert "127.0.0.1" == found


def with_addresses(monkeypatch: pytest.MonkeyPatch, entries: Sequence[object], port: int) -> str:
    """Where 'head' leads, while the resolver knows these addresses of it."""
    resolve = socket.getaddrinfo

    def answer(host: str, *args: object, **words: object) -> object:
        return entries if host == "head" else resolve(host, *args, **words)  # type: ignore[arg-type]  # passed on

    with monkeypatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", answer)
        return reachable_address("head", port)


def test_where_none_of_several_answers_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connection refused is another thing than no route."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{at}", 0)) for at in (1, 9)]
    with pytest.raises(ConnectionRefusedError):
        with_addresses(monkeypatch, entries, port)


@pytest.mark.parametrize(("ip", "here"), [("127.0.0.1", True), ("127.8.8.8", True), ("192.0.2.77", False)])
def test_an_address_of_this_machine_is_known(ip: str, here: bool) -> None:
    """A server listens on those of its name that are."""
    assert here == is_here(ip)


FORMS = {
    "loopback alone": ((), {"127.0.0.1": "127.0.0.1", "::1": "::1"}),
    "IPv6 beside loopback": (
        ("ip link add v type veth peer name w; ip link set v up; ip address add fd00::1/64 dev v nodad",),
        {"127.0.0.1": "::ffff:127.0.0.1", "::1": "::1", "192.0.2.7": "::ffff:192.0.2.7"},
    ),
    "IPv4 beside loopback": (
        (
            "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6",
            "ip link add v type veth peer name w; ip link set v up; ip address add 10.9.0.1/24 dev v",
        ),
        {"127.0.0.1": "127.0.0.1", "::1": "127.0.0.1", "fd00::1": "OSError"},
    ),
}


@pytest.mark.parametrize(("commands", "forms"), FORMS.values(), ids=FORMS)
def test_nng_gets_an_address_in_a_form_that_it_takes(
    commands: tuple[str, ...], forms: dict[str, str]
) -> None:
    """It has the resolver look at numbers too, which refuses families without an address but loopback."""
    script = (
        "import sys\nfrom goq.adapters.wire.places import nng_form\n"
        "for ip in sys.argv[1:]:\n"
        "    try: print(nng_form(ip))\n"
        "    except OSError: print('OSError')\n"
    )
    network = Network(*commands)
    try:
        command = [*network.enter, sys.executable, "-c", script, *forms]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    finally:
        network.close()

    assert list(forms.values()) == done.stdout.split()


def test_the_form_for_nng_stands_in_its_url() -> None:
    """With brackets where there are colons."""
    assert "tcp://127.0.0.1:1776" == Place("tcp", "head", 1776).url("127.0.0.1")
    assert "127.0.0.1" == nng_form("127.0.0.1")
