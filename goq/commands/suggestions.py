"""What somebody may have meant who typed a command that does not exist."""

from difflib import get_close_matches

# What the same is called elsewhere, or what is tried by who has not read on.
CALLED_ELSEWHERE = {
    "sub": "submit qsub sbatch bsub add enqueue push run exec",
    "stat": "status list ls ps jobs queue show top info qstat squeue bjobs",
    "kill": "rm del delete cancel remove stop abort qdel scancel bkill",
    "work": "worker workers node agent",
    "serve": "start daemon master head",
    "wait": "watch join",
    "shutdown": "quit exit halt",
    "history": "log logs events acct qacct sacct",
    "init": "setup config",
    "clusterid": "id key secret",
    "immolateworkers": "drain dismiss",
    "clean": "gc prune purge forget",
    "audit": "check verify fsck",
    "backup": "dump save export",
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
        meant = get_close_matches(typed, commands) or [
            elsewhere[other] for other in get_close_matches(typed, elsewhere, n=1, cutoff=0.75)
        ]
    if meant:
        return f"did you mean {' or '.join(repr(name) for name in meant)}?"
    return f"did you mean one of {', '.join(commands)}?"
