"""The options of `goq sub`."""

import os
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

import click
from click.core import ParameterSource
from msgspec import Struct
from msgspec.structs import asdict

from goq.api.place import current_umask
from goq.commands import complete
from goq.commands.parameters import Whole
from goq.commands.sub_after import (
    AFTER_OPTIONS,
    GATE_OPTIONS,
    MOMENT_OPTIONS,
    SET_OPTIONS,
    not_before_ns,
    wishes_of,
)
from goq.commands.sub_limits import LIMIT_OPTIONS, NEED_OPTIONS, amounts_of, memory_of, seconds_of, warning_of
from goq.commands.sub_outputs import OUTPUT_OPTIONS, template_of
from goq.commands.sub_retries import RETRY_OPTIONS, backoff_of, codes_in
from goq.core.values.terms import LABEL_LIMIT, NAME_LIMIT, PATH_LIMIT, TAGS_LIMIT, Terms, is_label
from goq.core.values.text import show_text
from goq.core.values.wishes import Wish
from goq.errors import BadCommand

PIPE = "-"
_Command = TypeVar("_Command", bound=Callable[..., object])


class Options(Struct, frozen=True, kw_only=True):
    """What was said before the command, a field an option."""

    by_shell: bool
    script: str | None
    folder: str | None
    variables: tuple[str, ...]
    clean_env: bool | None
    stdin: str | None
    out: str | None
    err: str | None
    time_limit: str | None
    warning: str | None
    memory: str | None
    cpus: int
    gpus: int
    pin: bool
    resources: tuple[str, ...]
    licenses: tuple[str, ...]
    retries: int
    backoff: str | None
    retry_on: str | None
    rerun_codes: str | None
    hold_on: str | None
    max_fails: int | None
    name: str | None
    tags: tuple[str, ...]
    group: str
    priority: int
    array: str | None
    each: str | None
    placeholder: str | None
    colsep: str | None
    after: tuple[str, ...]
    after_ok: tuple[str, ...]
    after_fail: tuple[str, ...]
    after_each: tuple[str, ...]
    after_each_ok: tuple[str, ...]
    after_maybe: bool
    keep: bool
    hold: bool
    at: str | None
    delay: str | None
    no_requeue: bool
    unique: str | None
    spool: bool
    wait: bool
    quiet: bool
    as_json: bool

    def __post_init__(self) -> None:
        """Raises BadCommand for what cannot be wanted together."""
        if self.quiet and self.as_json:
            raise BadCommand("--quiet and --json are two ways to say it; choose one. Nothing was queued.")
        if self.by_shell and self.script is not None:
            raise BadCommand("--shell and --script are two ways to run it; choose one. Nothing was queued.")
        if self.wait and self.spool:
            raise BadCommand("--wait needs a server, --spool does without; choose one. Nothing was queued.")
        if self.spool and self.wishes:
            raise BadCommand(
                "what it is to wait for a server knows, --spool does without; choose one. Nothing was queued."
            )
        if self.stdin is not None and not self.is_piped:
            _require_input(self.stdin)
        readers = [
            option
            for option, name in (("-i", self.stdin), ("--script", self.script), ("--each", self.each))
            if name == PIPE
        ]
        if len(readers) > 1:
            raise BadCommand(
                f"{readers[0]} - and {readers[1]} - read the same pipe; name a file for one. Nothing was queued."
            )
        for tag in self.tags:
            require_label("--tag", tag)
        if self.name is not None:
            require_label("--name", self.name)
        if len(set(self.tags)) > TAGS_LIMIT:
            raise BadCommand(f"--tag: a job has {TAGS_LIMIT} tags at most. Nothing was queued.")

    def require_sense(self) -> None:
        """Nothing was said in vain, as long as nothing else was said before. Raises BadCommand."""
        if self.keep and not self.wishes:
            raise BadCommand("--keep is for what waits for others: --after-ok 12 --keep. Nothing was queued.")
        if self.no_requeue and self.retries:
            raise BadCommand(
                "--no-requeue starts it once, --retries more often; choose one. Nothing was queued."
            )
        if self.retry_on is not None and not self.retries:
            raise BadCommand(
                "--retry-on needs --retries; --retries 3 --retry-on 1,5-7 is right. Nothing was queued."
            )

    @property
    def is_piped(self) -> bool:
        """What is piped to us is the standard input of the jobs."""
        return self.stdin == PIPE

    @property
    def wishes(self) -> tuple[Wish, ...]:
        """The jobs that it is to wait for."""
        return wishes_of(asdict(self), maybe=self.after_maybe)

    @property
    def terms(self) -> Terms:
        """What travels with the job."""
        tags = tuple(dict.fromkeys(self.tags))
        limit_s = seconds_of("--time", self.time_limit) if self.time_limit is not None else 0
        warning, before_s = warning_of(self.warning, limit_s) if self.warning is not None else (0, 0)
        return Terms(
            not self.no_requeue,
            self._key,
            current_umask(),
            self.name or "",
            tags,
            "" if self.is_piped else self.stdin or "",
            template_of("--out", self.out),
            template_of("--err", self.err),
            priority=self.priority,
            group=self.group,
            held=self.hold,
            not_before_ns=not_before_ns(
                self.at, seconds_of("--in", self.delay) if self.delay is not None else None
            ),
            keep=self.keep,
            cpus=self.cpus,
            gpus=self.gpus,
            pin=self.pin,
            resources=amounts_of("--resource", self.resources),
            licenses=amounts_of("--license", self.licenses),
            time_limit_s=limit_s,
            warn_signal=warning,
            warn_s=before_s,
            memory=memory_of(self.memory) if self.memory is not None else 0,
            retries=self.retries,
            backoff_s=backoff_of(self.backoff),
            retry_on=codes_in("--retry-on", self.retry_on),
            rerun_codes=codes_in("--rerun-codes", self.rerun_codes),
            hold_codes=codes_in("--hold-on", self.hold_on),
            max_fails=self.max_fails or 0,
        )

    @property
    def _key(self) -> str:
        if self.unique is None:
            return ""
        if not 0 < len(self.unique) <= NAME_LIMIT or not self.unique.isprintable():
            raise BadCommand(f"a unique key is 1 to {NAME_LIMIT} printable characters")
        return self.unique


