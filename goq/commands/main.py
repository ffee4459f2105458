"""`goq`: finds the command, runs it, and turns errors into one line and an exit code."""

import errno
import importlib
import io
import os
import resource
import sys
from typing import TYPE_CHECKING

import click

from goq import __version__
from goq.commands.color import color_option
from goq.core.values.text import printable
from goq.errors import BadSetting, GoqError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# What people want to do: name: (module below goq.commands, what `goq -h` says of it, in few letters)
GROUPS = {
    "Begin, and submit": {
        "up": ("up", "a queue and a worker here"),
        "down": ("down", "end what 'goq up' started"),
        "sub": ("sub", "submit a command as a job"),
        "retry": ("retry", "submit again what has ended"),
    },
    "Watch, and find out why": {
        "stat": ("stat", "what the server holds"),
        "top": ("top", "all of it, as it changes"),
        "list": ("list", "your jobs; why they wait"),
        "show": ("show", "all about one job or array"),
        "wait": ("wait", "wait for jobs to end"),
        "logs": ("logs", "what jobs have written"),
        "why": ("why", "why a job waits"),
        "history": ("history", "what ran, what it took"),
        "report": ("report", "the same as a page"),
        "workers": ("workers", "who works, with what"),
        "web": ("web", "the queue as web pages"),
        "events": ("events", "what happens, as lines"),
    },
    "goq itself": {
        "completion": ("completion", "bash, zsh, fish"),
        "config": ("config", "what is set, and where"),
        "clusterid": ("clusterid", "make a random id"),
    },
    "Steer": {
        "kill": ("kill", "cancel, waiting or running"),
        "hold": ("hold", "keep from being started"),
        "release": ("release", "let held jobs be started"),
        "alter": ("alter", "change what was asked for"),
        "pause": ("pause", "stop running jobs a while"),
        "resume": ("resume", "let paused jobs go on"),
    },
    "Run a cluster": {
        "serve": ("serve", "start the job server here"),
        "work": ("work", "run jobs on this machine"),
        "init": ("init", "make or join a cluster"),
        "limit": ("limit", "limit what runs at a time"),
        "user": ("user", "let others use the cluster"),
        "node": ("node", "machines that run as others"),
        "drain": ("drain", "no more jobs; undrain: again"),
        "shutdown": ("shutdown", "stop the job server"),
    },
    "Look after it": {
        "audit": ("audit", "prove nothing is lost"),
        "backup": ("backup", "copy a live journal"),
        "clean": ("clean", "forget old jobs"),
        "reset": ("reset", "zero the counters"),
        "immolateworkers": ("immolateworkers", "let all workers exit"),
    },
}
# `goq -h` has one screen; the words of these are beside those of others there.
BESIDE = {
    "undrain": ("undrain", "give a host jobs again"),
    "version": ("version", "which goq this is"),
}
ALL_GROUPS = GROUPS | {"Beside these": BESIDE}
COMMANDS = {name: row for group in ALL_GROUPS.values() for name, row in group.items()}
ALIASES = {"server": "serve"}
FILES_NEEDED = 64  # open at once, by what needs most before it knows how many it needs
FILES_OF_A_START = 32  # by a worker, until it knows how many it needs
_ASKED_BY_SHELL = "_GOQ_COMPLETE"
_OUTPUT_TROUBLE = {errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EIO}


class LazyGroup(click.Group):
    """Knows all commands by name and imports only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order to show them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        found = COMMANDS.get(ALIASES.get(cmd_name, cmd_name))
        if found is None:
            return None
        command: click.Command = importlib.import_module(f"goq.commands.{found[0]}").command
        if not any(param.name == "color" for param in command.params):
            command.params.append(color_option())
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first word names; for an unknown one a word on what may be meant."""
        word = args[0]
        if not word.startswith("-") and self.get_command(ctx, word) is None:
            from goq.commands.suggestions import suggestion  # noqa: PLC0415 - who types well needs none

            raise click.UsageError(f"no command '{word}'; {suggestion(word, list(COMMANDS))}", ctx)
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """`goq -h`: one screen, made without importing a command."""
        from goq.commands.overview import overview  # noqa: PLC0415 - who runs a command needs it not

        formatter.write(overview(GROUPS, formatter.width))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Commands, with what they are for, and options; without importing a command."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - a shell asks for it

        found = [(name, text) for name, (_, text) in COMMANDS.items() if name.startswith(incomplete)]
        options = click.Command.shell_complete(self, ctx, incomplete)
        return [*(CompletionItem(name, help=text) for name, text in found), *options]


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="goq", message="%(prog)s %(version)s")
def cli() -> None:
    """A queue and job manager for a small cluster."""


