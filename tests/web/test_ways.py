"""The ways to the page: a socket, TLS, a proxy's name and base; and those who take long, or want much."""

import http.client
import socket
import ssl
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from ports import free_port
from system.cluster import Cluster

from goq.web.log import SHOWN_BYTES
from goq.web.site import Site, base_of, name_of
from web.house import House, Visitor

LINE = 10_000_000


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("127.0.0.1:8776", "127.0.0.1"),
        ("LocalHost", "localhost"),
        ("[::1]:1", "[::1]"),
        ("a@b", ""),
        ("a b", ""),
        ("", ""),
        ("a:999999", ""),
    ],
)
def test_the_name_in_a_host(host: str, name: str) -> None:
    assert name_of(host) == name


def test_a_proxys_name_is_spoken_to_under_tls_and_this_machine_is_not() -> None:
    site = Site("1", "http://127.0.0.1:1/", names=frozenset(("goq.example.org",)))

    assert site.origin("goq.example.org") == "https://goq.example.org"
    assert site.origin("127.0.0.1:1") == "http://127.0.0.1:1"
    assert site.is_secure("goq.example.org")
    assert not site.knows("example.org")


@pytest.mark.parametrize(("word", "base"), [("", ""), ("/", ""), ("goq", "/goq"), ("/a/b/", "/a/b")])
def test_a_base(word: str, base: str) -> None:
    assert base_of(word) == base


@pytest.mark.parametrize("word", ["a b", "/../x", "/<x>", "//a"[:1] + "?"])
def test_what_is_no_base(word: str) -> None:
    with pytest.raises(ValueError, match="is no path"):
        base_of(word)


def test_below_a_base_all_addresses_begin_with_it(cluster: Cluster) -> None:
    cluster.start_server()
    house = House(cluster, "--base", "/goq", "--host", "goq.example.org")
    visitor = Visitor(house.port)
    answer = visitor.get(f"/goq/login/{house.code()}", Host="goq.example.org")

    assert "Secure" in answer.headers["Set-Cookie"]
    assert "Path=/goq/" in answer.headers["Set-Cookie"]
    visitor.cookie = answer.headers["Set-Cookie"].partition(";")[0]
    page = visitor.get("/goq/", Host="goq.example.org").text
    assert 'href="/goq/jobs"' in page
    assert 'href="/jobs' not in page
    assert visitor.get("/jobs", Host="goq.example.org").status == 404
    token = visitor.token("/goq/")
    assert visitor.post("/goq/logout", {"token": token}, Host="goq.example.org").status == 403
    said = {"Host": "goq.example.org", "Origin": "https://goq.example.org"}
    assert visitor.post("/goq/logout", {"token": token}, **said).status == 303


def test_a_socket_is_for_its_user_alone(cluster: Cluster, tmp_path: Path) -> None:
    cluster.start_server()
    path = tmp_path / "w"
    web = cluster.start("web", "--socket", str(path))
    cluster.wait_until(lambda: "a code to log in with" in web.text())
    link = cluster.done("web", "--link", "--socket", str(path)).splitlines()[0]

    assert path.stat().st_mode & 0o777 == 0o600
    with socket.socket(socket.AF_UNIX) as way:
        way.connect(str(path))
        code = link.rpartition("/")[2]
        way.sendall(
            f"GET /login/{code} HTTP/1.1\r\nHost: localhost:9999\r\nConnection: close\r\n\r\n".encode()
        )
        assert way.recv(100).startswith(b"HTTP/1.1 200")


def test_a_socket_that_is_left_over_is_no_hindrance(cluster: Cluster, tmp_path: Path) -> None:
    cluster.start_server()
    path = tmp_path / "w"
    first = cluster.start("web", "--socket", str(path))
    cluster.wait_until(lambda: "a code to log in with" in first.text())
    first.crash()
    second = cluster.start("web", "--socket", str(path))

    cluster.wait_until(lambda: "a code to log in with" in second.text())


def certificate(path: Path) -> Path:
    """A key with its certificate, for localhost."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_under_tls_the_cookie_is_secure(cluster: Cluster, tmp_path: Path) -> None:
    pem = certificate(tmp_path / "web.pem")
    cluster.start_server()
    house = House(cluster, "--cert", str(pem))
    context = ssl.create_default_context(cafile=str(pem))
    way = http.client.HTTPSConnection("localhost", house.port, context=context, timeout=30)
    way.request("GET", f"/login/{house.code()}")

    assert "Secure" in str(way.getresponse().headers["Set-Cookie"])
    way.close()


def test_what_is_no_certificate_is_refused_in_a_line(cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("no")
    ended = cluster.goq("web", "--cert", str(tmp_path / "x"), "--port", str(free_port()))

    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1


def test_a_line_of_ten_million_characters_is_no_burden(cluster: Cluster) -> None:
    """The page has its end; the file has all of it."""
    cluster.start_server()
    cluster.start_worker()
    job = cluster.submit("sh", "-c", f"head -c {LINE} /dev/zero | tr '\\0' x; echo the end")
    cluster.wait_for_end(job)
    house = House(cluster)
    visitor = house.visitor()
    page = visitor.get(f"/jobs/{job}")

    assert page.status == 200
    assert "the end" in page.text
    assert len(page.body) < 2 * SHOWN_BYTES
    assert len(visitor.get(f"/jobs/{job}/log/file").body) == LINE + len("the end\n")
    assert len(visitor.get(f"/jobs/{job}/log?from=0").body) < 2 * SHOWN_BYTES


def ask_and_read_nothing(house: House, visitor: Visitor, path: str) -> socket.socket:
    """A connection on which an answer is on its way."""
    way = socket.create_connection(("127.0.0.1", house.port))
    way.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {visitor.cookie}\r\n\r\n".encode())
    return way


def test_who_reads_slowly_holds_up_nobody(cluster: Cluster) -> None:
    cluster.start_server()
    cluster.start_worker()
    job = cluster.submit("sh", "-c", f"head -c {LINE} /dev/zero")
    cluster.wait_for_end(job)
    house = House(cluster)
    visitor = house.visitor()
    with ExitStack() as slow:
        for path in (f"/jobs/{job}/log/file", "/events", "/"):
            slow.enter_context(ask_and_read_nothing(house, visitor, path))

        assert [visitor.get("/").status for _ in range(5)] == [200] * 5


def test_the_plain_install_says_what_is_missing(cluster: Cluster) -> None:
    """In a line, as all that goes wrong."""
    without = "import sys; sys.modules['starlette'] = None; from goq.commands.main import run; sys.exit(run(['web']))"
    ended = subprocess.run(
        [sys.executable, "-c", without], env=cluster.variables(), capture_output=True, check=False, timeout=60
    )

    assert ended.returncode == 1
    assert ended.stderr == b"goq: 'goq web' needs starlette; say: pip install 'goq[web]'\n"


def test_it_ends_when_it_is_told_to(cluster: Cluster) -> None:
    """Also while a browser listens."""
    cluster.start_server()
    house = House(cluster)
    with ask_and_read_nothing(house, house.visitor(), "/events") as way:
        assert b"200 OK" in way.recv(1000)

        assert house.web.stop() == 0
