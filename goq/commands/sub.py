"""`goq sub`."""

import sys
from typing import Any

import click
from msgspec.structs import replace

from goq.adapters.config import Config, load_config
from goq.adapters.files.linelist import LineList
from goq.adapters.machine import host_name
from goq.commands.command_lines import second_thought
from goq.commands.own_trouble import with_an_exit_code_of_its_own
from goq.commands.person import user_name
from goq.commands.place import folder_of
from goq.commands.sub_answer import tell
from goq.commands.sub_help import HELP
from goq.commands.sub_options import Options, sub_options
from goq.commands.sub_outputs import check_outputs
from goq.commands.sub_work import Work, work_of
from goq.commands.variables import environment_of
from goq.core.messages import AckSubmit, Submit
from goq.core.values.blobs import blob_of
from goq.core.values.ids import Environment, split_argv
from goq.core.values.named import names_any
from goq.core.values.result import ERR, OUT
from goq.errors import BadCommand
from goq.roles.client.ask import cluster_id_in_time
from goq.roles.client.submission import Luggage, submit

SUBMISSION_LIMIT = 3 * 1024 * 1024


@click.command("sub", help=HELP, context_settings={"allow_interspersed_args": False})
@sub_options
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="COMMAND [ARGUMENT]...")
@click.pass_context
def command(context: click.Context, /, words: tuple[str, ...], **chosen: Any) -> int:
    """The words are not looked at before all options are known: a script may hold some."""
    text = b""
    if chosen["script"] is not None:
        from goq.commands.scripts import read_script, with_its_options  # noqa: PLC0415 - few need it

        script = read_script(chosen["script"])
        chosen = with_its_options(script, chosen, context)
        words, text = (script.name, *words), script.text
    options = Options(**chosen)
    options.require_sense()
    return (with_an_exit_code_of_its_own(_submit) if options.wait else _submit)(words, options, text)


def _submit(words: tuple[str, ...], options: Options, script: bytes) -> int:
    """What the command does; its exit code."""
    if not words:
        raise BadCommand("cowardly refusing to submit empty job; say: goq sub COMMAND [ARGUMENT]...")
    config = load_config()
    work = work_of(words, options, is_script=bool(script))
    if options.unique and work.count > 1:
        raise BadCommand("--unique is for one job, and these are several. Nothing was queued.")
    folder, physical = folder_of(options.folder)
    environment = _environment(config, options)
    who = f"{user_name()}@{host_name()}"[:200]
    terms = replace(options.terms, at_once=work.at_once)
    if names_any(terms):
        check_outputs(terms, work.count)
    shared = Submit(work.argv, folder, environment, who, terms, physical, blob_of(script), work.items)
    shared = replace(shared, wishes=options.wishes)
    _check_size(shared, work.lines)
    luggage = {shared.script: script} if script else {}
    if options.is_piped:
        from goq.commands.piped import read_piped  # noqa: PLC0415 - few need it

        piped = read_piped()
        shared = replace(shared, stdin=blob_of(piped))
        luggage |= {shared.stdin: piped} if piped else {}
    if not options.wait:
        _submit_and_tell(config, shared, work, luggage, options, [])
        return 0
    from goq.commands.sub_wait import left_alone, wait_for  # noqa: PLC0415 - who does not wait need not wait for it

    acks: list[AckSubmit] = []
    try:
        _submit_and_tell(config, shared, work, luggage, options, acks)
        return wait_for(config, acks, () if options.as_json else _streams(shared, acks))
    except KeyboardInterrupt:
        if not acks:
            raise
        return left_alone(acks)


def _streams(shared: Submit, acks: list[AckSubmit]) -> tuple[int, ...]:
    """Those that the jobs have apart. What another submission asked for nobody has said."""
    return (OUT, ERR) if shared.terms.err and not acks[0].existed else (OUT,)


def _submit_and_tell(
    config: Config, shared: Submit, work: Work, luggage: Luggage, options: Options, acks: list[AckSubmit]
) -> None:
    """Submit, and print which jobs they are. Each answer is put into `acks` as soon as it is here."""
    acks += filter(None, [submit(config, shared, work.lines, luggage, spool=options.spool)])
    tell(options, config.address, work, acks, shared, is_whole=bool(acks))
    is_seen = work.argv and not (options.quiet or shared.script) and sys.stderr.isatty()
    if is_seen and (idea := second_thought(split_argv(work.argv))):
        click.secho(f"goq: note: {idea}", dim=True, err=True)


def _check_size(shared: Submit, lines: LineList) -> None:
    _, first = lines.piece(0)
    size = len(shared.argv) + sum(map(len, first)) + len(shared.environment)
    if size > SUBMISSION_LIMIT:
        raise BadCommand(
            f"arguments and environment are {size} bytes together;"
            f" a submission holds {SUBMISSION_LIMIT} at most, so put the data in a file"
        )


def _environment(config: Config, options: Options) -> Environment:
    cluster_id = cluster_id_in_time(config, config.timeout_s)
    return environment_of(cluster_id, options.variables, is_clean=options.clean_env)
