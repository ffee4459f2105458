"""`goq work`."""

import os
from pathlib import Path

import click

from goq.adapters.config import load_config
from goq.adapters.jobs.chores import Chores
from goq.commands.log_options import log_options, narrator_to
from goq.roles.said.narration import JsonVoice, worker_voice
from goq.roles.said.wakeup import mind_our_window
from goq.roles.worker.process import WorkerProcess


@click.command("work")
@click.argument("how_long", required=False, type=click.Choice(["forever"]), metavar="[forever]")
@click.option("-j", "slots", type=click.IntRange(1, 4096), default=1, show_default=True, help="Jobs at once.")
@click.option("--prolog", metavar="CMD", default="", help="Run CMD by sh before each job, on this node.")
@click.option("--epilog", metavar="CMD", default="", help="The same after each, with GOQ_EXIT_STATUS.")
@log_options
def command(
    how_long: str | None, slots: int, prolog: str, epilog: str, log_file: Path | None, *, log_json: bool
) -> None:
    """Run jobs on this machine, one at a time.

    Without 'forever' it ends when no work has come for 1000 ms (GOQ_SENDTIMEOUT_MSEC). With
    it, it waits on, through restarts of the server. SIGTERM or Ctrl-C: it kills what it runs,
    hands it back to the queue, and exits.

    '--prolog' and '--epilog' have the job's variables, / for their folder, and 60 s; what they print
    goes to this log. A prolog that fails is trouble of this host: the job goes back, and the worker
    asks for nothing for a while. The epilog comes after each job whose prolog had begun, however it
    ended.

    \b
    Examples:
      goq work                        until there is no more work
      goq work forever &              once per CPU
      goq work forever -j 8           one process for eight CPUs
      goq work forever --prolog 'mountpoint -q /scratch' --epilog 'rm -rf /scratch/$GOQ_JOB_ID'
      goq work forever --log-json --log-file /var/log/goq-work.json
    """
    mind_our_window()
    config = load_config()
    narrator = narrator_to(log_file, JsonVoice("worker") if log_json else worker_voice(config.address))
    chores = Chores(os.fsencode(prolog), os.fsencode(epilog))
    WorkerProcess(config, slots, narrator, forever=how_long == "forever", chores=chores).run()
