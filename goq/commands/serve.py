"""`goq serve`."""

import gc
import os
import secrets
import time
from pathlib import Path

import click
from msgspec import Struct

from goq.adapters.certificate import read_private_key
from goq.adapters.clusterid import find_cluster_id, id_at_home, settle_cluster_id
from goq.adapters.config import Config, load_config
from goq.adapters.files.output_folder import check_output_folder
from goq.adapters.files.rights import account_of, can_be_others, own_name
from goq.adapters.jobs.processes import allow_many_files, keep_freed_memory
from goq.adapters.joining import require_no_key
from goq.adapters.machine import host_name
from goq.adapters.store.journal import Journal
from goq.adapters.wire.signing import Keyring
from goq.adapters.wire.transport import ServerSocket
from goq.api.person import user_name
from goq.commands.log_options import log_options, narrator_to
from goq.core.dispatch.decision import Rules
from goq.core.dispatch.door import Dispatcher
from goq.core.dispatch.freshness import FreshnessGate
from goq.core.state.state import State
from goq.core.values.cluster import NAME, STARTED
from goq.core.values.ids import DRAW_BITS, Now
from goq.core.values.layout import Layout
from goq.core.values.place import Birth
from goq.core.values.quoted import quoted
from goq.roles.said.narration import JsonVoice, Narrator, server_voice
from goq.roles.said.wakeup import mind_our_window
from goq.roles.server.doors import Doors
from goq.roles.server.loop import Server
from goq.roles.server.standing import home_of, latest_epoch, place_of, settle_folder

FRESHNESS_WINDOW_S = 60.0
NAME_LIMIT = 40
PREDECESSOR_S = 3.0  # so long the server before this one may take to end


@click.command("serve")
@click.option("--new", is_flag=True, help="Begin a queue here, though another one has jobs that wait or run.")
@click.option("--restored", is_flag=True, help="Go on with a backup, or with a copy of the folder.")
@click.option(
    "--on-end",
    default="",
    metavar="CMD",
    help="Run CMD by sh for each submission that has ended; GOQ_JOB_ID and others tell which.",
)
@click.option(
    "--name",
    default="",
    metavar="NAME",
    callback=lambda _context, _parameter, value: _checked_name(value),
    help="What people call the cluster; without it the host's name.",
)
@click.option(
    "--open",
    "is_open",
    is_flag=True,
    help="Let every user read the arguments, environments and outputs of all jobs.",
)
@log_options
def command(
    log_file: Path | None,
    on_end: str,
    name: str,
    *,
    new: bool,
    restored: bool,
    is_open: bool,
    log_json: bool,
) -> None:
    """Start the job server, in the foreground, until SIGTERM, Ctrl-C or 'goq shutdown'.

    It listens on 127.0.0.1 as well, and leaves its address in GOQ_HOME, where commands find it.
    Output files go to ./o (GOQ_ODIR), the journal to ./.goq (GOQ_JOURNAL). Started again in the
    same folder, it goes on where it stopped: queue, running jobs, results and job numbers. A folder
    may be moved as a whole.

    GOQ_HOME remembers that folder. Elsewhere, in a folder without a journal, the server does not
    start while jobs wait or run there: workers take orders from their own queue alone, so it was the
    wrong folder, unless '--new' says that a second queue is meant.

    '--restored' goes on with a backup, in place of journal.sqlite, or with a copy of the folder. What
    was given since the copy was made may run: it is let finish, and its output is kept below
    o/strays. 1,000,000 job numbers are left out, so that none is given twice.

    The CMD of '--on-end' runs in / for 60 s at most, one at a time, when the last job of a submission has
    ended, and beside the queue. It has GOQ_JOB_ID, _COUNT, _NAME, _OWNER, _ENDED_AT; GOQ_EXIT_STATUS as of 'goq
    wait'; how many ended how, GOQ_JOB_DONE, _FAILED, _CANCELLED, _LOST, _SKIPPED. docs/operations.md has more.

    \b
    Examples:
      goq serve                               listen on this machine's address, port 1776
      GOQ_JSERV_IP=head goq serve             on the address of that name, and follow it
      GOQ_JSERV_IP=127.0.0.1 goq serve        for this machine only
      goq serve > serve.log &                 in the background
      goq serve --new                         a second queue, in this folder
      goq serve --restored                    after 'cp /backup/goq.sqlite .goq/journal.sqlite'
      goq serve --on-end 'mail -s "$GOQ_JOB_NAME: $GOQ_EXIT_STATUS" "$GOQ_JOB_OWNER" < /dev/null'
      goq serve --log-json --log-file /var/log/goq.json
    """
    if new and restored:
        raise click.UsageError("--new and --restored exclude each other")
    mind_our_window()
    config = load_config(serving=True)
    check_output_folder(config.output_folder)
    narrator = narrator_to(log_file, JsonVoice("server") if log_json else server_voice())
    keep_freed_memory()
    known = _known(config, name, on_end, is_open=is_open)  # a missing key is refused before anything is made
    is_ours = _settle(config, narrator, new=new, restored=restored)
    _serve(config, narrator, known, restored=restored, is_ours=is_ours)