def _out_of_place(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        raise click.UsageError("--man comes first: goq --man [COMMAND]", context)


_MAN = "--man"  # taken by `run`, before all else
_MAN_HELP = "The manual page of goq, or of the command behind it."
cli.params += [
    color_option(hidden=False),
    click.Option([_MAN], is_flag=True, expose_value=False, callback=_out_of_place, help=_MAN_HELP),
]


def main() -> None:
    """The console script."""
    _mend_streams()
    code = _answer_shell() if _ASKED_BY_SHELL in os.environ else run(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)  # not through nng's own clean-up, which aborts where a connection is being made


def _answer_shell() -> int:
    from goq.commands.shells import answer_shell  # noqa: PLC0415 - nobody but a shell asks for it

    try:
        _require_folder()
    except BadSetting:
        return 0
    code = answer_shell(cli)
    sys.stdout.flush()
    return code


def _show_manual(words: list[str]) -> int:
    from goq.commands.manual import Manual, show  # noqa: PLC0415 - few read it

    return show(Manual(cli, ALL_GROUPS), words)


def run(words: list[str]) -> int:
    """Run one command; its exit code. Errors are one line on stderr."""
    try:
        _require_folder()
        _require_files()
        if words[:1] == [_MAN]:
            code = _show_manual(words[1:])
        else:
            code = cli.main(words, prog_name="goq", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except click.ClickException as error:
        return _complain(_usage(error), error.exit_code)
    except GoqError as error:
        return _complain(str(error), error.exit_code)
    except click.Abort:
        return 130
    except OSError as error:
        if error.errno not in _OUTPUT_TROUBLE:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # Whoever read a broken pipe has gone; there is nobody to tell.
        return 1 if error.errno == errno.EPIPE else _complain(f"cannot write: {error.strerror}", 1)
    return code if isinstance(code, int) else 0


def _mend_streams() -> None:
    """Have three standard streams that take any text.

    The number of a closed one would go to the next file that is opened, and a character that
    an encoding lacks must not stop a server.
    """
    while (fileno := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(fileno, True)
    os.close(fileno)
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8")  # noqa: SIM115 - for the rest of our life
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _require_folder() -> None:
    """The wire's library stops the whole process where the current folder is gone."""
    try:
        os.getcwd()
    except OSError as error:
        raise BadSetting(
            f"the current folder cannot be used ({error.strerror}); go to another one"
        ) from error


def _require_files() -> None:
    """Libraries of ours say nothing sensible where no file can be opened.

    A worker raises its limit by itself, since its jobs have the one that was there; it knows what it needs.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    is_worker = sys.argv[1:2] == ["work"]
    if 0 <= hard < (FILES_OF_A_START if is_worker else FILES_NEEDED):
        raise BadSetting(
            f"goq needs {FILES_NEEDED} open files, and here a process may have {hard}; say: ulimit -n 1024"
        )
    if soft < FILES_NEEDED and not is_worker:
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES_NEEDED, hard))


def _usage(error: click.ClickException) -> str:
    if isinstance(error, click.NoSuchOption):
        text = _no_such_option(error)
    else:
        text = error.format_message().rstrip(".").replace("\n", " ")
    context = getattr(error, "ctx", None)
    if context is None or text.endswith("?"):
        return text
    return f"{text}; see '{context.command_path} --help'"


def _no_such_option(error: click.NoSuchOption) -> str:
    from goq.commands.suggestions import option_suggestion  # noqa: PLC0415

    known = [name for each in error.ctx.command.params for name in each.opts] if error.ctx else []
    return option_suggestion(error.option_name, known, error.possibilities or [])


def _complain(text: str, code: int) -> int:
    click.echo(f"goq: {printable(text)}", err=True)
    return code
