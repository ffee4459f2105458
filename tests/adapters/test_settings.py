"""The file of settings: what it may hold, what is refused by name and line, and that variables win."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goq.adapters import settings as settings_module
from goq.adapters.config import load_config
from goq.adapters.settings import (
    FILE_LIMIT,
    VARIABLES,
    Settings,
    _understood,
    key_of,
    read_settings,
    settings_file,
)
from goq.errors import BadSetting


@pytest.fixture(name="file", autouse=True)
def _file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the file is to be; no settings at all, and a home."""
    for name in [name for name in os.environ if name.startswith(("GOQ_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(settings_module, "HOST_FILE", tmp_path / "host.toml")
    folder = tmp_path / "home" / ".config" / "goq"
    folder.mkdir(parents=True)
    return folder / "config.toml"


def refusal(file: Path, text: str | bytes) -> str:
    """What is said of a file that holds this."""
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadSetting) as caught:
        load_config()
    return str(caught.value)


def test_without_a_file_nothing_is_said(file: Path) -> None:
    """Most have none."""
    assert Settings(file) == read_settings()


def test_what_the_file_says_counts_where_no_variable_does(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty variable says nothing."""
    file.write_text('jserv_ip = "192.0.2.7"\nlease_sec = 120.5\ndebugmode = true\nspool = "~/scratch"\n')
    monkeypatch.setenv("GOQ_JSERV_IP", "192.0.2.8")
    monkeypatch.setenv("GOQ_LEASE_SEC", "")
    config = load_config()

    assert ("192.0.2.8", 120.5, True) == (config.ip, config.lease_s, config.debug)
    assert Path(os.environ["HOME"]) / "scratch" == config.spool


def test_every_setting_may_be_said_there(file: Path) -> None:
    """By the variable's name in small letters."""
    file.write_text("".join(f'{key_of(variable)} = "a text"\n' for variable in VARIABLES))

    assert dict.fromkeys(VARIABLES, "a text") == read_settings().texts


def test_the_host_s_file_counts_where_the_user_s_says_nothing(file: Path, tmp_path: Path) -> None:
    """And what is wrong with it is told by its own name and line."""
    host = tmp_path / "host.toml"
    host.write_text("lease_sec = 90\nheartbeat_sec = 2\n")
    alone = read_settings()
    file.write_text("\nlease_sec = 120\n")
    both, config = read_settings(), load_config()

    assert ("90", host, 1) == (
        alone.text("GOQ_LEASE_SEC"),
        alone.place("GOQ_LEASE_SEC"),
        alone.line("GOQ_LEASE_SEC"),
    )
    assert (120, 2) == (config.lease_s, config.heartbeat_s)
    assert f"lease_sec ({file}, line 2)" == both.label("GOQ_LEASE_SEC")
    assert f"heartbeat_sec ({host}, line 2)" == both.label("GOQ_HEARTBEAT_SEC")
    assert "GOQ_SPOOL" == both.label("GOQ_SPOOL")
    assert ["120", "90"] == both.all_texts("GOQ_LEASE_SEC")


@pytest.mark.parametrize("text", ["leese_sec = 1\n", "lease_sec = \n"])
def test_a_host_s_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    """It may say what must not travel: who could not read it would send it."""
    (tmp_path / "host.toml").write_text(text)
    with pytest.raises(BadSetting, match=r"host\.toml"):
        read_settings()


def test_a_list_is_what_a_variable_says_with_commas(file: Path) -> None:
    """Of settings that are lists, and of texts."""
    file.write_text('never_send = ["AWS_*", "*_TOKEN"]\n')
    assert "AWS_*,*_TOKEN" == read_settings().text("GOQ_NEVER_SEND")

    assert "never_send must be a text" in refusal(file, "never_send = [[1], {}]\n")


def test_a_key_that_is_none_is_refused_by_name_and_line(file: Path) -> None:
    """Else its owner believes that it holds."""
    said = refusal(file, "# mine\n\nlease_sec = 90\nleese_sec = 120\n")

    assert f"{file}, line 4: 'leese_sec' is no setting; did you mean 'lease_sec'?" == said


@pytest.mark.parametrize("text", ["[server]\nip = 1\n", "jserv.ip = 1\n", "x = 1\n"])
def test_a_table_is_no_setting_either(file: Path, text: str) -> None:
    """The file is flat."""
    assert f"{file}, line " in refusal(file, text)


def test_a_bad_value_is_refused_by_name_and_line(file: Path) -> None:
    """As that of a variable is by the variable's name."""
    said = refusal(file, 'spool = """\n/tmp/x"""\n\nlease_sec = -1 # no\n')

    assert f"lease_sec ({file}, line 4) is '-1'; it must be a number from 0.1 to 604800" == said


@pytest.mark.parametrize("value", ["[1, 2]", "2026-12-01", "{a = 1}", '"a\\u0000b"'])
def test_what_no_variable_could_say_is_refused(file: Path, value: str) -> None:
    """A list, a date, a table, an end of text."""
    assert f"{file}, line 2: home must be a text" in refusal(file, f"\nhome = {value}\n")


def test_a_secret_is_not_taken_from_there_and_never_shown(file: Path) -> None:
    """The file may be read by anybody, and shared."""
    secret = "0123456789abcdef" * 2
    said = refusal(file, f'clusterid = "{secret}"\n')

    assert f"{file}, line 1: the cluster id is a secret" in said
    assert secret not in said


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"lease_sec = \n", "is no TOML: "),
        (b"lease_sec = 1\nlease_sec = 2\n", "is no TOML: "),
        (b"home = '\xff'\n", "is no UTF-8"),
        (b"#" * (FILE_LIMIT + 1), "more than"),
        (b"a = " + b"[" * 5000, "is no TOML"),
    ],
)
def test_a_file_that_is_none_is_refused_by_its_name(file: Path, text: bytes, why: str) -> None:
    """In one line."""
    said = refusal(file, text)

    assert said.startswith(str(file))
    assert why in said
    assert "\n" not in said


