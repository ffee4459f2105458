"""`goq sub`."""

import sys
from typing import Any

import click
from msgspec.structs import replace

from goq.api.client import Client
from goq.api.parcel import Parcel
from goq.api.place import folder_of
from goq.api.variables import environment_of
from goq.commands import complete
from goq.commands.command_lines import second_thought
from goq.commands.own_trouble import with_an_exit_code_of_its_own
from goq.commands.sub_answer import tell
from goq.commands.sub_help import HELP
from goq.commands.sub_options import Options, sub_options
from goq.commands.sub_outputs import check_outputs
from goq.commands.sub_work import Work, work_of
from goq.core.messages import AckSubmit, Submit
from goq.core.values.blobs import blob_of
from goq.core.values.ids import split_argv
from goq.core.values.named import names_any
from goq.core.values.result import ERR, OUT
from goq.errors import BadCommand


@click.command("sub", help=HELP, context_settings={"allow_interspersed_args": False})
@sub_options
@click.argument(
    "words",
    nargs=-1,
    type=click.UNPROCESSED,
    metavar="COMMAND [ARGUMENT]...",
    shell_complete=complete.commands,
)
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
    with Client() as client:
        work = work_of(words, options, is_script=bool(script))
        parcel = _parcel(client, work, options, script)
        if not options.wait:
            _submit_and_tell(client, parcel, work, options, [])
            return 0
        from goq.commands.sub_wait import left_alone, wait_for  # noqa: PLC0415 - who does not wait need not wait for it

        acks: list[AckSubmit] = []
        try:
            _submit_and_tell(client, parcel, work, options, acks)
            return wait_for(client.config, acks, () if options.as_json else _streams(parcel.shared, acks))
        except KeyboardInterrupt:
            if not acks:
                raise
            return left_alone(acks)


def _parcel(client: Client, work: Work, options: Options, script: bytes) -> Parcel:
    """What is to be submitted."""
    if options.unique and work.count > 1:
        raise BadCommand("--unique is for one job, and these are several. Nothing was queued.")
    folder, physical = folder_of(options.folder)
    environment = environment_of(client.packer.secret, options.variables, is_clean=options.clean_env)
    terms = replace(options.terms, at_once=work.at_once)
    if names_any(terms):
        check_outputs(terms, work.count)
    what = (
        work.argv,
        folder,
        environment,
        client.packer.submitter,
        terms,
        physical,
        blob_of(script),
        work.items,
    )
    parcel = Parcel(Submit(*what, wishes=options.wishes), work.lines)
    parcel.check()
    parcel.luggage = {parcel.shared.script: script} if script else {}
    if options.is_piped:
        from goq.commands.piped import read_piped  # noqa: PLC0415 - few need it

        piped = read_piped()
        parcel.shared = replace(parcel.shared, stdin=blob_of(piped))
        parcel.luggage |= {parcel.shared.stdin: piped} if piped else {}
    return parcel


def _streams(shared: Submit, acks: list[AckSubmit]) -> tuple[int, ...]:
    """Those that the jobs have apart. What another submission asked for nobody has said."""
    return (OUT, ERR) if shared.terms.err and not acks[0].existed else (OUT,)


def _submit_and_tell(
    client: Client, parcel: Parcel, work: Work, options: Options, acks: list[AckSubmit]
) -> None:
    """Submit, and print which jobs they are. Each answer is put into `acks` as soon as it is here."""
    acks += filter(None, [client.queue(parcel, spool=options.spool)])
    tell(options, client.address, work, acks, parcel.shared, is_whole=bool(acks))
    is_seen = work.argv and not (options.quiet or parcel.shared.script) and sys.stderr.isatty()
    if is_seen and (idea := second_thought(split_argv(work.argv))):
        click.secho(f"goq: note: {idea}", dim=True, err=True)
