"""A cluster with a web page, and somebody who speaks HTTP with it by hand."""

import http.client
import re
from collections.abc import Mapping
from urllib.parse import urlencode

from ports import free_port
from system.cluster import Cluster, Daemon

from goq.adapters.files.tickets import new_ticket
from goq.web.presence import folder_of

TOKEN = re.compile(r'name="token" value="([^"]+)"')


class Answer:
    """What came back."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def text(self) -> str:
        return self.body.decode()

    def __repr__(self) -> str:
        return f"{self.status} {dict(self.headers)}\n{self.text}"


class House:
    """A server, and `goq web` beside it; `words` are its options."""

    def __init__(self, cluster: Cluster, *words: str) -> None:
        self.cluster = cluster
        self.port = free_port()
        self.words = ("--port", str(self.port))
        self.web = self.open(*words)

    def open(self, *words: str) -> Daemon:
        """Start `goq web`, and wait until it answers."""
        web = self.cluster.start("web", *self.words, *words)
        self.cluster.wait_until(lambda: "a code to log in with" in web.text())
        return web

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def link(self) -> str:
        """The address of `goq web --link`."""
        return self.cluster.done("web", "--link", *self.words).splitlines()[0]

    def visitor(self) -> "Visitor":
        """Somebody who is logged in."""
        visitor = Visitor(self.port)
        visitor.cookie = cookie_in(visitor.get(f"/login/{self.code()}"))
        return visitor

    def code(self) -> str:
        """A code to log in with, as `goq web --link` makes one."""
        return new_ticket(folder_of(self.cluster.home), str(self.port))


class Visitor:
    """A browser without a screen: it keeps a cookie, and follows nothing."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookie = ""

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, b"", headers)

    def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Answer:
        """A form, with the token of a page of ours and our Origin, unless headers say otherwise."""
        said = {"Origin": f"http://127.0.0.1:{self.port}", **headers}
        return self.ask("POST", path, urlencode(fields).encode(), said)

    def token(self, path: str = "/") -> str:
        """That of the forms of this login."""
        found = TOKEN.search(self.get(path).text)
        assert found
        return found[1]

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            cookie = {"Cookie": self.cookie} if self.cookie else {}
            words = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body or None, {**cookie, **words})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())  # type: ignore[arg-type]  # of an older typing
        finally:
            connection.close()


def cookie_in(answer: Answer) -> str:
    """The cookie that an answer sets, as it is shown later."""
    return answer.headers["Set-Cookie"].partition(";")[0]
