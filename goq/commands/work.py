"""`goq work`."""

import os
from pathlib import Path
from typing import Any

import click

from goq.adapters.config import load_config
from goq.adapters.jobs.chores import Chores
from goq.commands.log_options import log_options, narrator_to
from goq.commands.one_of import OneOf
from goq.commands.parameters import Whole
from goq.commands.work_offer import Share, share_of
from goq.roles.said.narration import JsonVoice, Narrator, Voice, worker_voice
from goq.roles.said.wakeup import mind_our_window
from goq.roles.worker.process import WorkerProcess


@click.command("work")
@click.argument("how_long", required=False, type=OneOf(["forever"]), metavar="[forever]")
@click.option(
    "-j", "places", default="1", metavar="N|auto", help="Jobs at once; auto: what cpus there are. [1]"
)
@click.option("--cpus", type=Whole(1, 4096, 4), metavar="N", help="Cpus for all of them; else N of -j.")
@click.option(
    "--mem", "memory", metavar="SIZE", help="Memory for all; else a part of the machine's, as cpus."
)
@click.option("--gpus", metavar="auto|N|IDS", help="GPUs: so many, or these, as 0,1; else none.")
@click.option("--resource", "named", multiple=True, metavar="NAME=N", help="N of whatever NAME is; several.")
@click.option(
    "--lifetime",
    metavar="D",
    help="End after D, as 4h, and take no job whose --time is longer than what is left.",
)
@click.option("--prolog", metavar="CMD", default="", help="Run CMD by sh before each job, on this node.")
@click.option("--epilog", metavar="CMD", default="", help="The same after each, with GOQ_EXIT_STATUS.")
@click.option(
    "--health", metavar="CMD", default="", help="Run CMD by sh every minute; drain this node when it fails."
)
@click.option(
    "--allow-root", is_flag=True, help="With a node's key: run jobs of root too, not only of others."
)
@log_options
def command(
    how_long: str | None,
    prolog: str,
    epilog: str,
    health: str,
    log_file: Path | None,
    *,
    log_json: bool,
    allow_root: bool,
    **offered: Any,
) -> None:
    """Run jobs on this machine, one at a time.

    Without 'forever' it ends when no work has come for 1000 ms (GOQ_SENDTIMEOUT_MSEC). With it, it waits on, through
    restarts of the server. SIGTERM or Ctrl-C: it kills what it runs, hands it back to the queue, and exits.

    '--prolog', '--epilog' and '--health' have 60 s, / for their folder, and the first two the job's variables;
    what those print goes to this log. A prolog that fails is trouble of this host: the job goes back, and
    the worker asks for nothing for a while. The epilog comes after each job whose prolog had begun, however
    it ended. A node whose health fails gets no more jobs, and 'goq workers' shows the last line that was
    printed; with the next 0 it gets jobs again, unless somebody else has drained it.
    By root with a node's key, each job runs as its owner; prolog and epilog as the worker, with its variables and GOQ_OWNER.

    With '--lifetime' it ends by itself, as inside an allocation of Slurm. A job without '--time' may run there
    all the same: at the end it goes back to the queue, and after two such ends to workers that have none.

    \b
    Examples:
      goq work                        until there is no more work
      goq work forever &              once per CPU
      goq work forever -j 8           one process for eight CPUs
      goq work forever -j auto --gpus auto    all that this machine has
      goq work forever --prolog 'mountpoint -q /scratch' --epilog 'rm -rf /scratch/$GOQ_JOB_ID'
      goq work forever --log-json --log-file /var/log/goq-work.json
    """
    share = share_of(**offered)
    mind_our_window()
    config = load_config()
    narrator = _narrator(share, log_file, JsonVoice("worker") if log_json else worker_voice(config.address))
    WorkerProcess(
        config,
        share.places,
        narrator,
        forever=how_long == "forever",
        offer=share.offer,
        chores=Chores(os.fsencode(prolog), os.fsencode(epilog)),
        lifetime_s=share.lifetime_s,
        health=os.fsencode(health),
        allow_root=allow_root,
    ).run()


def _narrator(share: Share, log_file: Path | None, voice: Voice) -> Narrator:
    """Who tells what becomes of us, and first of all what we offer, if nobody has said so."""
    narrator = narrator_to(log_file, voice)
    if share.words:
        narrator.say(share.words, "gpus chosen", gpus=",".join(share.offer.gpus))
    return narrator
