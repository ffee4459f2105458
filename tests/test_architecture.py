"""The house has floors: this reads every import of goq, and the size of everything.

The laws are functions from sources to complaints, so that planted violations can show that
each of them sees what it is there for.
"""

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# From the ground up. A file may import from lower floors and from its own.
FLOORS = ("ground", "core", "adapters", "roles", "views", "api", "top", "web", "commands", "entry")
GROUND = ("goq/__init__.py", "goq/errors.py")
ENTRY = ("goq/__main__.py",)
# The floors of the core, from the bottom up.
CORE_FLOORS = ("values", "messages", "waits", "state", "board", "dispatch", "worker")

# What a pure program needs. Time, files, sockets, processes and chance are not among it.
CORE_MAY_IMPORT = frozenset(
    {
        "abc",
        "array",
        "bisect",
        "collections",
        "contextlib",
        "enum",
        "functools",
        "hashlib",
        "heapq",
        "itertools",
        "math",
        "msgspec",
        "operator",
        "re",
        "typing",
        "weakref",
    }
)
PURE = {"core": CORE_MAY_IMPORT, "views": CORE_MAY_IMPORT | {"codecs", "unicodedata"}}
VIEWS_STAND_ON = ("goq/views/", "goq/core/values/")
CORE_MAY_NOT_USE = frozenset({"open", "print", "input", "eval", "exec", "__import__", "breakpoint"})

# The only files that may import a library, by the beginning of their path.
HOMES: dict[str, str | tuple[str, ...]] = {
    "msgspec": "goq/",  # what values are made of, on every floor
    "capnp": "goq/adapters/wire/codec",
    "cryptography": ("goq/adapters/wire/certificates.py", "goq/adapters/wire/keys.py"),
    "pynng": "goq/adapters/wire/transport",
    "sqlite3": "goq/adapters/store/",
    "hmac": "goq/adapters/wire/signing.py",
    "subprocess": "goq/adapters/jobs/",
    "click": "goq/commands/",
    "rich": "goq/top/",
    "textual": "goq/top/",
    "jinja2": "goq/web/",
    "markupsafe": "goq/web/",
    "starlette": "goq/web/",
    "uvicorn": "goq/web/",
    "h11": "goq/web/connection.py",
}

# Commands that are roles, make a cluster, or are still to go over to the API.
MAY_PASS_THE_API = frozenset(f"goq/commands/{name}.py" for name in ("serve", "work", "init"))

FILE_LINES = 400
FUNCTION_LINES = 50

Sources = dict[str, str]  # the text of each file by its path from the root


@dataclass(frozen=True, slots=True)
class Import:
    """One import, wherever in the file it stands: of a module, or of a name in it."""

    path: str
    line: int
    module: str
    name: str = ""

    @property
    def library(self) -> str:
        """The package that is imported from."""
        return self.module.partition(".")[0]

    def complaint(self, text: str) -> str:
        """A sentence that says where."""
        return f"{self.path}:{self.line}: {text}"


