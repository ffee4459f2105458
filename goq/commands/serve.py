"""`goq serve`."""

import os
import time
from pathlib import Path

import click

from goq.adapters.clusterid import find_cluster_id, id_at_home, settle_cluster_id
from goq.adapters.config import Config, load_config
from goq.adapters.jobs.processes import allow_many_files, keep_freed_memory
from goq.adapters.store.journal import Journal
from goq.adapters.wire.signing import Signer
from goq.adapters.wire.transport import ServerSocket
from goq.commands.log_options import log_options, narrator_to
from goq.core.dispatch.decision import Rules
from goq.core.dispatch.door import Dispatcher
from goq.core.dispatch.freshness import FreshnessGate
from goq.core.state.state import State
from goq.core.values.ids import Now
from goq.roles.said.narration import JsonVoice, Narrator, server_voice
from goq.roles.said.wakeup import mind_our_window
from goq.roles.server.doors import Doors
from goq.roles.server.loop import Server

FRESHNESS_WINDOW_S = 60.0
PREDECESSOR_S = 3.0  # so long the server before this one may take to end


@click.command("serve")
@log_options
def command(log_file: Path | None, *, log_json: bool) -> None:
    """Start the job server, in the foreground, until SIGTERM, Ctrl-C or 'goq shutdown'.

    It listens on 127.0.0.1 as well, and leaves its address in GOQ_HOME, where commands find it.
    Output files go to ./o (GOQ_ODIR), the journal to ./.goq (GOQ_JOURNAL). Started again in the
    same folder, it goes on where it stopped: queue, running jobs, results and job numbers.

    \b
    Examples:
      goq serve                               listen on this machine's address, port 1776
      GOQ_JSERV_IP=head goq serve             on the address of that name, and follow it
      GOQ_JSERV_IP=127.0.0.1 goq serve        for this machine only
      goq serve > serve.log &                 in the background
      goq serve --log-json --log-file /var/log/goq.json
    """
    mind_our_window()
    config = load_config(serving=True)
    narrator = narrator_to(log_file, JsonVoice("server") if log_json else server_voice())
    allow_many_files()
    keep_freed_memory()
    find_cluster_id(config)  # a bad one is refused before anything is made
    # Whoever had the address before has closed it once we listen; from then on questions are ours.
    since = Now(0.0, time.time_ns())
    with ServerSocket(tls_pem=config.tls_pem) as socket:
        doors = Doors(socket, config, narrator.say)
        doors.open()
        # Who has no address leaves no journal and no id behind.
        journal = Journal(config.journal_folder, PREDECESSOR_S)
        if id_at_home(config) in (None, find_cluster_id(config)):  # else its commands are another cluster's
            doors.leave_address()  # before the id, for which workers may wait
        cluster_id, warning = settle_cluster_id(config)
        state = State()
        for record in journal.replay():
            state.apply(record)
        facts: dict[str, int | str] = {
            "jservPid": os.getpid(),
            "jservIP": config.ip,
            "jservPort": config.port,
        }
        rules = Rules(config.heartbeat_s, config.lease_s, crash_limit=config.crash_limit)
        gate, outputs = FreshnessGate(FRESHNESS_WINDOW_S, since), os.fsencode(config.output_folder)
        dispatcher = Dispatcher(state, gate, rules, facts, outputs)
        server = Server(config, Signer(cluster_id), socket, journal, dispatcher, narrator, doors)
        _greet(narrator, config, state, warning)
        server.run()
    journal.close()


def _greet(narrator: Narrator, config: Config, state: State, warning: str) -> None:
    outputs = str(config.output_folder)
    narrator.say(
        f"listening for jobs on {config.address}, output to '{outputs}'.",
        "listening",
        address=config.address,
        folder=outputs,
    )
    waiting, running = len(state.waiting), len(state.running)
    if waiting or running:
        text = f"from the journal: {running} running and {waiting} waiting jobs."
        narrator.say(text, "journal read", running=running, waiting=waiting)
    if warning:
        narrator.say(f"note: {warning}.", "cluster id trouble")
