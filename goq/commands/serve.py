"""`goq serve`."""

import os
import time

import click

from goq.adapters.config import find_cluster_id, load_config, settle_cluster_id
from goq.adapters.journal import Journal
from goq.adapters.processes import allow_many_files
from goq.adapters.signing import Signer
from goq.adapters.transport import ServerSocket
from goq.core.dispatch import Dispatcher, Rules
from goq.core.freshness import FreshnessGate
from goq.core.state import State
from goq.roles.server import Server

FRESHNESS_WINDOW_S = 60.0


@click.command("serve")
def command() -> None:
    """Start the job server, in the foreground, until SIGTERM, Ctrl-C or 'goq shutdown'.

    Output files go to ./o (GOQ_ODIR), the journal to ./.goq (GOQ_JOURNAL). Started again in the
    same folder, it goes on where it stopped: queue, running jobs, results and job numbers.

    \b
    Examples:
      goq serve                               listen on the first external address, port 1776
      GOQ_JSERV_IP=127.0.0.1 goq serve        for this machine only
      goq serve > serve.log &                 in the background
    """
    config = load_config()
    allow_many_files()
    find_cluster_id(config)  # a bad one is refused before anything is made
    with ServerSocket(config.address, config.tls_pem) as socket:
        # Who has no address leaves no journal and no id behind.
        journal = Journal(config.journal_folder)
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
        dispatcher = Dispatcher(state, FreshnessGate(FRESHNESS_WINDOW_S, time.time_ns()), rules, facts)
        server = Server(config, Signer(cluster_id), socket, journal, dispatcher)
        server.run(_greeting(config.address, str(config.output_folder), state, warning))
    journal.close()


def _greeting(address: str, outputs: str, state: State, warning: str) -> list[str]:
    lines = [f"listening for jobs on {address}, output to '{outputs}'."]
    if len(state.waiting) or state.running:
        lines.append(f"from the journal: {len(state.running)} running and {len(state.waiting)} waiting jobs.")
    if warning:
        lines.append(f"note: {warning}.")
    return lines