def imports(sources: Sources) -> Iterator[Import]:
    """Every import in every file, also those in functions and under conditions."""
    for path, text in sources.items():
        for node in ast.walk(_parsed(text)):
            if isinstance(node, ast.Import):
                yield from (Import(path, node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                module = _absolute(path, node)
                yield from (Import(path, node.lineno, module, alias.name) for alias in node.names)
            elif isinstance(node, ast.Call) and _is_import_by_name(node):
                yield Import(path, node.lineno, str(getattr(node.args[0], "value", "")))


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def _absolute(path: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    folder = path.split("/")[: -node.level]
    return ".".join([*folder, *([node.module] if node.module else [])])


def _is_import_by_name(call: ast.Call) -> bool:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    return (
        name in {"import_module", "__import__"} and bool(call.args) and isinstance(call.args[0], ast.Constant)
    )


def target(one: Import, sources: Sources) -> str | None:
    """The file of goq that an import reads; None if it is not one of goq's."""
    module = one.module.replace(".", "/")
    for candidate in (f"{module}/{one.name}", module):
        for path in (f"{candidate}.py", f"{candidate}/__init__.py"):
            if path in sources:
                return path
    return None


def floor(path: str) -> str:
    """The floor on which a file stands."""
    if path in GROUND:
        return "ground"
    return "entry" if path in ENTRY else path.split("/")[1]


def core_floor(path: str) -> str:
    """The floor of the core on which a file stands; "" for what is not in the core, and for its front door."""
    if floor(path) != "core" or path == "goq/core/__init__.py":
        return ""
    return path.split("/")[2]


# --- the laws --------------------------------------------------------------------------------


def imports_upward(sources: Sources) -> Iterator[str]:
    """A lower floor knows nothing of a higher one, and every file stands on a floor."""
    for path in sources:
        if floor(path) not in FLOORS:
            yield f"{path}: stands on none of the floors {FLOORS}"
    for one in imports(sources):
        lower, upper = floor(one.path), floor(target(one, sources) or one.path)
        if FLOORS.index(upper) > FLOORS.index(lower):
            yield one.complaint(f"{lower} imports upward from {upper}")


def imports_upward_in_the_core(sources: Sources) -> Iterator[str]:
    """Inside the core too a lower floor knows nothing of a higher one, and every file stands on one."""
    for path in sources:
        if core_floor(path) not in (*CORE_FLOORS, ""):
            yield f"{path}: stands on none of the core's floors {CORE_FLOORS}"
    for one in imports(sources):
        lower, upper = core_floor(one.path), core_floor(target(one, sources) or one.path)
        if lower and upper and CORE_FLOORS.index(upper) > CORE_FLOORS.index(lower):
            yield one.complaint(f"{lower} imports upward from {upper}")


def imports_of_nothing(sources: Sources) -> Iterator[str]:
    """What looks like goq's own must be there, or the other laws would not see it."""
    for one in imports(sources):
        if one.library == "goq" and target(one, sources) is None:
            yield one.complaint(f"goq has no {one.module}")


def circles(sources: Sources) -> Iterator[str]:
    """Files that import each other cannot be read, tested or loaded one at a time."""
    reads: dict[str, set[str]] = {path: set() for path in sources}
    for one in imports(sources):
        found = target(one, sources)
        if found and found != one.path:
            reads[one.path].add(found)
    for path in sources:
        if path in _reachable(reads, path):
            yield f"{path}: imports itself in a circle"


def _reachable(reads: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    ahead = set(reads[start])
    while ahead:
        path = ahead.pop()
        if path not in seen:
            seen.add(path)
            ahead |= reads[path]
    return seen


def impure_core(sources: Sources) -> Iterator[str]:
    """The core, and what people are shown, get time, ids and chance as arguments, and touch nothing."""
    for one in imports(sources):
        pure = PURE.get(floor(one.path))
        if pure and one.library not in pure | {"goq"}:
            yield one.complaint(f"the {floor(one.path)} is pure and may not import {one.module}")
    for path, text in sources.items():
        for node in ast.walk(_parsed(text)):
            if floor(path) in PURE and isinstance(node, ast.Name) and node.id in CORE_MAY_NOT_USE:
                yield f"{path}:{node.lineno}: the {floor(path)} is pure and may not use {node.id}"


def views_of_more_than_values(sources: Sources) -> Iterator[str]:
    """What people are shown follows from values: no view asks a server, or knows how one decides."""
    for one in imports(sources):
        found = target(one, sources)
        if floor(one.path) == "views" and found and not found.startswith(VIEWS_STAND_ON):
            yield one.complaint(f"views stand on values alone, not on {found}")


def libraries_away_from_home(sources: Sources) -> Iterator[str]:
    """Each piece of the outside world has one adapter, and is known nowhere else."""
    for one in imports(sources):
        home = HOMES.get(one.library)
        if home and not one.path.startswith(home):
            yield one.complaint(f"{one.library} is imported in {home} only")
        if not home and one.library not in sys.stdlib_module_names | {"goq"}:
            yield one.complaint(f"{one.library} has no home; give it one in HOMES")


def commands_past_the_api(sources: Sources) -> Iterator[str]:
    """What a command can do a program can: commands know the server by the API alone, but for the two that are roles."""
    for one in imports(sources):
        to = target(one, sources) or ""
        is_bound = one.path.startswith("goq/commands/") and one.path not in MAY_PASS_THE_API
        if is_bound and to.startswith(("goq/roles/client/", "goq/adapters/wire/")):
            yield one.complaint(f"commands ask by goq/api, not by {one.module}")


def too_long(sources: Sources) -> Iterator[str]:
    """What does not fit on a few screens is not understood."""
    for path, text in sources.items():
        line_count = len(text.splitlines())
        if line_count > FILE_LINES:
            yield f"{path}: {line_count} lines are more than {FILE_LINES}"
        for node in ast.walk(_parsed(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                line_count = (node.end_lineno or node.lineno) - node.lineno + 1
                if line_count > FUNCTION_LINES:
                    yield f"{path}:{node.lineno}: {node.name} has {line_count} lines, more than {FUNCTION_LINES}"


Law = Callable[[Sources], Iterator[str]]
LAWS: list[Law] = [
    imports_upward,
    imports_upward_in_the_core,
    imports_of_nothing,
    circles,
    impure_core,
    views_of_more_than_values,
    libraries_away_from_home,
    commands_past_the_api,
    too_long,
]


def sources_of_goq() -> Sources:
    """All of goq, as it is."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "goq").rglob("*.py"))
    }


@pytest.mark.parametrize("law", LAWS)
def test_goq_keeps_the_law(law: Law) -> None:
    """The house stays as it was designed."""
    assert [] == list(law(sources_of_goq()))


def test_all_of_goq_is_read() -> None:
    """Laws about an empty folder are easily kept."""
    sources = sources_of_goq()

    assert {"goq/core/dispatch/door.py", "goq/core/state/state.py", *GROUND} <= sources.keys()
    assert "goq/core/state/state.py" in {target(one, sources) for one in imports(sources)}


# --- the laws see what they are there for ----------------------------------------------------

HOUSE: Sources = {
    "goq/__init__.py": '__version__ = "1"\n',
    "goq/errors.py": "class GoqError(Exception):\n    pass\n",
    "goq/core/__init__.py": "",
    "goq/core/values/__init__.py": "",
    "goq/core/state/__init__.py": "",
    "goq/core/values/job.py": "from msgspec import Struct\n",
    "goq/core/state/state.py": "from goq.core.values.job import Job\nfrom goq.errors import GoqError\n",
    "goq/adapters/__init__.py": "",
    "goq/adapters/wire/__init__.py": "",
    "goq/adapters/wire/codec.py": "import capnp\nfrom goq.core.values import job\n",
    "goq/adapters/wire/codec_rows.py": "import capnp\n",
    "goq/adapters/store/tables.py": "import sqlite3\n",
    "goq/adapters/wire/signing.py": "import hmac\n",
    "goq/adapters/wire/transport.py": "import pynng\n",
    "goq/adapters/jobs/executor.py": "import subprocess\n",
    "goq/roles/__init__.py": "",
    "goq/roles/client/__init__.py": "",
    "goq/roles/client/ask.py": "from goq.adapters.wire import codec\n",
    "goq/roles/server/__init__.py": "",
    "goq/roles/server/loop.py": "import time\nfrom goq.adapters.wire import codec\nfrom goq.core.state.state import State\n",
    "goq/views/__init__.py": "",
    "goq/views/text.py": "import unicodedata\nfrom goq.core.values.job import Job\n",
    "goq/commands/__init__.py": "",
    "goq/commands/serve.py": "import click\nfrom goq import __version__\nfrom goq.views import text\n",
    "goq/__main__.py": "from goq.commands.serve import serve\n",
}
FUNCTION = "def f():\n" + "    x = 1\n" * (FUNCTION_LINES - 1)

VIOLATIONS: list[tuple[Law, str, str]] = [
    (imports_upward, "goq/core/values/job.py", "from goq.adapters.wire.codec import decode\n"),
    (imports_upward, "goq/core/values/job.py", "import goq.adapters.wire.codec\n"),
    (imports_upward, "goq/core/values/job.py", "from goq import adapters\n"),
    (imports_upward, "goq/core/values/job.py", "from ...adapters.wire import codec\n"),
    (imports_upward, "goq/core/values/job.py", "def late():\n    from goq.roles.server import loop\n"),
    (
        imports_upward,
        "goq/core/values/job.py",
        "if TYPE_CHECKING:\n    from goq.roles.server.loop import Server\n",
    ),
    (
        imports_upward,
        "goq/core/values/job.py",
        'import importlib\nimportlib.import_module("goq.roles.server.loop")\n',
    ),
    (imports_upward, "goq/adapters/wire/codec.py", "from goq.roles.server.loop import Server\n"),
    (imports_upward, "goq/roles/server/loop.py", "from goq.commands import serve\n"),
    (imports_upward, "goq/errors.py", "from goq.core.values.job import JobId\n"),
    (imports_upward, "goq/__init__.py", "from goq.core.values import job\n"),
    (imports_upward, "goq/helpers.py", ""),
    (imports_upward, "goq/plugins/one.py", ""),
    (imports_upward_in_the_core, "goq/core/values/job.py", "from goq.core.state.state import State\n"),
    (imports_upward_in_the_core, "goq/core/values/job.py", "def late():\n    from ..state import state\n"),
    (imports_upward_in_the_core, "goq/core/helpers/one.py", ""),
    (imports_upward_in_the_core, "goq/core/model.py", ""),
    (imports_of_nothing, "goq/core/values/job.py", "from goq.core.gone import it\n"),
    (circles, "goq/core/values/job.py", "from goq.core.state.state import State\n"),
    (circles, "goq/core/values/job.py", "from ..state import state\n"),
    (circles, "goq/core/values/job.py", "def late():\n    from goq.core.state import state\n"),
    *(
        (impure_core, "goq/core/values/job.py", f"import {name}\n")
        for name in ("time", "os", "socket", "sqlite3")
    ),
    *(
        (impure_core, "goq/core/values/job.py", f"import {name}\n")
        for name in ("subprocess", "random", "secrets")
    ),
    *(
        (impure_core, "goq/core/values/job.py", f"import {name}\n")
        for name in ("threading", "logging", "datetime")
    ),
    *((impure_core, "goq/core/values/job.py", f"import {name}\n") for name in ("uuid", "pynng", "os.path")),
    (impure_core, "goq/core/values/job.py", "from time import monotonic\n"),
    (impure_core, "goq/core/values/job.py", "def late():\n    import time as clock\n"),
    (impure_core, "goq/core/values/job.py", 'open("/etc/passwd")\n'),
    (impure_core, "goq/views/text.py", "import datetime\n"),
    (impure_core, "goq/views/text.py", "print(1)\n"),
    (imports_upward, "goq/views/text.py", "from goq.commands.serve import serve\n"),
    (imports_upward, "goq/roles/server/loop.py", "from goq.views import text\n"),
    (views_of_more_than_values, "goq/views/text.py", "from goq.roles.server.loop import Server\n"),
    (views_of_more_than_values, "goq/views/text.py", "from goq.core.state import state\n"),
    (views_of_more_than_values, "goq/views/text.py", "def late():\n    import goq.core.state.state\n"),
    (libraries_away_from_home, "goq/views/text.py", "from rich.text import Text\n"),
    (libraries_away_from_home, "goq/adapters/jobs/executor.py", "import capnp\n"),
    (libraries_away_from_home, "goq/roles/server/loop.py", "from pynng import Rep0\n"),
    (libraries_away_from_home, "goq/adapters/wire/codec.py", "import sqlite3\n"),
    (libraries_away_from_home, "goq/adapters/wire/codec.py", "import hmac\n"),
    (libraries_away_from_home, "goq/roles/server/loop.py", "import subprocess\n"),
    (libraries_away_from_home, "goq/roles/server/loop.py", "from rich.console import Console\n"),
    (libraries_away_from_home, "goq/adapters/wire/codec.py", "import click\n"),
    (libraries_away_from_home, "goq/commands/serve.py", "import requests\n"),
    (commands_past_the_api, "goq/commands/sub.py", "from goq.roles.client.ask import ask\n"),
    (commands_past_the_api, "goq/commands/sub.py", "def late():\n    from goq.adapters.wire import codec\n"),
    (too_long, "goq/core/values/job.py", "\n" * (FILE_LINES + 1)),
    (too_long, "goq/core/values/job.py", FUNCTION + "    x = 2\n"),
    (
        too_long,
        "goq/core/values/job.py",
        "class A:\n" + "".join(f"    {line}\n" for line in FUNCTION.splitlines()) + "        x = 2\n",
    ),
]


@pytest.mark.parametrize("law", LAWS)
def test_a_good_house_gets_no_complaints(law: Law) -> None:
    """A law that complains of everything would be switched off."""
    sources = {**HOUSE, "goq/core/values/long.py": FUNCTION + "\n" * (FILE_LINES - FUNCTION_LINES)}

    assert [] == list(law(sources))


@pytest.mark.parametrize(("law", "path", "text"), VIOLATIONS)
def test_a_planted_violation_is_seen(law: Law, path: str, text: str) -> None:
    """A law that complains of nothing would not be missed."""
    complaints = list(law({**HOUSE, path: text}))

    assert complaints
    assert all(complaint.startswith(("goq/", path)) for complaint in complaints)
    assert any(path in complaint for complaint in complaints)


def test_a_circle_may_have_many_members() -> None:
    """Files rarely import each other directly; each member is named."""
    ring = {
        f"goq/core/values/{one}.py": f"from goq.core.values.{two} import it\n"
        for one, two in ("ab", "bc", "ca")
    }

    assert [f"goq/core/values/{one}.py: imports itself in a circle" for one in "abc"] == list(
        circles({**HOUSE, **ring})
    )
