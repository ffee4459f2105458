"""Whether the server is there at all, and why it is not, as far as one can tell."""

import math
import socket
import time

from goq.adapters.config import Config
from goq.adapters.errand import Errand
from goq.adapters.remembered import Served, recall
from goq.adapters.wire.places import is_here, is_number
from goq.adapters.wire.transport import nobody_at, probe
from goq.core.values.text import show_queue
from goq.errors import ServerUnreachable
from goq.roles.client.calls import Calls
from goq.roles.said.saying import Say

ANSWER_TIMES = 20  # the time-out, for an answer: in a storm of commands each waits for all before it
FAILURES = 3
LOOK_EVERY_S = 5.0
UNKNOWN_NAME = "; see that GOQ_JSERV_IP is the server's name or address, and that names are looked up here"


class Patience:
    """How long a command waits: its time-out for contact with a server, longer for the answer.

    Contact is a connection, or somebody who takes one and has not greeted yet. Without an end
    it would wait for a server that was stopped, or whose disk is full.
    """

    def __init__(self, calls: Calls, config: Config) -> None:
        self._calls = calls
        self._config = config
        now_s = time.monotonic()
        self._contact_s = now_s + config.timeout_s
        self._end_s = now_s + ANSWER_TIMES * config.timeout_s

    @property
    def is_due(self) -> bool:
        """The next look at what is left may take its time: it may have to see whether anybody is there."""
        return is_foreign(self._calls) or time.monotonic() >= self._contact_s

    def left_s(self) -> float:
        """For how long to wait before asking this again. Raises ServerUnreachable when that is over."""
        now_s = time.monotonic()
        if is_foreign(self._calls):
            raise ServerUnreachable(silence(self._calls, self._config))
        if now_s >= self._contact_s:
            if now_s >= self._end_s or not self._is_worth_it():
                raise ServerUnreachable(silence(self._calls, self._config))
            now_s = time.monotonic()
            self._contact_s = now_s + self._config.timeout_s
        return max(0.0, min(self._contact_s, self._end_s) - now_s)

    def _is_worth_it(self) -> bool:
        return self._calls.connected or self._calls.ways.is_looking or not _refusal(self._calls, self._config)


def is_foreign(calls: Calls) -> bool:
    """There is a server, and it is not of our cluster."""
    return bool(calls.foreign_answers) or calls.is_hung_up_on


def silence(calls: Calls, config: Config) -> str:
    """Why no answer came, and what to do."""
    if is_foreign(calls):
        finding = "has" if calls.foreign_answers else "hangs up on us: most likely it has"
        return (
            f"the job server at {config.address} {finding} another cluster id than ours"
            " ('goq clusterid --current' shows it); 'goq init --join' takes over that of its cluster"
        )
    if not calls.connected and (refusal := _refusal(calls, config)):
        return refusal
    if not calls.has_connected:
        return (
            f"something listens at {config.address}, but does not speak with us:"
            f" it is overloaded or stopped, or no goq server{config.hint}"
        )
    return (
        f"no answer from {config.address} in time: it is busy or stopped, "
        "or its disk is full, or it has another cluster id than yours ('goq clusterid --current' shows yours)"
    )


def _refusal(calls: Calls, config: Config) -> str:
    """Why nobody will take a connection of ours; "" when somebody may."""
    if trouble := calls.ways.lookup_trouble:
        return f"{nobody_at(config.address, trouble)}{UNKNOWN_NAME}{config.hint}"
    try:
        require_server(config)
    except ServerUnreachable as error:
        return str(error)
    failures = calls.ways.failures()
    if failures["auth"] >= FAILURES:
        return (
            f"whoever answers at {config.address} shows another certificate than the one that we know, or none,"
            " so nothing is said to it; 'goq init --join' takes over the certificate, if the cluster has a new one"
        )
    if failures["proto"] + failures["other"] >= FAILURES:
        return (
            f"something listens at {config.address}, but does not speak with us: it is no goq server,"
            " or its cluster has a certificate and we have none ('goq init --join' takes it over)"
        )
    return ""


def require_server(config: Config) -> None:
    """Find out whether anybody listens where the server should. Raises ServerUnreachable."""
    try:
        probe(config.way.host, config.way.port, config.timeout_s)
    except ServerUnreachable as error:
        is_unknown = isinstance(error.__cause__, socket.gaierror)
        what = UNKNOWN_NAME if is_unknown else advice(config)
        raise ServerUnreachable(f"{error}{what}{config.hint}") from error


def advice(config: Config) -> str:
    """Where to start a server, to be said behind the address at which none is."""
    known = recall(config.home)
    if known and known.served and (known.host, known.port) == (config.ip, config.port):
        served = known.served
        where = f"in {_folder_of(served)} on {served.host}"
        return f"; queue {show_queue(served.queue)} was served there, {where}: start 'goq serve' in that folder again"
    if config.guessed and not (known and known.served):
        return "; 'goq up' starts one here, with a worker, and 'goq serve' one alone"
    if config.guessed or (is_number(config.ip) and is_here(config.ip)):
        return "; start one with 'goq serve'"
    return "; see that 'goq serve' runs on that machine"


def _folder_of(served: Served) -> str:
    """Where 'goq serve' was started, as far as one can tell."""
    folder = served.folder
    return f"'{folder.parent}'" if folder.name == ".goq" else f"a folder with GOQ_JOURNAL='{folder}'"


class Contact:
    """For whoever waits on: says why the server is not reached, each time that the reason changes, and when it is.

    Nothing is said of what is over within `patience_s`. `once`: one line is enough for each absence.
    """

    def __init__(
        self, calls: Calls, config: Config, say: Say, patience_s: float, *, once: bool = False
    ) -> None:
        self._calls = calls
        self._config = config
        self._say = say
        self._patience_s = patience_s
        self._once = once
        self._said = ""
        self._was_well = False
        self._errand = Errand(lambda: silence(calls, config), calls.wake)
        self._look_at = time.monotonic() + patience_s

    def turn(self) -> None:
        """Say what there is to say."""
        now_s = time.monotonic()
        if self._calls.is_well:
            self._was_well = True
            if self._said:
                self._said = ""
                self._say(f"the job server at {self._config.address} is there again.", "server found")
            return
        if self._was_well:
            self._was_well = False
            self._look_at = now_s + self._patience_s
        for text in self._errand.take():
            if text != self._said and not (self._said and self._once):
                self._said = text
                self._say(f"{text} (trying on)", "server silent")
        if now_s >= self._look_at:
            self._look_at = now_s + LOOK_EVERY_S
            self._errand.start()

    def next_deadline(self) -> float:
        """The monotonic second by which `turn` is wanted."""
        return math.inf if self._calls.is_well else self._look_at
