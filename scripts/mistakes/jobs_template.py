"""Mistakes in adapters/jobs/template.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/template.py"
FAULTS = [
    Fault(
        "a shepherd belongs to the template",
        FILE,
        "                return _bear(birth, write)",
        "                os.setsid(); birth.leader = 0; os.write(write, marshal.dumps((os.getpid(), 1, ''))); return birth",
    ),
    Fault(
        "descriptors leak into jobs",
        FILE,
        "socket.MSG_CMSG_CLOEXEC",
        "0",
    ),
    Fault(
        "who leads the group hears what jobs send it",
        FILE,
        "    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())",
        "    pass",
    ),
    Fault(
        "who leads the group lives on",
        FILE,
        "    os.read(life, 1)\n",
        "    os.read(life, 1)\n    signal.pause()\n",
    ),
    Fault(
        "the group is the shepherd's own",
        FILE,
        "    os.setpgid(0, 0)\n",
        "    os.setpgid(0, birth.leader)\n",
    ),
    Fault(
        "a signal from outside ends a template",
        FILE,
        "        signal.signal(number, _do_nothing)",
        "        pass",
    ),
    Fault(
        "orphans of jobs flee",
        FILE,
        "    become_subreaper()\n",
        "    pass\n",
    ),
    Fault(
        "a template stays in its worker's folder",
        FILE,
        '    os.chdir("/")\n',
        "    pass\n",
    ),
    Fault(
        "a worker that was killed is a failure",
        FILE,
        "except ConnectionResetError:",
        "except BlockingIOError:",
    ),
]
