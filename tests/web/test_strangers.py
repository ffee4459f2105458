"""Whoever may not, may not: no cookie, another name, another port's page, another's form."""

import select
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from system.cluster import Cluster

from goq.web.connection import PATIENCE_S
from goq.web.guard import ADDRESS_LIMIT, FORM_LIMIT, POLICY
from web.house import House, Visitor, cookie_in

PAGES = ("/", "/jobs", "/jobs/1", "/jobs/1/log", "/workers", "/people", "/report")


@pytest.mark.parametrize("path", PAGES)
def test_without_a_cookie_every_page_leads_to_the_login(house: House, path: str) -> None:
    answer = Visitor(house.port).get(path)

    assert answer.status == 303
    assert answer.headers["Location"].startswith("/login/")


@pytest.mark.parametrize("path", ["/events", "/jobs/1/log/bytes"])
def test_without_a_cookie_a_script_is_told(house: House, path: str) -> None:
    assert Visitor(house.port).get(path, Goq_Sections="live").status == 401


def test_who_ends_no_request_is_sent_away(house: House) -> None:
    """Places are counted: 500 who say nothing more would keep everybody out."""
    with socket.create_connection(("127.0.0.1", house.port), timeout=PATIENCE_S + 30) as way:
        way.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: ")

        assert way.recv(65536) == b""


def test_who_waits_for_news_is_not_sent_away(house: House, visitor: Visitor) -> None:
    """Only a question has to come in time: what is new is told for as long as somebody listens."""
    with socket.create_connection(("127.0.0.1", house.port)) as way:
        way.sendall(f"GET /events HTTP/1.1\r\nHost: localhost\r\nCookie: {visitor.cookie}\r\n\r\n".encode())
        deadline_s = time.monotonic() + PATIENCE_S + 2
        while (left_s := deadline_s - time.monotonic()) > 0:
            ready, _, _ = select.select([way], [], [], left_s)
            assert not ready or way.recv(65536), "closed"


def test_a_name_that_is_not_ours_is_not_answered(house: House, visitor: Visitor) -> None:
    """A stranger's page may have its own name lead to 127.0.0.1, and then read what it gets."""
    for host in ("evil.example", f"evil.example:{house.port}", "127.0.0.1.evil.example", ""):
        assert visitor.get("/", Host=host).status in (400, 421)


def test_an_address_of_this_machine_is_answered_at_any_port(visitor: Visitor) -> None:
    """What ssh -L makes of it."""
    assert visitor.get("/", Host="localhost:9999").status == 200


@pytest.mark.parametrize(
    "origin", ["http://127.0.0.1:1", "http://127.0.0.1", "https://evil.example", "null", ""]
)
def test_a_form_of_another_page_changes_nothing(visitor: Visitor, origin: str) -> None:
    """Also a page at another port of this machine: browsers show it our cookie."""
    token = visitor.token()
    answer = visitor.post("/logout", {"token": token}, Origin=origin)

    assert answer.status == 403
    assert visitor.get("/").status == 200


def test_a_form_with_the_token_of_another_login_changes_nothing(house: House, visitor: Visitor) -> None:
    others = house.visitor().token()

    assert visitor.post("/logout", {"token": others}).status == 403
    assert visitor.post("/logout", {}).status == 403
    assert visitor.get("/").status == 200


def test_who_logs_out_is_out(visitor: Visitor) -> None:
    assert visitor.post("/logout", {"token": visitor.token()}).status == 303
    assert visitor.get("/").status == 303


def test_a_form_has_a_bound(visitor: Visitor) -> None:
    assert visitor.post("/logout", {"token": "x" * FORM_LIMIT}).status == 413
    assert visitor.post("/logout", {f"a{each}": "" for each in range(1000)}).status == 413


def test_an_address_has_a_bound(visitor: Visitor) -> None:
    assert visitor.get("/?" + "x" * ADDRESS_LIMIT).status == 414


def test_other_verbs_are_not_known(visitor: Visitor) -> None:
    for verb in ("PUT", "DELETE", "OPTIONS", "TRACE"):
        assert visitor.ask(verb, "/", b"", {}).status == 405


