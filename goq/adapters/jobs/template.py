"""The template: a process that holds all that a shepherd needs, and becomes one by forking.

A worker starts it once and needs no file of goq's after that, whatever becomes of them. It is no
part of the worker itself, which has threads (nng's) and the cluster id by the time it needs a
shepherd; from here, a fork is safe, quick, and shares its memory. Whoever takes care of a shepherd
is the worker: a midwife between them ends at once, so that the shepherd becomes the worker's child.

Beside each shepherd sits a process that does nothing but lead the process group of its jobs: a job
leads none, as in a script, and a signal to its own group still reaches nobody else.

Worker to template: one packet for a shepherd, with its end of the link and the memory of its mark.
Template to worker: first of all which goq this is; then (shepherd, leader, problem) a packet.
"""

import gc
import marshal
import os
import signal
import socket
import struct
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from msgspec import Struct

from goq.adapters.jobs.cgroups import JobCgroup
from goq.adapters.jobs.link import GREETING, Link
from goq.adapters.jobs.mark import Mark
from goq.adapters.jobs.processes import (
    MEANINGLESS,
    STOPPING,
    allow_files,
    become_subreaper,
    listen_to_all_signals,
)
from goq.adapters.jobs.shepherd import serve

PACKET_BYTES = 64 * 1024
_FILENOS = struct.Struct("ii")
_MANY_FILES = 1024


class Birth(Struct):
    """What a new shepherd begins with."""

    end: socket.socket
    memory: int
    leader: int
    cgroup: bytes
    files: int


def main() -> None:
    """Take the worker's requests from standard input; and be a shepherd, in each process that is one."""
    listen_to_all_signals()
    for number in (*STOPPING, signal.SIGHUP, *MEANINGLESS):
        # Only the worker's word counts, or its death. Not SIG_IGN, which jobs would inherit.
        signal.signal(number, _do_nothing)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir("/")
    worker = socket.socket(fileno=os.dup(0))
    worker.set_inheritable(False)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    _say(worker, GREETING)
    gc.freeze()  # what is here stays, and is shared: nobody need look at it again
    birth = _attend(worker)
    if birth is not None:
        worker.close()
        _live(birth)


def _do_nothing(_number: int, _frame: object) -> None:
    """Be interrupted, and go on."""


def _say(worker: socket.socket, packet: bytes) -> None:
    with suppress(OSError):  # it is gone, as the next look will show
        worker.send(packet)


def _hear(worker: socket.socket) -> tuple[bytes, int, int]:
    """A request with its two descriptors; b"" when the worker is gone."""
    room = socket.CMSG_SPACE(_FILENOS.size)
    try:
        request, with_it, _, _ = worker.recvmsg(PACKET_BYTES, room, socket.MSG_CMSG_CLOEXEC)
    except ConnectionResetError:  # it was killed, and had not read our last word
        return b"", -1, -1
    return (request, *(_FILENOS.unpack(with_it[0][2]) if with_it else (-1, -1)))


def _attend(worker: socket.socket) -> Birth | None:
    """Do as the worker asks until it is gone; but return at once in a shepherd."""
    while True:
        request, end, memory = _hear(worker)
        if not request:
            return None
        cgroup, allowed = marshal.loads(request)
        birth = Birth(socket.socket(fileno=end), memory, 0, cgroup, allowed)
        read, write = os.pipe()
        try:
            midwife = os.fork()
        except OSError as error:
            os.write(write, marshal.dumps((0, 0, error.strerror)))
        else:
            if not midwife:
                os.close(read)
                return _bear(birth, write)
            os.waitpid(midwife, 0)  # from now on the shepherd is the worker's child
        os.close(write)
        _say(worker, os.read(read, PACKET_BYTES))
        birth.end.close()
        for fileno in (read, memory):
            os.close(fileno)


def _bear(birth: Birth, said: int) -> Birth:
    """In the midwife: a session, in it a leader and a shepherd, and no more. Returns in the shepherd."""
    os.setsid()
    life, _hold = os.pipe()
    try:
        birth.leader = os.fork()
        if not birth.leader:
            _lead(life)
        os.setpgid(birth.leader, birth.leader)
        shepherd = os.fork()
    except OSError as error:
        os.write(said, marshal.dumps((0, 0, error.strerror)))
        os._exit(1)
    if shepherd:
        os.write(said, marshal.dumps((shepherd, birth.leader, "")))
        os._exit(0)
    os.setpgid(0, 0)
    for fileno in (said, life):
        os.close(fileno)
    return birth  # with `_hold` open, as long as it lives


def _lead(life: int) -> NoReturn:
    """Lead a process group until the shepherd beside us ends, deaf to what jobs send to their group."""
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    os.closerange(0, life)
    os.closerange(life + 1, _MANY_FILES)
    os.read(life, 1)
    os._exit(0)


def _live(birth: Birth) -> None:
    become_subreaper()
    allow_files(birth.files)
    serve(Link(birth.end), Mark(birth.memory), _join(birth.cgroup), birth.leader)


def _join(path: bytes) -> JobCgroup | None:
    """Our slot's group, if it has one and it lets us in."""
    if not path:
        return None
    group = JobCgroup(Path(os.fsdecode(path)))
    try:
        group.join()
    except OSError:
        return None
    return group
