"""`goq sub`."""

import os
import sys

import click

from goq.adapters.clusterid import scrubbed_environment
from goq.adapters.config import Config, load_config
from goq.adapters.files.commandlist import CommandList
from goq.adapters.machine import host_name
from goq.commands.command_lines import command_of, commands_in, second_thought
from goq.commands.person import user_name
from goq.commands.place import current_folder, current_umask, outputs_of
from goq.core.messages import AckSubmit, Submit
from goq.core.values.ids import Environment, join_environment, split_argv
from goq.core.values.terms import NAME_LIMIT, Terms
from goq.errors import BadCommand
from goq.roles.client.ask import cluster_id_in_time
from goq.roles.client.submission import submit

SUBMISSION_LIMIT = 3 * 1024 * 1024
LINES_FROM = "lines@"


@click.command("sub", context_settings={"allow_interspersed_args": False})
@click.option("--shell", "by_shell", is_flag=True, help="Give the one word, or each line, to bash -c.")
@click.option("--no-requeue", is_flag=True, help="Never start it a second time, even if its worker is lost.")
@click.option("--unique", metavar="KEY", help="Not while a job with that key waits or runs.")
@click.option("--spool", is_flag=True, help="Without a server, keep it here and submit it later.")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="COMMAND [ARGUMENT]...")
def command(
    words: tuple[str, ...], unique: str | None, *, by_shell: bool, no_requeue: bool, spool: bool
) -> None:
    """Submit a command as a job; prints its number.

    It will run in the current folder, with the current environment and umask, and its words as
    they are: no shell looks at them. With '--shell' the command is one word, a line for bash.
    Output goes to out.NNNNN in the server's output folder; on a terminal its place is printed.

    'goq sub lines@ FILE' submits each line of FILE as a job of its own, split into words as a
    shell would; empty lines and comments are left out, and '-' is the standard input. A line that
    only a shell understands (pipes, variables, patterns) is refused; '--shell' gives it to one.

    A job whose worker is lost runs again, unless '--no-requeue' forbids that: it ends as lost.
    With '--unique KEY', when a live job has that key, its number is printed and nothing is
    submitted. With '--spool' and no server, the next 'goq sub' or worker of this user that
    reaches one delivers the job, once.

    \b
    Examples:
      goq sub ./simulate --seed 7             options after the command belong to the command
      goq sub --shell 'sort in | uniq > out'  a shell, where you want one
      goq sub -- -odd-name                    a command that begins with a dash
      goq sub lines@ jobs.txt                 ten thousand jobs at once
      goq sub --shell lines@ jobs.txt         each line by a shell of its own
      goq sub --unique nightly ./backup.sh    one at a time
    """
    if not words:
        raise BadCommand("cowardly refusing to submit empty job; say: goq sub COMMAND [ARGUMENT]...")
    config = load_config()
    terms = Terms(not no_requeue, _checked_key(unique), current_umask())
    if words[0] == LINES_FROM:
        commands = commands_in(words[1:], by_shell=by_shell)
        if unique:
            raise BadCommand("--unique is for one job; lines@ makes many")
    else:
        commands = CommandList([command_of(words, by_shell=by_shell)])
    folder, physical = current_folder()
    shared = Submit((), folder, _environment(config), f"{user_name()}@{host_name()}"[:200], terms, physical)
    _check_size(shared, commands)
    ack = submit(config, shared, commands, spool=spool)
    click.echo(f"[pid {os.getpid()}] {_report(config.address, commands.count, ack)}.")
    _tell_a_person(commands, ack)


def _report(address: str, count: int, ack: AckSubmit | None) -> str:
    if ack is None:
        return f"no server at '{address}' took it; spooled, to be submitted when one is there"
    if ack.existed:
        return f"job {ack.first} at '{address}' has that key already; nothing submitted"
    if count == 1:
        return f"submitted job {ack.first} to server at '{address}'"
    return f"submitted {count} jobs [{ack.first} : {ack.last}] to server at '{address}'"


def _tell_a_person(commands: CommandList, ack: AckSubmit | None) -> None:
    """On a terminal: where the output will be, and what may have been meant."""
    if ack and sys.stdout.isatty():
        click.echo(f"output: {outputs_of(ack.outputs, ack.first, ack.last)}")
    if commands.count > 1 or not sys.stderr.isatty():
        return
    _, (argv,) = commands.piece(0)
    if idea := second_thought(split_argv(argv)):
        click.secho(f"goq: note: {idea}", dim=True, err=True)


def _checked_key(key: str | None) -> str:
    if key is None:
        return ""
    if not 0 < len(key) <= NAME_LIMIT or not key.isprintable():
        raise BadCommand(f"a unique key is 1 to {NAME_LIMIT} printable characters")
    return key


def _check_size(shared: Submit, commands: CommandList) -> None:
    _, first = commands.piece(0)
    size = sum(map(len, first)) + len(shared.environment)
    if size > SUBMISSION_LIMIT:
        raise BadCommand(
            f"arguments and environment are {size} bytes together;"
            f" a submission holds {SUBMISSION_LIMIT} at most, so put the data in a file"
        )


def _environment(config: Config) -> Environment:
    return join_environment(scrubbed_environment(cluster_id_in_time(config, config.timeout_s)))
