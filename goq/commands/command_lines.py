"""The commands that `goq sub` takes from its words, or from the lines of a file."""

import os
from collections.abc import Iterator

import click

from goq.adapters.files.linelist import LineList
from goq.core.values.ids import Argv, join_argv
from goq.core.values.text import show_command, show_text
from goq.errors import BadCommand

LINE_LIMIT = 128 * 1024  # Linux gives no program a longer argument
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def command_of(words: tuple[str, ...], *, by_shell: bool) -> Argv:
    """The one command that these words are, or that a shell makes of the one that there is."""
    if by_shell and len(words) > 1:
        raise BadCommand("--shell takes one word, so quote the command: goq sub --shell 'sleep 3; echo hi'")
    if by_shell and not words[0].strip():
        raise BadCommand("cowardly refusing to submit empty job; say: goq sub --shell 'sleep 3; echo hi'")
    encoded = [os.fsencode(word) for word in words]
    return _checked([*_shell(), *encoded] if by_shell else encoded, "the command")


def commands_in(files: tuple[str, ...], *, by_shell: bool) -> LineList:
    """A command a line of the one file, split into words or each given to a shell."""
    if len(files) != 1:
        raise BadCommand("lines@ takes one file; say: goq sub lines@ FILE, options before lines@")
    commands = LineList(_by_shell(files[0]) if by_shell else _split(files[0]))
    if not commands.count:
        raise BadCommand(f"cowardly refusing to submit empty job: no line in {files[0]}")
    return commands


def _split(name: str) -> Iterator[Argv]:
    from goq.core.values.words import NeedsShell, NotPlain, split_line  # noqa: PLC0415 - a plain `goq sub` waits

    for number, line in read_lines(name):
        try:
            words = split_line(line)
        except NeedsShell as error:
            advice = f"quote it, or goq sub --shell lines@ {name}"
            raise BadCommand(f"{name}, line {number}: {error}: {advice}; nothing was submitted") from error
        except NotPlain as error:
            raise BadCommand(f"{name}, line {number}: {error}; nothing was submitted") from error
        if words:
            yield _checked(words, f"{name}, line {number}")


def _by_shell(name: str) -> Iterator[Argv]:
    shell = _shell()
    for number, line in read_lines(name):
        bare = line.lstrip(b" \t")
        if not bare or bare.startswith(b"#"):
            continue
        if (len(bare) - len(bare.rstrip(b"\\"))) % 2:
            raise BadCommand(
                f"{name}, line {number}: a line cannot go on in the next one; nothing was submitted"
            )
        yield _checked([*shell, bare], f"{name}, line {number}")


def read_lines(name: str) -> Iterator[tuple[int, bytes]]:
    """The lines with their numbers, without what an editor of another system adds."""
    try:
        with click.open_file(name, "rb") as file:
            lines = iter(lambda: file.readline(LINE_LIMIT + len(_BYTE_ORDER_MARK) + len(b"\r\n")), b"")
            for number, whole in enumerate(lines, start=1):
                line = whole.removeprefix(_BYTE_ORDER_MARK) if number == 1 else whole
                line = line.removesuffix(b"\n").removesuffix(b"\r")
                if len(line) > LINE_LIMIT:
                    size = len(line) + (
                        0 if whole.endswith(b"\n") else len(file.readline().removesuffix(b"\n"))
                    )
                    raise BadCommand(
                        f"{name}, line {number} has {size} bytes; a line holds {LINE_LIMIT} at most,"
                        " so put the data in a file; nothing was submitted"
                    )
                yield number, line
    except OSError as error:
        raise BadCommand(f"cannot read {name}: {error.strerror}") from error


def second_thought(words: list[bytes]) -> str:
    """What may have been meant with a command that is none on this machine; "" for nothing."""
    program = words[0]
    if _is_here(program):
        return ""
    from goq.core.values.words import hint_for  # noqa: PLC0415 - as above

    if b"/" not in program and os.path.isfile(program):
        return f"no {show_text(program)} is on the PATH; the one in this folder is ./{show_text(program)}"
    if len(words) == 1 and hint_for(words):
        return f"that is one word; for a shell: goq sub --shell {show_command(program)}"
    return hint_for(words) and f"{show_command(program)}: {hint_for(words)}"


def _is_here(program: bytes) -> bool:
    folders = [""] if b"/" in program else os.get_exec_path()
    return any(os.access(os.path.join(os.fsencode(folder), program), os.X_OK) for folder in folders)


def _shell() -> list[bytes]:
    """bash; where the submitter has none, the shell that every system has."""
    return [b"bash" if _is_here(b"bash") else b"sh", b"-c"]


def _checked(words: list[bytes], what: str) -> Argv:
    if not words[0]:
        raise BadCommand(f"cowardly refusing to submit empty job: {what} has an empty name")
    argv = join_argv(words)
    if argv.count(b"\0") >= len(words):
        raise BadCommand(f"{what} holds a NUL byte, which no program can be given")
    return argv
