"""Where the server is: names, IPv6, machines whose network is not up yet, and addresses that change.

Networks are namespaces of the test's own; in each the same folders are seen.
"""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from networks import Network

from system.cluster import Cluster, Daemon, Finished
from system.test_bad_input import complaint

PORT = {"GOQ_JSERV_PORT": "1776"}  # nobody else is there
NO_DHCP_YET = (
    "ip link add eth0 type veth peer name elsewhere; ip link set elsewhere up; ip link set eth0 up",
    "until ip -br address show dev eth0 | grep -q fe80; do :; done",
)
IPV6_ONLY = (*NO_DHCP_YET, "ip address add fd00:9::1/64 dev eth0 nodad")
IPV4_ONLY = (
    "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6",
    "ip link add eth0 type veth peer name elsewhere; ip link set elsewhere up; ip link set eth0 up",
    "ip address add 10.9.0.1/24 dev eth0",
)
NETWORKS = {
    "loopback alone": (),
    "no DHCP answer yet": NO_DHCP_YET,
    "IPv6 alone": IPV6_ONLY,
    "IPv4 alone": IPV4_ONLY,
}


@pytest.fixture(name="network")
def _network() -> Iterator[Callable[..., Network]]:
    """Makes networks."""
    made: list[Network] = []

    def make(*commands: str) -> Network:
        made.append(Network(*commands))
        return made[-1]

    yield make
    for each in made:
        each.close()


class Inside:
    """A cluster in a network of its own: all commands run in there, with this address or none."""

    def __init__(self, cluster: Cluster, network: Network, ip: str | None) -> None:
        self.cluster = cluster
        self.network = network
        self.env = {**PORT, "GOQ_JSERV_IP": ip} if ip else {}
        for name in ("GOQ_JSERV_IP", "GOQ_JSERV_PORT"):
            cluster.env.pop(name)
        cluster.env |= self.env

    def serve(self) -> Daemon:
        return self.cluster.start_server(prefix=self.network.enter)

    def work(self) -> Daemon:
        return self.cluster.start_worker(prefix=self.network.enter)

    def goq(self, *words: str, network: Network | None = None) -> Finished:
        return self.cluster.goq_by((network or self.network).enter, *words)

    def done(self, *words: str, network: Network | None = None) -> str:
        ended = self.goq(*words, network=network)
        assert (0, b"") == (ended.returncode, ended.stderr), f"{ended}\n{self.cluster.show()}"
        return ended.stdout.decode()

    def check_a_job(self, network: Network | None = None) -> None:
        """A job is submitted, waited for, and has its output."""
        job = int(self.done("sub", "echo", "through", network=network).split("job ")[1].split()[0])

        ended = self.goq("wait", str(job), network=network)
        assert 0 == ended.returncode, f"{ended}\n{self.cluster.show()}"
        assert b"success" in ended.stdout
        assert b"through\n" == self.cluster.output(job)


# --- a network that is not up yet --------------------------------------------------------------


@pytest.mark.parametrize("setup", NETWORKS.values(), ids=NETWORKS)
@pytest.mark.parametrize("ip", ["127.0.0.1", "localhost", "::1", "[::1]", None])
def test_one_machine_is_a_cluster_whatever_its_network(
    cluster: Cluster, network: Callable[..., Network], setup: tuple[str, ...], ip: str | None
) -> None:
    """A laptop on a train, a node before its DHCP answer, a machine with IPv6 alone."""
    if ip == "localhost" or ip is None:
        hosts = "127.0.0.1 localhost\n::1 localhost ip6-localhost\n"
    else:
        hosts = "127.0.0.1 localhost\n"
    inside = Inside(cluster, network(*setup), ip)
    inside.network.hosts(written(cluster, hosts))
    inside.serve()
    inside.work()
    inside.check_a_job()


def written(cluster: Cluster, text: str) -> Path:
    path = cluster.folder / "hosts"
    path.write_text(text)
    return path


def test_localhost_is_found_where_only_ipv4_knows_it(
    cluster: Cluster, network: Callable[..., Network]
) -> None:
    """Many a /etc/hosts has no line for ::1; and looking it up as nng does fails without IPv4."""
    inside = Inside(cluster, network(*IPV6_ONLY), "localhost")
    inside.network.hosts(written(cluster, "127.0.0.1 localhost\n"))
    inside.serve()
    inside.work()
    inside.check_a_job()


@pytest.mark.parametrize("ip", ["fd00:9::1", "[fd00:9::1]", "FD00:9:0::1", "head"])
def test_nodes_find_the_head_by_ipv6(cluster: Cluster, network: Callable[..., Network], ip: str) -> None:
    """By its address, with brackets or without, and by its name."""
    head, node = network(), network()
    head.cable(node, "fd00:9::1/64", "fd00:9::2/64")
    for each in (head, node):
        each.hosts(written(cluster, "127.0.0.1 localhost\nfd00:9::1 head\n"))
    inside = Inside(cluster, head, ip)
    server = inside.serve()
    inside.work()
    inside.check_a_job(node)

    assert "tcp://head:1776" in server.text() or "tcp://[fd00:9::1]:1776" in server.text()