def _require_input(name: str) -> None:
    if not name:
        raise BadCommand("-i '': name a file, or - for what is piped. Nothing was queued.")
    if len(name) > PATH_LIMIT or os.fsencode(name) != name.encode("utf-8", "replace"):
        raise BadCommand(
            f"-i takes a name of {PATH_LIMIT} characters at most, in UTF-8; name a link to it. Nothing was queued."
        )


def require_label(option: str, label: str) -> None:
    """It may be a name or a tag. Raises BadCommand."""
    if is_label(label) and label.isprintable():
        return
    shown = show_text(os.fsencode(label))
    raise BadCommand(
        f"{option} '{shown}': a letter must be in it, no blank and none of , : * / and no dash before;"
        f" {LABEL_LIMIT} characters at most. {option} fold-7 is right. Nothing was queued."
    )


_BEFORE = (
    click.option("--shell", "by_shell", is_flag=True, help="Give the one word, or each line, to bash -c."),
    click.option(
        "--script",
        metavar="FILE|-",
        shell_complete=complete.files,
        help="Take that script along; the words are its arguments.",
    ),
    click.option(
        "-C",
        "--chdir",
        "folder",
        metavar="DIR",
        shell_complete=complete.folders,
        help="Run it in DIR instead of the current folder.",
    ),
    click.option(
        "-e",
        "--env",
        "variables",
        multiple=True,
        metavar="K[=V]",
        help="Set K to V, or keep K as it is here.",
    ),
    click.option(
        "--clean-env/--no-clean-env",
        default=None,
        help="Of this environment only PATH HOME USER LOGNAME SHELL LANG LC_* TZ PWD, and what -e says.",
    ),
)
_TERMS = (
    click.option(
        "-i",
        "--stdin",
        metavar="FILE|-",
        shell_complete=complete.files,
        help="What it reads, seen from its folder; - for what is piped here, up to 16 MiB; else nothing.",
    ),
    *OUTPUT_OPTIONS,
    *LIMIT_OPTIONS,
    *RETRY_OPTIONS,
    *NEED_OPTIONS,
    click.option("-N", "--name", metavar="NAME", help="Call it NAME; the job has it in GOQ_JOB_NAME."),
    click.option(
        "--tag",
        "tags",
        multiple=True,
        metavar="TAG",
        shell_complete=complete.tags,
        help="Mark it with TAG; several.",
    ),
    click.option(
        "--group",
        default="",
        metavar="GROUP",
        help="Members of that unix group of the server's machine may read what it writes.",
    ),
    click.option(
        "-p",
        "--priority",
        type=Whole(-1000, 1000, 10),
        default=0,
        metavar="N",
        help="Before jobs of a lower one, -1000 to 1000; else 0.",
    ),
)
_ITEMS = (
    click.option("--array", metavar="RANGES[%N]", help="A task for each number, as 0-9,20-100:2; N at once."),
    click.option(
        "--each",
        metavar="FILE|-",
        shell_complete=complete.files,
        help="A task for each line that is not blank; {} is it.",
    ),
    click.option("--placeholder", metavar="WORD", help="What stands for the line instead of {}."),
    click.option("--colsep", metavar="TEXT", help="What parts a line's columns; else blanks."),
)
_ONCE = (
    click.option(
        "--no-requeue", is_flag=True, help="Never start it a second time, even if its worker is lost."
    ),
    click.option("--unique", metavar="KEY", help="Not while a job with that key waits or runs."),
)
_QUIET = (
    click.option("-q", "--quiet", is_flag=True, help="Print the number alone; of lines@ FIRST-LAST."),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs."),
)
_ANSWER = (
    click.option("--spool", is_flag=True, help="Without a server, keep it here and submit it later."),
    click.option(
        "--wait", is_flag=True, help="Stay until it has ended, print its output, end with its status."
    ),
    *_QUIET,
)


