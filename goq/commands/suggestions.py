"""What somebody may have meant who typed a command, an option or a value that does not exist."""

import os
from collections.abc import Collection, Sequence
from difflib import SequenceMatcher, get_close_matches

from goq.core.values.text import show_text

_FURTHER = 0.25
# What the same is called elsewhere, or what is tried by who has not read on.
CALLED_ELSEWHERE = {
    "sub": "submit qsub sbatch bsub add enqueue push run exec",
    "stat": "status ps jobs queue info qstat squeue bjobs",
    "list": "ls",
    "kill": "rm del delete cancel remove stop abort qdel scancel bkill",
    "work": "worker workers node agent",
    "serve": "daemon master head",
    "up": "start begin launch",
    "down": "end",
    "wait": "watch join",
    "shutdown": "quit exit halt",
    "history": "acct qacct sacct",
    "logs": "log output cat tail",
    "show": "describe detail details job inspect",
    "top": "monitor dashboard",
    "init": "setup join",
    "config": "settings options configure preferences env",
    "completion": "complete completions shell",
    "clusterid": "id key secret",
    "immolateworkers": "drain dismiss",
    "clean": "gc prune purge forget",
    "audit": "check verify fsck",
    "backup": "dump save export",
}
# The same of options; the first of each that the command has is meant.
OPTIONS_ELSEWHERE = {
    "--mem": "--memory --mem-per-node --mem-per-cpu --h_vmem --ram",
    "--time": "--walltime --wall-time --time-limit --timeout --h_rt",
    "--cpus": "--cpus-per-task --ncpus --cores --threads --cpus-per-job",
    "-j": "--jobs --slots --parallel",
    "--gpus": "--gres --ngpus --gpus-per-task",
    "--name": "--job-name --jobname",
    "--out": "--output --stdout --log",
    "--err": "--error --stderr",
    "--stdin": "--input --stdin",
    "--chdir": "--cwd --wd --workdir --directory --dir",
    "--array": "--task --tasks --range",
    "--after": "--dependency --depend --hold_jid --hold-jid --wait-for --afterany",
    "--after-ok": "--afterok --deps --requires",
    "--after-fail": "--afternotok",
    "--at": "--begin --start-time --schedule",
    "--in": "--delay --after-time",
    "--env": "--export --variable --setenv",
    "--wait": "--sync --foreground --follow --block",
    "--hold": "--stashed --user-hold",
    "--priority": "--nice --prio",
    "--retries": "--retry --crash-limit --max-retries",
    "--no-requeue": "--never-restart --no-restart",
    "--quiet": "--parsable --terse --print-job-id --silent",
    "--license": "--licenses",
    "--now": "--force -9 --kill",
    "--user": "--owner --users -u",
    "--state": "--states --filter -t",
    "--json": "--output-mode --format --output-format",
}
_HELP = ("help", "man", "usage", "?")


def suggestion(word: str, commands: list[str]) -> str:
    """Half a sentence: the command that is meant, or all that there are."""
    elsewhere = {other: name for name, others in CALLED_ELSEWHERE.items() for other in others.split()}
    typed = word.lower()
    if typed in _HELP:
        return "say 'goq --help', and 'goq COMMAND --help' for examples"
    if typed in elsewhere:
        meant = [elsewhere[typed]]
    else:
        meant = _close(typed, commands) or [
            elsewhere[other] for other in get_close_matches(typed, elsewhere, n=1, cutoff=0.75)
        ]
    if meant:
        return f"did you mean {_either(meant)}?"
    return f"did you mean one of {', '.join(commands)}?"


def _close(typed: str, commands: Collection[str]) -> list[str]:
    """Those that look like it, best first; none that looks much less like it than the best does."""
    found = get_close_matches(typed, commands)
    likeness = {name: SequenceMatcher(None, typed, name).ratio() for name in found}
    return [name for name in found if likeness[name] >= max(likeness.values()) - _FURTHER]


def option_suggestion(option: str, known: Collection[str], close: Sequence[str]) -> str:
    """A sentence on an option that is none: `known` are those of the command, `close` those that look like it, best first."""
    elsewhere = {other: name for name, others in OPTIONS_ELSEWHERE.items() for other in others.split()}
    if option in elsewhere:  # what it means may not be to be had here, whatever looks like it
        meant = [elsewhere[option]] if elsewhere[option] in known else []
    else:
        meant = [*close[:1]]
    which = f"; did you mean {_either(meant)}?" if meant else ""
    return f"there is no option '{_shown(option)}'{which}"


def meant_among(word: str, right: Sequence[str]) -> str:
    """Half a sentence on a value that is none of the right ones, for behind `--option takes`."""
    close = get_close_matches(word.lower(), right, n=1)
    words = right[0] if len(right) == 1 else f"{', '.join(right[:-1])} or {right[-1]}"
    return f"{words}, and not '{_shown(word)}'{f'; did you mean {_either(close)}?' if close else ''}"


def _either(names: Sequence[str]) -> str:
    return " or ".join(repr(name) for name in names)


def _shown(word: str) -> str:
    return show_text(os.fsencode(word))