def test_an_address_with_a_zone_is_one(cluster: Cluster, network: Callable[..., Network]) -> None:
    """A cable between two machines is a network, without any configuration."""
    head, node = network(), network()
    head.cable(node, "10.9.0.1/24", "10.9.0.2/24")
    for end in (head, node):  # an address may not be used before it is known to be no other one's
        end.run("until ip -br -6 address show dev cable | grep -q fe80; do :; done")
        end.run("while ip -6 address show dev cable tentative | grep -q fe80; do :; done")
    link_local = head.run("ip -br -6 address show dev cable").split()[2].split("/")[0]
    inside = Inside(cluster, head, f"{link_local}%cable")
    inside.serve()
    inside.work()
    inside.check_a_job(node)


@pytest.mark.parametrize(
    ("ip", "words"),
    [
        ("192.0.2.99", "Cannot assign requested address"),
        ("fd00:99::1", "Cannot assign requested address"),
        ("fe80::1", "it must name the interface too, as 'fe80::1%eth0'"),
        ("no-such-host.invalid", "cannot be looked up"),
        ("elsewhere", "not an address of this machine"),
    ],
)
def test_what_cannot_be_listened_on_is_told_in_the_systems_words(
    cluster: Cluster, network: Callable[..., Network], ip: str, words: str
) -> None:
    """A number of nng's helps nobody."""
    inside = Inside(cluster, network(*IPV6_ONLY), ip)
    inside.network.hosts(written(cluster, "127.0.0.1 localhost\n192.0.2.98 elsewhere\n"))
    ended = inside.cluster.goq_by(inside.network.enter, "serve")
    line = complaint(ended, 1)

    assert words in line
    assert ip in line
    assert "GOQ_JSERV_IP" in line


@pytest.mark.parametrize(
    ("ip", "words"),
    [
        ("127.0.0.1", "Connection refused"),
        ("::1", "Connection refused"),
        ("localhost", "Connection refused"),
        ("192.0.2.99", "Network is unreachable"),
        ("no-such-host.invalid", "name resolution"),
    ],
)
def test_why_nobody_is_reached_is_told_in_the_systems_words(
    cluster: Cluster, network: Callable[..., Network], ip: str, words: str
) -> None:
    """One line, exit 3, and the address as it was given."""
    inside = Inside(cluster, network(), ip)
    inside.network.hosts(written(cluster, "127.0.0.1 localhost\n::1 localhost\n"))
    cluster.env["GOQ_CLUSTERID"] = "a" * 40
    line = complaint(inside.goq("stat"), 3)

    assert words in line
    assert f"{ip if ip != '::1' else '[::1]'}:1776" in line


# --- addresses that change ---------------------------------------------------------------------


def test_commands_on_the_head_live_through_a_change_of_its_network(
    cluster: Cluster, network: Callable[..., Network]
) -> None:
    """The server listens on 127.0.0.1 as well, and GOQ_HOME says so; the worker there does not even notice."""
    head = network(
        "ip link add eth0 type veth peer name elsewhere; ip link set elsewhere up; ip link set eth0 up",
        "ip address add 10.9.0.1/24 dev eth0",
    )
    inside = Inside(cluster, head, None)
    server = inside.serve()
    worker = inside.work()
    inside.check_a_job()
    head.run("ip link del eth0")
    inside.check_a_job()

    assert "tcp://10.9.0.1:1776" in server.text()
    assert "job server" not in worker.text()


def test_a_name_is_followed_to_its_new_address(cluster: Cluster, network: Callable[..., Network]) -> None:
    """The head's DHCP lease has ended: server, worker and waiting command find each other by the name."""
    head, node = network(), network()
    head.cable(node, "10.9.0.1/24", "10.9.0.2/24")
    hosts = written(cluster, "127.0.0.1 localhost\n10.9.0.1 head\n")
    for each in (head, node):
        each.hosts(hosts)
    inside = Inside(cluster, head, "head")
    server = inside.serve()
    worker = cluster.start_worker(prefix=node.enter)
    job = int(
        inside.done("sub", "sh", "-c", f"until [ -e {cluster.folder}/go ]; do sleep 0.1; done")
        .split("job ")[1]
        .split()[0]
    )
    cluster.wait_for_start(job)
    waiting = cluster.start("wait", str(job), prefix=node.enter)
    cluster.wait_until(lambda: "waiting for" in waiting.text())
    head.run("ip address del 10.9.0.1/24 dev cable; ip address add 10.9.0.7/24 dev cable")
    hosts.write_text("127.0.0.1 localhost\n10.9.0.7 head\n")
    cluster.wait_until(lambda: "listening on tcp://10.9.0.7:1776 as well" in server.text())
    (cluster.folder / "go").touch()

    assert 0 == waiting.wait(within_s=60)
    inside.check_a_job(node)
    assert worker.alive