def test_a_file_that_cannot_be_read_is_told(file: Path) -> None:
    """A folder stands in its place."""
    file.mkdir()
    with pytest.raises(BadSetting, match="cannot read"):
        read_settings()


def test_its_place_is_that_of_the_specification(monkeypatch: pytest.MonkeyPatch) -> None:
    """Source: the XDG Base Directory Specification; relative paths are invalid."""
    home = Path(os.environ["HOME"])
    below = Path("goq", "config.toml")

    assert home / ".config" / below == settings_file()
    monkeypatch.setenv("XDG_CONFIG_HOME", "/srv/settings")
    assert Path("/srv/settings") / below == settings_file()
    monkeypatch.setenv("XDG_CONFIG_HOME", "settings")
    assert home / ".config" / below == settings_file()


@given(
    st.lists(st.sampled_from(VARIABLES), unique=True).flatmap(
        lambda names: st.tuples(
            st.just(names),
            st.lists(st.sampled_from(["", "# x\n", "\n", " \n\n"]), min_size=len(names), max_size=len(names)),
            st.lists(
                st.sampled_from(["1", "true", "2.5", '"a"', '"""a\nhome = 1\n"""']),
                min_size=len(names),
                max_size=len(names),
            ),
        )
    )
)
def test_lines_are_those_where_values_end(drawn: tuple[list[str], list[str], list[str]]) -> None:
    """Whatever stands between them, and whatever they hold."""
    text, ends = "", {}
    for name, before, value in zip(*drawn, strict=True):
        text += f"{before}{key_of(name)} = {value}\n"
        ends[name] = text.count("\n")
    found = _understood(Path("f"), text.encode())

    assert ends == {name: found.line(name) for name in drawn[0]}
