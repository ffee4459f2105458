#!python
"""The very beginning of `goq`: first, where its modules come from; then, an end by Ctrl-C without a word.

One file twice: as `goq/__main__.py`, and installed as the program `goq`. (What pip would write for
an entry point imports `re` before all else, and takes the one of PYTHONPATH.) Until `settle_imports`
is through, nothing is imported but what Python has in itself.
"""

import os
import site
import sys

# What says where Python finds modules, or makes it behave otherwise while it loads them.
_MEDDLING = (
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONPLATLIBDIR",
    "PYTHONCASEOK",
    "PYTHONOPTIMIZE",
    "PYTHONWARNINGS",
    "PYTHONDEVMODE",
)


def settle_imports() -> None:
    """See that modules come from Python and from where goq is installed, from nowhere else.

    Where variables or a user site had a say, Python starts again without them: modules may have
    been loaded already. The environment stays: jobs are given it.
    """
    if sys.flags.isolated:
        for place in _own_places():
            _add(place)
    elif _is_meddled_with():
        words = [sys.executable, "-I", os.path.abspath(__file__), *sys.argv[1:]]
        os.execve(sys.executable, words, _given_environment())
    elif not sys.flags.safe_path:
        del sys.path[0]  # the folder of this program, or the current one


def _is_meddled_with() -> bool:
    names = () if sys.flags.ignore_environment else _MEDDLING
    if any(os.environ.get(name) for name in names):
        return True
    users = site.USER_SITE
    return bool(site.ENABLE_USER_SITE) and users in sys.path and not _holds_goq(users)


def _given_environment() -> dict[bytes, bytes]:
    """As we were given it: Python may have set LC_CTYPE in its own (PEP 538)."""
    with open("/proc/self/environ", "rb") as file:
        entries = (entry.partition(b"=") for entry in file.read().split(b"\0"))
    return {name: value for name, equals, value in entries if name and equals}


def _own_places() -> list[str]:
    """Where goq may be installed, when Python by itself does not look there."""
    above = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    beside = os.path.join(above, "lib", version, "site-packages")
    places = [place for place in (above, beside, site.USER_SITE) if place and _holds_goq(place)]
    known = {os.path.realpath(path) for path in sys.path}
    return [place for place in places if os.path.realpath(place) not in known]


def _holds_goq(place: str) -> bool:
    try:
        names = os.listdir(place)
    except OSError:
        return False
    installed = any(name.startswith("goq-") and name.endswith(".dist-info") for name in names)
    return installed or os.path.isfile(os.path.join(place, "goq", "__init__.py"))


def _add(place: str) -> None:
    """Have modules looked up there: after Python's own, before those of others."""
    count = len(sys.path)
    site.addsitedir(place)
    added = sys.path[count:]
    del sys.path[count:]
    others = (at for at, path in enumerate(sys.path) if path.endswith("-packages"))
    at = next(others, count)
    sys.path[at:at] = added


def main() -> None:
    """Load the commands, and run the one that is asked for."""
    settle_imports()
    import signal  # noqa: PLC0415 - not before the above

    # Where SIGINT is ignored, as in the background of a script, it stays so.
    interruptible = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if interruptible:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        from goq.commands.main import main as run  # noqa: PLC0415 - this is what takes time
    except ModuleNotFoundError as error:
        sys.exit(f"goq: its module '{error.name}' is not where goq is installed; install goq again there")

    if interruptible:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


if __name__ == "__main__":
    main()
