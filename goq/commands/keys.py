"""`goq user` and `goq node`: who has a key, and the token by which its holder joins."""

import sys
import time
from collections.abc import Callable

import click

from goq.adapters.files.secretfile import SECRET_LIMIT
from goq.adapters.installing import Installer, account_of, install_token
from goq.adapters.token import read_token, text
from goq.api.client import Client
from goq.api.keys import token_of
from goq.commands.paper import standard_output
from goq.core.messages import KeyRow
from goq.core.messages.keys import KeyDeed
from goq.core.values.documents import document
from goq.core.values.quoted import quoted
from goq.core.values.who import NAME_LIMIT, Role, is_name
from goq.errors import BadCommand

_WHAT = {
    Role.USER: "Let other people use the cluster, each with a key of their own.",
    Role.NODE: "Let machines run the jobs of all users, each as its owner.",
}
_MORE = {
    Role.USER: """\
    Who holds the cluster id may do everything; with a key a user submits, sees what there is, and does what
    he wants with his own jobs. NAME is that of his account: his jobs run under it on nodes. One person alone
    needs none of this.

    \b
    Examples:
      goq user add ann | mail ann@lab             a token; she pastes it to 'goq init --join'
      goq user add ann --install                  put it into her home, as root
      goq user list
      goq user renew ann                          another key: a stolen one counts no more
      goq user remove ann                         what waits of hers is held, what runs goes on
    """,
    Role.NODE: """\
    A worker with the cluster id runs jobs as itself. With a node's key, as root, 'goq work forever' runs each job
    as its owner, and the key is for nothing else: who steals it can run and report jobs, and submit none. NAME is
    what the machine is called.

    \b
    Examples:
      goq node add n14 | ssh n14 sudo goq init --join
      goq node list
      goq node renew n14
      goq node remove n14
    """,
}
_HINT = {
    Role.USER: "that is a secret: {name} pastes it to 'goq init --join'",
    Role.NODE: "that is a secret: root on {name} pastes it to 'goq init --join', and starts 'goq work forever'",
}


def commands_of(role: Role) -> click.Group:
    """All that is done about the keys of a role."""
    group = click.Group(str(role), help=f"{_WHAT[role]}\n\n{_MORE[role]}")
    makers: list[Callable[[Role], click.Command]] = [_add, _list, _renew, _remove]
    if role is Role.USER:
        makers.append(_install)
    for make in makers:
        group.add_command(make(role))
    return group


def _add(role: Role) -> click.Command:
    return _giving(role, KeyDeed.ADD, f"Let a {role} have a key, and print its token.")


def _renew(role: Role) -> click.Command:
    return _giving(role, KeyDeed.RENEW, f"Let a {role} have another key; the one before counts no more.")


def _giving(role: Role, deed: KeyDeed, words: str) -> click.Command:
    @click.command(str(deed), help=words)
    @click.argument("name", callback=_checked)
    def command(name: str, *, install: bool = False) -> None:
        # Begun before there is a connection, and so a thread.
        installer = Installer(account_of(name)) if install else None
        try:
            with Client() as client:
                token = token_of(client, role, name, deed)
        except BaseException:
            if installer is not None:
                installer.stop()
            raise
        if installer is not None:
            for line in installer.put(token):
                click.echo(f"goq: {line}.", err=True)
            return
        click.echo(text(token))
        if sys.stderr.isatty():
            click.echo(f"goq: {_HINT[role].format(name=name)}.", err=True)

    if role is Role.USER:
        help_text = "Put it into the home of that account instead; as root."
        command.params.append(click.Option(["--install"], is_flag=True, help=help_text))
    return command


def _list(role: Role) -> click.Command:
    @click.command("list", help=f"Show the {role}s, since when, and by whom.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
    def command(*, as_json: bool) -> None:
        with Client() as client:
            rows = client.keys(role)
        if as_json:
            sys.stdout.buffer.write(document("keys", time.time_ns(), 0, rows))
            return
        _show(role, rows)

    return command


def _remove(role: Role) -> click.Command:
    @click.command("remove", help=f"Let a {role} have no key any more, from now on.")
    @click.argument("name", callback=_checked)
    def command(name: str, *, kill: bool = False) -> None:
        with Client() as client:
            ack = client.set_key(role, name, KeyDeed.REMOVE, kill=kill)
        if role is Role.USER:
            how = "killed" if kill else f"held; 'goq release --user {name}' lets them run"
            more = f"; {ack.jobs} {'job' if ack.jobs == 1 else 'jobs'} {how}" if ack.jobs else ""
            click.echo(f"user {name} has no key any more{more}.")
        else:
            click.echo(f"node {name} has no key any more; what it runs comes to its end.")

    if role is Role.USER:
        help_text = "Cancel what waits of his, and kill what runs."
        command.params.append(click.Option(["--kill"], is_flag=True, help=help_text))
    return command


def _install(_role: Role) -> click.Command:
    @click.command(
        "install", help="Put the token on the standard input into the home of that account; as root."
    )
    @click.argument("name", callback=_checked)
    @click.option("--force", is_flag=True, help="Leave the cluster that its ~/.goq belongs to.")
    def command(name: str, *, force: bool) -> None:
        token = read_token(sys.stdin.read(SECRET_LIMIT).strip())
        if (token.who.role, token.who.name) != (Role.USER, name):
            raise BadCommand(
                f"that is the token of {token.who.role} {quoted(token.who.name)}, and not of user {quoted(name)}"
            )
        for line in install_token(token, account_of(name), force=force):
            click.echo(f"goq: {line}.", err=True)

    return command


def _checked(_context: click.Context, _parameter: click.Parameter, name: str) -> str:
    if not is_name(name):
        raise click.BadParameter(
            f"{quoted(name)} is no name: letters, digits, and _ . @ - behind the first, {NAME_LIMIT} at most"
        )
    return name


def _show(role: Role, rows: tuple[KeyRow, ...]) -> None:
    from goq.views.clocks import clock  # noqa: PLC0415 - programs need none
    from goq.views.tables import Column, table  # noqa: PLC0415

    paper = standard_output()
    if not rows:
        click.echo(f"there is no {role} with a key; 'goq {role} add NAME' makes one")
        return
    columns = [Column("NAME"), Column("KEY", is_right=True), Column("SINCE"), Column("BY")]
    if role is Role.USER:
        columns.insert(2, Column("JOBS", is_right=True))
    for line in table(columns, (_cells(role, row, clock(row.since_at, paper)) for row in rows), paper):
        click.echo(line)


def _cells(role: Role, row: KeyRow, when: str) -> list[str]:
    key = "removed" if row.is_removed else str(row.generation)
    jobs = [str(row.live_jobs)] if role is Role.USER else []
    return [row.name, key, *jobs, when, row.by]