def test_every_answer_says_what_a_browser_may_do(visitor: Visitor) -> None:
    for path in ("/", "/login/", "/nowhere", "/healthz"):
        headers = visitor.get(path).headers
        assert headers["Content-Security-Policy"] == POLICY
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in headers
        assert "Server" not in headers


def test_the_policy_knows_no_exceptions() -> None:
    assert "unsafe" not in POLICY
    assert POLICY.startswith("default-src 'none'")


def test_the_cookie_is_for_our_pages_alone(house: House) -> None:
    answer = Visitor(house.port).get(f"/login/{house.code()}")

    attributes = answer.headers["Set-Cookie"].lower()
    assert "httponly" in attributes
    assert "samesite=strict" in attributes
    assert "max-age=43200" in attributes
    assert "secure" not in attributes


def test_a_link_is_good_once(house: House) -> None:
    code = house.code()

    assert Visitor(house.port).get(f"/login/{code}").status == 200
    assert Visitor(house.port).get(f"/login/{code}").status == 403


def test_a_code_may_be_pasted_and_leads_to_where_one_wanted(house: House) -> None:
    code = house.code()
    visitor = Visitor(house.port)
    there = visitor.get("/jobs?q=fold").headers["Location"]
    assert "/jobs?q=fold" in visitor.get(there).text

    answer = visitor.post("/login/", {"code": code, "to": "/jobs?q=fold"})

    visitor.cookie = cookie_in(answer)
    assert 'content="0;url=/jobs?q=fold"' in answer.text
    assert visitor.get("/").status == 200


@pytest.mark.parametrize(
    "to", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_the_login_leads_nowhere_else(house: House, to: str) -> None:
    code = house.code()

    assert 'content="0;url=/"' in Visitor(house.port).post("/login/", {"code": code, "to": to}).text


def test_a_login_by_a_form_of_others_is_none(house: House) -> None:
    code = house.code()

    assert Visitor(house.port).post("/login/", {"code": code}, Origin="http://evil.example").status == 403


def test_who_guesses_is_shut_out_and_who_is_in_is_not(cluster: Cluster) -> None:
    cluster.start_server()
    house = House(cluster)
    stranger, visitor = Visitor(house.port), house.visitor()
    with ThreadPoolExecutor(10) as guessing:
        statuses = [*guessing.map(lambda each: stranger.get(f"/login/guess{each}").status, range(10))]

    assert statuses == [403] * 10
    assert Visitor(house.port).get(f"/login/{house.code()}").status == 429
    assert visitor.get("/").status == 200


def test_a_link_from_another_site_loads_the_page_once_more(house: House) -> None:
    """A strict cookie is not shown with the first request; it is with the one that our own page makes."""
    answer = Visitor(house.port).get("/jobs?q=%3Cb%3E", Sec_Fetch_Site="cross-site")

    assert answer.status == 200
    assert 'content="0;url=/jobs?q=%3Cb%3E"' in answer.text


def test_the_code_is_in_no_log(house: House) -> None:
    """What goes to a file, or to journald, is read by others, later."""
    link = house.link()
    Visitor(house.port).get("/login/" + link.rpartition("/")[2])

    assert link.rpartition("/")[2] not in house.web.text()
    assert "/login/" not in house.web.text()


def test_there_is_no_code_for_a_page_that_does_not_run(cluster: Cluster) -> None:
    ended = cluster.goq("web", "--link", "--port", "1")

    assert ended.returncode == 1
    assert b"no 'goq web' of yours runs at port 1" in ended.stderr


def test_a_second_page_at_the_same_port_is_told_of_the_first(house: House) -> None:
    ended = house.cluster.goq("web", *house.words)

    assert ended.returncode == 1
    assert b"Traceback" not in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_machine_that_is_not_there_is_a_page_that_is_not_there(visitor: Visitor) -> None:
    answer = visitor.get("/workers/nohost")

    assert answer.status == 404
    assert "no worker of &#39;nohost&#39; is there" in answer.text
