"""Closing a client's socket while its connection is being greeted: nng may abort the process then.

nng's close tears down what its threads still use for the greeting; a process that ends next to
it now and then dies of "panic: pthread_mutex_lock" (nanomsg/nng#2110).
"""

import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from adapters.until import wait_until
from goq.adapters.wire.transport import ClientSocket

SP_REP_GREETING = b"\x00SP\x00\x00\x31\x00\x00"
COMMANDS = 40


@pytest.fixture(name="listener")
def _listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=2 * COMMANDS) as listener:
        yield listener


def address_of(listener: socket.socket) -> str:
    return f"tcp://127.0.0.1:{listener.getsockname()[1]}"


def test_a_socket_amid_its_greeting_is_left_to_the_end_of_the_process(listener: socket.socket) -> None:
    """Whoever gives up then must not have nng tear it down: the connection is still there."""
    client = ClientSocket(address_of(listener))
    wait_until(lambda: client.send(7, b"question"), "room for a request")
    connection, _ = listener.accept()
    with connection:
        greeting = connection.recv(100)
        client.close()
        connection.sendall(SP_REP_GREETING)
        connection.settimeout(20.0)
        frame = connection.recv(100)

    assert len(SP_REP_GREETING) == len(greeting)
    assert b"question" in frame


def test_no_command_aborts_that_gives_up_amid_a_greeting(listener: socket.socket) -> None:
    """Its exit status is what scripts go by. nng's threads are held up at random, to provoke it."""
    command = [sys.executable, "-c", "from adapters.test_transport_close import give_up; give_up()"]
    environment = os.environ | {"ADDRESS": address_of(listener), "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)

    assert f"{[0] * COMMANDS}\n" == ended.stdout, ended.stderr


def give_up() -> None:
    """Run many commands that give up, one after the other, and print how each has ended."""
    endings = []
    for seed in range(COMMANDS):
        pid = os.fork()  # nng has not been used yet
        if pid == 0:
            _give_up_once(random.Random(seed))
            return
        endings.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    print(endings)


def _give_up_once(chance: random.Random) -> None:
    """Connect, give up some milliseconds later, and come to the end of the program."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    client = ClientSocket(os.environ["ADDRESS"])
    wait_until(lambda: client.take_news() or chance.random() < 0.2, "some milliseconds")
    for thread in map(int, os.listdir("/proc/self/task")):
        if thread != os.getpid() and chance.random() < 0.6:
            os.setpriority(os.PRIO_PROCESS, thread, 19)
    client.close()
