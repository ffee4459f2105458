"""Writes docs/api.md: the reference of what `import goq` gives, of its docstrings, behind what docs/api-head.md says.

python scripts/reference.py           write it
python scripts/reference.py --check   say whether it is current
"""

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import goq
from goq.api.options import AfterOptions, SetOptions, SubmitOptions, TermOptions

DOCS = Path(__file__).resolve().parent.parent / "docs"
HEAD, PLACE = DOCS / "api-head.md", DOCS / "api.md"
OWN = ("for goq's own commands", "of no use to programs")  # what says so is no part of the reference
OPTIONS = (TermOptions, AfterOptions, SetOptions, SubmitOptions)


def text() -> str:
    """The whole page."""
    parts = [HEAD.read_text().rstrip(), "## Reference"]
    parts += [_of_class(getattr(goq, name)) for name in vars(goq)["_PUBLIC"]]
    parts += ["## Options", *map(_of_options, OPTIONS)]
    return "\n\n".join(parts) + "\n"


def _of_class(kind: type) -> str:
    if issubclass(kind, Exception):
        return f"### {kind.__name__}\n\n{_doc(kind)} Exit code of a command: {getattr(kind, 'exit_code', 1)}."
    lines = [f"### {kind.__name__}", _doc(kind)]
    members = list(_members(kind))
    if members:
        lines += [f"- `{shown}` — {_doc(member)}" for shown, member in members]
        return "\n\n".join(lines[:2]) + "\n\n" + "\n".join(lines[2:])
    return "\n\n".join(lines)


def _members(kind: type) -> Iterator[tuple[str, object]]:
    """Methods and properties, in the order in which they are written, those of its bases first."""
    seen: dict[str, Any] = {}
    for each in reversed(kind.__mro__):
        if each.__module__.startswith("goq."):
            seen |= {name: member for name, member in vars(each).items() if not name.startswith("_")}
    for name, member in seen.items():
        inner = member.fget if isinstance(member, property) else member
        if not callable(inner) or not inspect.getdoc(inner) or _is_own(inner):
            continue
        yield (name if isinstance(member, property) else f"{name}{_signature(inner)}"), inner


def _is_own(member: object) -> bool:
    return any(words in (inspect.getdoc(member) or "").lower() for words in OWN)


def _signature(function: Callable[..., object]) -> str:
    """As it stands in the source, without self."""
    source = textwrap.dedent(inspect.getsource(function))
    definition = next(
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    arguments = definition.args
    del (arguments.posonlyargs or arguments.args)[0]
    for each in ast.walk(arguments):
        if isinstance(each, ast.arg) and isinstance(each.annotation, ast.Constant):
            each.annotation = ast.Name(str(each.annotation.value))
    shown = re.sub(r"Unpack\[(\w+)\]", r"\1", ast.unparse(arguments))
    returned = ast.unparse(definition.returns).strip("'") if definition.returns else "None"
    return f"({shown}) -> {returned}"


def _of_options(kind: type) -> str:
    """The options of one kind, with what stands behind each in the source."""
    source = inspect.getsource(kind)
    rows = re.findall(r"^    (\w+): (.+?)  # (.+)$", source, re.MULTILINE) or re.findall(
        r"^    (\w+): (.+?)()$", source, re.MULTILINE
    )
    plain = re.findall(r"^    (\w+): ([^#\n]+)$", source, re.MULTILINE)
    shown = {name: (type_, what) for name, type_, what in rows} | {
        name: (type_, "") for name, type_ in plain if name not in {row[0] for row in rows}
    }
    bases = [base.__name__ for base in getattr(kind, "__orig_bases__", ()) if base.__name__ != "TypedDict"]
    also = f" Also those of {' and '.join(bases)}." if bases else ""
    lines = [
        f"- `{name}: {type_.strip()}`{' — ' + what if what else ''}" for name, (type_, what) in shown.items()
    ]
    return f"### {kind.__name__}\n\n{_doc(kind)}{also}\n\n" + "\n".join(lines)


def _doc(thing: object) -> str:
    """The docstring, its paragraphs as lines."""
    paragraphs = re.split(r"\n\s*\n", inspect.getdoc(thing) or "")
    return " ".join(" ".join(each.split()) for each in paragraphs)


def main() -> int:
    if sys.argv[1:] == ["--check"]:
        if PLACE.read_text() == text():
            return 0
        print("docs/api.md is not current; say: python scripts/reference.py")
        return 1
    PLACE.write_text(text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