def sub_options(command: _Command) -> _Command:
    """Adds them all, in the order in which `--help` shows them."""
    return _with((*_BEFORE, *_TERMS, *_ITEMS, *AFTER_OPTIONS, *GATE_OPTIONS, *_ONCE, *_ANSWER), command)


def retry_options(command: _Command) -> _Command:
    """Those that say what else is wanted of jobs that were submitted before."""
    return _with((*_TERMS, *SET_OPTIONS, *GATE_OPTIONS, *_ONCE, *_QUIET), command)


def alter_options(command: _Command) -> _Command:
    """Those that say what is wanted of jobs that wait."""
    return _with((*_TERMS, *MOMENT_OPTIONS), command)


def _with(options: tuple[Callable[[_Command], _Command], ...], command: _Command) -> _Command:
    for option in reversed(options):
        command = option(command)
    return command


# What an option sets, by the name of its parameter.
_FIELDS = {
    "stdin": ("stdin",),
    "out": ("out",),
    "err": ("err",),
    "time_limit": ("time_limit_s",),
    "warning": ("warn_signal", "warn_s"),
    "memory": ("memory",),
    "retries": ("retries",),
    "backoff": ("backoff_s",),
    "retry_on": ("retry_on",),
    "rerun_codes": ("rerun_codes",),
    "hold_on": ("hold_codes",),
    "max_fails": ("max_fails",),
    "cpus": ("cpus",),
    "gpus": ("gpus",),
    "resources": ("resources",),
    "licenses": ("licenses",),
    "name": ("name",),
    "tags": ("tags",),
    "priority": ("priority",),
    "group": ("group",),
    "keep": ("keep",),
    "hold": ("held",),
    "at": ("not_before_ns",),
    "delay": ("not_before_ns",),
    "no_requeue": ("requeue",),
    "unique": ("unique",),
}


def terms_said(context: click.Context, chosen: dict[str, Any]) -> tuple[tuple[str, ...], Terms]:
    """The fields of the terms that were typed, and the terms that have them. Raises BadCommand."""
    typed = {
        name: value
        for name, value in chosen.items()
        if name in _FIELDS and context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    fields = dict.fromkeys(field for name in typed for field in _FIELDS[name])
    options = Options(**{**_plain(), **typed})
    if options.is_piped:
        raise BadCommand(
            "-i -: only goq sub takes along what is piped; name a file, as -i input.txt. Nothing was queued."
        )
    return tuple(fields), options.terms


@lru_cache
def _plain() -> dict[str, Any]:
    """What `goq sub` takes when nothing is said."""
    nothing = sub_options(click.command("sub")(lambda: None))
    return dict(nothing.make_context("sub", []).params)