def _settle(config: Config, narrator: Narrator, *, new: bool, restored: bool) -> bool:
    """Refuse a bad id and a wrong folder before anything is made; whether GOQ_HOME is our cluster's."""
    allow_many_files()
    is_ours = id_at_home(config) in (None, find_cluster_id(config))
    news = settle_folder(config, new=new, restored=restored, is_ours=is_ours)
    if news:
        narrator.say(news, "queue place")
    return is_ours


class Known(Struct, frozen=True):
    """What it knows beside its settings: its name, who hears what has ended, whether all may read all, its certificate's key."""

    name: str
    on_end: bytes
    is_open: bool
    private_key: str

    def __repr__(self) -> str:
        """Without the private key: tracebacks and logs may show this."""
        return f"Known({self.name})"


def _known(config: Config, name: str, on_end: str, *, is_open: bool) -> Known:
    """Raises BadSetting where no server can be: GOQ_HOME is a user's or a node's, or has a certificate without its key."""
    require_no_key(config.home)
    private_key = read_private_key(config.home, config.tls_pem)
    return Known(name or host_name(), os.fsencode(on_end), is_open, private_key)


def _checked_name(name: str) -> str:
    if len(name) > NAME_LIMIT or not name.isprintable() or " " in name:
        raise click.BadParameter(f"{quoted(name)} is no name: at most {NAME_LIMIT} letters, and no blanks")
    return name


def _serve(config: Config, narrator: Narrator, known: Known, *, restored: bool, is_ours: bool) -> None:
    # Whoever had the address before has closed it once we listen; from then on questions are ours.
    since = Now(0.0, time.time_ns())
    with ServerSocket("", config.tls_pem, known.private_key) as socket:
        doors = Doors(socket, config, narrator.say)
        doors.open()
        # Who has no address leaves no journal and no id behind.
        journal = Journal(config.journal_folder, PREDECESSOR_S)
        seen = latest_epoch(config, journal.last_epoch)
        if is_ours:  # else its commands would ask us
            doors.leave_address(
                place_of(config, journal.last_epoch)
            )  # before the id: workers may wait for that
        cluster_id, warning = settle_cluster_id(config)
        gc.disable()  # of what is read nothing is waste, and it is much
        state = State(_layout())
        for record in journal.replay():
            state.apply(record)
        facts: dict[str, int | str] = {
            "jservPid": os.getpid(),
            "jservIP": config.ip,
            "jservPort": config.port,
            NAME: known.name,
            STARTED: since.wall_ns,
        }
        rules = Rules(
            config.heartbeat_s, config.lease_s, crash_limit=config.crash_limit, is_open=known.is_open
        )
        gate, outputs = FreshnessGate(FRESHNESS_WINDOW_S, since), os.fsencode(config.output_folder)
        dispatcher = Dispatcher(state, gate, rules, facts, outputs)
        gc.freeze()
        gc.enable()
        server = Server(
            config,
            Keyring(cluster_id, state.keys.generation_of),
            socket,
            journal,
            dispatcher,
            narrator,
            doors,
            known.on_end,
        )
        _greet(narrator, config, state, warning)
        birth = Birth(secrets.randbits(DRAW_BITS) or 1, home_of(config))
        server.run(seen if restored else None, birth)
        journal.rest()
    journal.close()


def _layout() -> Layout:
    """Whoever can write as others gives all of them folders of their own for outputs.

    As whom root's commands submit its environment says, in containers often a name that nobody has there.
    """
    if not can_be_others():
        return Layout()
    told = user_name()
    return Layout(own_name(), "" if account_of(told) else told)


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