def test_a_guess_is_followed_and_remembered_anew(cluster: Cluster, network: Callable[..., Network]) -> None:
    """A server that was started before its network was up: nodes that share its home find it all the same."""
    head, node = network("ip link add eth0 type veth peer name elsewhere"), network()
    inside = Inside(cluster, head, None)
    server = inside.serve()
    alone = (cluster.home / "server").read_text()
    head.cable(node, "10.9.0.1/24", "10.9.0.2/24")
    cluster.wait_until(lambda: "listening on tcp://10.9.0.1:1776 as well" in server.text())
    inside.work()
    inside.check_a_job(node)

    assert "127.0.0.1:1776" in alone
    assert "10.9.0.1:1776" in (cluster.home / "server").read_text()


# --- what GOQ_HOME remembers ---------------------------------------------------------------------


def test_a_server_leaves_its_address_where_commands_find_it(cluster: Cluster) -> None:
    """No variable in any shell: the second terminal knows what the first did."""
    cluster.start_server()
    port = cluster.env.pop("GOQ_JSERV_PORT")
    del cluster.env["GOQ_JSERV_IP"]
    cluster.start_worker()
    job = cluster.submit("echo", "no variables")

    assert 0 == cluster.status(job)
    assert f"tcp://127.0.0.1:{port}" in cluster.done("stat")


def test_a_server_that_is_started_again_listens_where_it_did(cluster: Cluster) -> None:
    """Its nodes know no other address."""
    first = cluster.start_server()
    port = cluster.env.pop("GOQ_JSERV_PORT")
    del cluster.env["GOQ_JSERV_IP"]
    first.stop()
    second = cluster.start_server()

    assert f"listening for jobs on tcp://127.0.0.1:{port}," in second.text()


@pytest.mark.parametrize("changes", [{"GOQ_JSERV_PORT": "1"}, {"GOQ_JSERV_IP": "127.0.0.9"}])
def test_variables_win_over_what_is_remembered(served: Cluster, changes: dict[str, str]) -> None:
    """Whoever sets one means it."""
    for name in ("GOQ_JSERV_PORT", "GOQ_JSERV_IP"):
        served.env.pop(name)
    line = complaint(served.goq("stat", env={**changes, "GOQ_SENDTIMEOUT_MSEC": "300"}), 3)

    assert (":1 " if "GOQ_JSERV_PORT" in changes else "127.0.0.9:1776") in line
    assert "waitingJobs" in served.done("stat")


def test_a_guess_is_named_as_one(cluster: Cluster, network: Callable[..., Network]) -> None:
    """Nobody has told this machine where the server is."""
    inside = Inside(cluster, network(), None)
    cluster.env["GOQ_CLUSTERID"] = "a" * 40
    line = complaint(inside.goq("sub", "true"), 3)

    assert "GOQ_JSERV_IP is not set; tried this machine's address" in line


@pytest.mark.parametrize("text", ["", "nonsense\n", "address head\n", "address 192.0.2:99\n", "\xff\n"])
def test_a_damaged_memory_is_named(cluster: Cluster, text: str) -> None:
    """And stands in nobody's way who says where the server is."""
    cluster.start_server()
    (cluster.home / "server").write_text(text, "latin-1")

    assert "waitingJobs" in cluster.done("stat")
    line = complaint(cluster.goq("stat", env={"GOQ_JSERV_IP": None}), 1)
    assert f"{cluster.home}/server" in line
    assert "GOQ_JSERV_IP" in line


def test_another_queue_on_the_loopback_is_no_error(cluster: Cluster, network: Callable[..., Network]) -> None:
    """Two users on one head, each with a queue: one has 127.0.0.1, the other the machine's address."""
    head = network(
        "ip link add eth0 type veth peer name elsewhere; ip link set elsewhere up; ip link set eth0 up",
        "ip address add 10.9.0.1/24 dev eth0",
    )
    inside = Inside(cluster, head, None)
    other = cluster.folder / "other"
    other.mkdir()
    theirs = {"GOQ_HOME": str(other / "home"), "GOQ_JSERV_IP": "127.0.0.1"}
    cluster.start("serve", env=theirs, cwd=other, prefix=head.enter)
    cluster.wait_until(lambda: "listening" in cluster.daemons[0].text())
    server = inside.serve()
    inside.work()
    inside.check_a_job()

    assert "127.0.0.1:1776 is taken by another program" in server.text()
    assert "is taken" not in cluster.daemons[0].text()


def test_a_home_of_another_cluster_keeps_its_address(cluster: Cluster) -> None:
    """Its commands are for that one."""
    cluster.start_server().stop(signal.SIGTERM)
    kept = (cluster.home / "server").read_text()
    second = cluster.folder / "second"
    second.mkdir()
    (second / ".goqclusterid").write_text("b" * 40)
    (second / ".goqclusterid").chmod(0o600)
    cluster.start_server(cwd=second, env={"GOQ_JSERV_IP": "127.0.0.2"})

    assert kept == (cluster.home / "server").read_text()


def test_a_read_only_home_stops_no_server(cluster: Cluster) -> None:
    """What it would leave there is a help, not a condition."""
    cluster.done("init")
    (cluster.home / "server").mkdir()  # nothing can take its place
    server = cluster.start_server()

    assert "GOQ_JSERV_IP" in server.text()
    assert "waitingJobs" in cluster.done("stat")
