"""`goq`: finds the command, runs it, and turns errors into one line and an exit code."""

import errno
import importlib
import io
import os
import resource
import sys

import click

from goq import __version__
from goq.core.values.text import printable
from goq.errors import BadSetting, GoqError

# name: (module below goq.commands, what `goq --help` says of it)
COMMANDS = {
    "serve": ("serve", "Start the job server here."),
    "sub": ("sub", "Submit a command as a job."),
    "work": ("work", "Run jobs on this machine."),
    "stat": ("stat", "Show what the server holds."),
    "logs": ("logs", "Print what jobs have written."),
    "wait": ("wait", "Wait for a job; exit with its status."),
    "kill": ("kill", "Cancel jobs, waiting or running."),
    "hold": ("hold", "Keep waiting jobs from being started."),
    "release": ("release", "Let held jobs be started."),
    "alter": ("alter", "Change what waiting jobs asked for."),
    "pause": ("pause", "Stop running jobs for a while."),
    "resume": ("resume", "Let paused jobs go on."),
    "retry": ("retry", "Submit again what has ended."),
    "why": ("why", "Say why a job waits."),
    "workers": ("workers", "Show the workers, and what they have."),
    "limit": ("limit", "Limit what runs at a time."),
    "drain": ("drain", "Give a host no more jobs."),
    "undrain": ("undrain", "Give it jobs again."),
    "shutdown": ("shutdown", "Stop the job server."),
    "clusterid": ("clusterid", "Make a new random cluster id."),
    "init": ("init", "Set up this user's GOQ_HOME."),
    "immolateworkers": ("immolateworkers", "Let all workers exit."),
    "reset": ("reset", "Zero the server's counters."),
    "audit": ("audit", "Prove that no job was lost or done twice."),
    "history": ("history", "Print one job's life."),
    "backup": ("backup", "Copy the journal of a running server."),
    "clean": ("clean", "Forget jobs that ended long ago."),
    "version": ("version", "Print goq's version."),
}
ALIASES = {"server": "serve"}
FILES_NEEDED = 64  # open at once, by what needs most before it knows how many it needs
FILES_OF_A_START = 32  # by a worker, until it knows how many it needs
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

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `goq --help`, made without importing a command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_text) for name, (_, help_text) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="'goq COMMAND --help' shows examples. Settings are GOQ_* variables; see the README.",
)
@click.version_option(__version__, prog_name="goq", message="%(prog)s %(version)s")
def cli() -> None:
    """A queue and job manager for a small cluster.

    \b
    goq serve                  on the head node
    goq work forever           on each machine, once per CPU (or: goq work forever -j 8)
    goq sub ./job args         from any shell
    goq stat                   to look
    """


def main() -> None:
    """The console script."""
    _mend_streams()
    code = run(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)  # not through nng's own clean-up, which aborts where a connection is being made


def run(words: list[str]) -> int:
    """Run one command; its exit code. Errors are one line on stderr."""
    try:
        _require_folder()
        _require_files()
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
    text = error.format_message().rstrip(".").replace("\n", " ")
    context = getattr(error, "ctx", None)
    if context is None or text.endswith("?"):
        return text
    return f"{text}; see '{context.command_path} --help'"


def _complain(text: str, code: int) -> int:
    click.echo(f"goq: {printable(text)}", err=True)
    return code
