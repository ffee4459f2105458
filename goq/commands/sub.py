"""`goq sub`."""

import getpass
import os
import re
import socket
from collections.abc import Iterator

import click
from msgspec.structs import replace

from goq.adapters.clusterid import scrubbed_environment
from goq.adapters.config import Config, load_config
from goq.core.messages import AckSubmit, Submit
from goq.core.values.ids import Argv, Environment, join_argv, join_environment
from goq.core.values.job import Terms
from goq.core.values.text import show_command
from goq.errors import BadCommand
from goq.roles.client.ask import cluster_id_in_time
from goq.roles.client.submission import submit

SUBMISSION_LIMIT = 3 * 1024 * 1024
LINES_LIMIT = 1024 * 1024
LINES_A_MESSAGE = 10_000
KEY_LIMIT = 200
LINE_LIMIT = 128 * 1024  # Linux gives no program a longer argument, and shlex would take minutes
LINES_FROM = "lines@"
_NEEDS_A_SHELLS_EYE = re.compile(rb"""["'\\\v\f]""").search  # else its words are what lies between blanks


@click.command("sub", context_settings={"allow_interspersed_args": False})
@click.option("--no-requeue", is_flag=True, help="Never start it a second time, even if its worker is lost.")
@click.option("--unique", metavar="KEY", help="Not while a job with that key waits or runs.")
@click.option("--spool", is_flag=True, help="Without a server, keep it here and submit it later.")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="COMMAND [ARGUMENT]...")
def command(words: tuple[str, ...], unique: str | None, *, no_requeue: bool, spool: bool) -> None:
    """Submit a command as a job; prints its number.

    It will run in the current folder, with the current environment, and its words as they are:
    no shell looks at them. Output goes to out.NNNNN in the server's output folder.

    'goq sub lines@ FILE' submits each line of FILE as a job of its own, split into words as a
    shell would; empty lines are left out, and '-' is the standard input.

    A job whose worker is lost runs again, unless '--no-requeue' forbids that: it ends as lost.
    With '--unique KEY', when a live job has that key, its number is printed and nothing is
    submitted. With '--spool' and no server, the next 'goq sub' or worker of this user that
    reaches one delivers the job, once.

    \b
    Examples:
      goq sub ./simulate --seed 7             options after the command belong to the command
      goq sub bash -c 'sort in > out'         a shell, where you want one
      goq sub -- -odd-name                    a command that begins with a dash
      goq sub lines@ jobs.txt                 ten thousand jobs at once
      goq sub --unique nightly ./backup.sh    one at a time
    """
    if not words:
        raise BadCommand("cowardly refusing to submit empty job; say: goq sub COMMAND [ARGUMENT]...")
    config = load_config()
    terms = Terms(not no_requeue, _checked_key(unique))
    if words[0] == LINES_FROM:
        commands = _commands_in(words[1:])
        if unique:
            raise BadCommand("--unique is for one job; lines@ makes many")
    else:
        commands = [_checked([os.fsencode(word) for word in words], "the command")]
    shared = Submit((), _folder(), _environment(config), _submitter(), terms)
    submissions = [_bounded(replace(shared, commands=tuple(bundle))) for bundle in _bundles(commands)]
    acks = submit(config, submissions, spool=spool)
    click.echo(f"[pid {os.getpid()}] {_report(config.address, len(commands), acks, len(submissions))}.")


def _report(address: str, count: int, acks: list[AckSubmit], bundles: int) -> str:
    if len(acks) < bundles:
        return f"no server at '{address}' took it; spooled, to be submitted when one is there"
    if acks[0].existed:
        return f"job {acks[0].first} at '{address}' has that key already; nothing submitted"
    if count == 1:
        return f"submitted job {acks[0].first} to server at '{address}'"
    return f"submitted {count} jobs [{acks[0].first} : {acks[-1].last}] to server at '{address}'"


def _commands_in(files: tuple[str, ...]) -> list[Argv]:
    if len(files) != 1:
        raise BadCommand("lines@ takes one file; say: goq sub lines@ FILE")
    commands = list(_read_lines(files[0]))
    if not commands:
        raise BadCommand(f"cowardly refusing to submit empty job: no line in {files[0]}")
    return commands


def _checked_key(key: str | None) -> str:
    if key is None:
        return ""
    if not 0 < len(key) <= KEY_LIMIT or not key.isprintable():
        raise BadCommand(f"a unique key is 1 to {KEY_LIMIT} printable characters")
    return key


def _read_lines(name: str) -> Iterator[Argv]:
    try:
        with click.open_file(name, "rb") as file:
            lines = file.read().splitlines()
    except OSError as error:
        raise BadCommand(f"cannot read {name}: {error.strerror}") from error
    for number, line in enumerate(lines, start=1):
        if len(line) > LINE_LIMIT:
            raise BadCommand(
                f"{name}, line {number} has {len(line)} bytes; a line holds {LINE_LIMIT} at most,"
                " so put the data in a file; nothing was submitted"
            )
        try:
            words = _split(line)
        except ValueError as error:
            raise BadCommand(f"{name}, line {number}: {error}; nothing was submitted") from error
        if words:
            yield _checked(words, f"{name}, line {number}")


def _split(line: bytes) -> list[bytes]:
    """The words of a line as a shell would have them. Raises ValueError for a quotation that does not end."""
    if not _NEEDS_A_SHELLS_EYE(line):
        return line.split()
    import shlex  # noqa: PLC0415 - most submissions need none of it

    return [os.fsencode(word) for word in shlex.split(os.fsdecode(line))]


def _checked(words: list[bytes], what: str) -> Argv:
    if not words[0]:
        raise BadCommand(f"cowardly refusing to submit empty job: {what} has an empty name")
    if any(b"\0" in word for word in words):
        raise BadCommand(f"{what} holds a NUL byte, which no program can be given")
    return join_argv(words)


def _bundles(commands: list[Argv]) -> Iterator[list[Argv]]:
    """As many commands a message as fit in one well."""
    bundle: list[Argv] = []
    size = 0
    for argv in commands:
        if bundle and (len(bundle) >= LINES_A_MESSAGE or size + len(argv) > LINES_LIMIT):
            yield bundle
            bundle, size = [], 0
        bundle.append(argv)
        size += len(argv)
    yield bundle


def _bounded(submission: Submit) -> Submit:
    size = sum(map(len, submission.commands)) + len(submission.environment)
    if size > SUBMISSION_LIMIT:
        raise BadCommand(
            f"arguments and environment are {size} bytes together;"
            f" a submission holds {SUBMISSION_LIMIT} at most, so put the data in a file"
        )
    return submission


def _folder() -> bytes:
    try:
        return os.getcwdb()
    except FileNotFoundError as error:
        raise BadCommand("the current folder is gone; go to one that exists") from error


def _environment(config: Config) -> Environment:
    return join_environment(scrubbed_environment(cluster_id_in_time(config, config.timeout_s)))


def _submitter() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{show_command(os.fsencode(user))}@{socket.gethostname()}"[:200]
