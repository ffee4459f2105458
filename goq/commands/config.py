"""`goq config`."""

import os
from collections.abc import Iterator

import click
from msgspec import Struct

from goq.adapters.clusterid import (
    HOME_ID_FILE,
    ID_FILE,
    ID_VARIABLE,
    KEY_FILE,
    find_secret,
    is_cluster_id,
    shown_secret,
)
from goq.adapters.config import DAY_S, Config, load_config, sending_of
from goq.adapters.remembered import SERVER_FILE, recall
from goq.adapters.settings import Settings, key_of, read_settings
from goq.commands.paper import settings_of_paper
from goq.core.values.text import printable

Value = str | int | float | bool | None


class SettingRow(Struct, frozen=True):
    """A setting in force, and who says so: variable, file, remembered or default.

    `place` is where that stands: a file, or what a default follows; `line` is of `place`.
    """

    name: str
    variable: str
    value: Value
    source: str
    place: str | None = None
    line: int | None = None


@click.command("config")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def command(*, as_json: bool) -> None:
    """Show each setting, its value here and now, and where that comes from.

    A GOQ_* variable comes first, then the files config.toml, then what GOQ_HOME remembers of the server,
    then the default. The files are ~/.config/goq/config.toml (XDG_CONFIG_HOME/goq/config.toml where that is
    set) and, below it, the host's /etc/goq/config.toml. They hold lines such as 'lease_sec = 120': the variables'
    names in small letters, without GOQ_.

    The cluster id is a secret: it is not taken from there, and shown by its fingerprint only.

    \b
    Examples:
      goq config
      goq config | grep port
      GOQ_LEASE_SEC=120 goq config --json
    """
    said = read_settings()
    rows = [*rows_of(said, load_config())]
    if as_json:
        from msgspec import json  # noqa: PLC0415 - who reads a table needs it not

        shown = {"goq": 1, "kind": "config", "file": said.path and str(said.path), "rows": rows}
        click.echo(json.encode(shown).decode())
        return
    cells = [("SETTING", "VALUE", "FROM"), *map(_cells, rows)]
    widths = [max(len(row[at]) for row in cells) for at in (0, 1)]
    for name, value, source in cells:
        click.echo(printable(f"{name.ljust(widths[0])}  {value.ljust(widths[1])}  {source}"))


def rows_of(said: Settings, config: Config) -> Iterator[SettingRow]:
    """All of them, in the order of the manual."""
    defaults, sending = _remembered(said, config), sending_of(said)
    values: dict[str, Value] = {
        "GOQ_JSERV_IP": config.ip,
        "GOQ_JSERV_PORT": config.port,
        "GOQ_HOME": str(config.home),
        "GOQ_SPOOL": str(config.spool),
        "GOQ_ODIR": str(config.output_folder),
        "GOQ_JOURNAL": str(config.journal_folder),
        "GOQ_SENDTIMEOUT_MSEC": round(config.timeout_s * 1000),
        "GOQ_HEARTBEAT_SEC": config.heartbeat_s,
        "GOQ_LEASE_SEC": config.lease_s,
        "GOQ_KILL_GRACE_SEC": config.kill_grace_s,
        "GOQ_CRASH_LIMIT": config.crash_limit,
        "GOQ_KEEP_DAYS": config.keep_s / DAY_S,
        "GOQ_NEVER_SEND": " ".join(sending.never),
        "GOQ_CLEAN_ENV": sending.is_clean,
        "GOQ_DEBUGMODE": config.debug,
        **settings_of_paper(said),
    }
    for variable, value in values.items():
        name = key_of(variable)
        if said.is_from_file(variable):
            yield SettingRow(name, variable, value, "file", str(said.place(variable)), said.line(variable))
        elif said.text(variable):
            yield SettingRow(name, variable, value, "variable")
        else:
            source, place = defaults.get(variable, ("default", None))
            yield SettingRow(name, variable, value, source, place)
    yield _cluster_id(config)


def _remembered(said: Settings, config: Config) -> dict[str, tuple[str, str | None]]:
    """What else than a default stands behind the server's address, where nobody says it."""
    found: dict[str, tuple[str, str | None]] = {}
    known, file = recall(config.home), str(config.home / SERVER_FILE)
    is_known = known is not None and known.host == config.ip
    if config.guessed:
        found["GOQ_JSERV_IP"] = "default", "this machine's address"
    elif is_known:
        found["GOQ_JSERV_IP"] = "remembered", file
    if known is not None and is_known and known.port == config.port:
        found["GOQ_JSERV_PORT"] = "remembered", file
    return {variable: row for variable, row in found.items() if not said.text(variable)}


def _cluster_id(config: Config) -> SettingRow:
    """By its fingerprint, with the place that counts."""
    found = find_secret(config)
    name = key_of(ID_VARIABLE)
    if found is None:
        return SettingRow(name, ID_VARIABLE, None, "default", "there is none yet")
    value = shown_secret(found)
    if os.path.exists(ID_FILE):
        return SettingRow(name, ID_VARIABLE, value, "file", os.path.abspath(ID_FILE))
    if os.environ.get(ID_VARIABLE):
        return SettingRow(name, ID_VARIABLE, value, "variable")
    file = HOME_ID_FILE if is_cluster_id(found) else KEY_FILE
    return SettingRow(name, ID_VARIABLE, value, "file", str(config.home / file))


def _cells(row: SettingRow) -> tuple[str, str, str]:
    where = {
        "variable": row.variable,
        "file": f"{row.place}, line {row.line}" if row.line else row.place,
        "remembered": f"remembered, in {row.place}",
        "default": f"default: {row.place}" if row.place else "default",
    }
    return row.name, _shown(row.value), str(where[row.source])


def _shown(value: Value) -> str:
    if value in (None, ""):
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)
