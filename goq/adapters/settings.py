"""Where settings are said: by GOQ_* variables, below them in a file of the user's, and below that in one of the host's.

The files are TOML, flat, and hold no secret; their keys are the variables' names in small letters,
without `GOQ_`. What they hold that is no setting is refused by name and line. Who has no such
files pays for one look at where each would be.
"""

import os
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from goq.errors import BadSetting

# All that may be said, in the order to show it. Other files say what each is, and its bounds.
VARIABLES = (
    "GOQ_JSERV_IP",
    "GOQ_JSERV_PORT",
    "GOQ_HOME",
    "GOQ_SPOOL",
    "GOQ_ODIR",
    "GOQ_JOURNAL",
    "GOQ_SENDTIMEOUT_MSEC",
    "GOQ_HEARTBEAT_SEC",
    "GOQ_LEASE_SEC",
    "GOQ_KILL_GRACE_SEC",
    "GOQ_CRASH_LIMIT",
    "GOQ_KEEP_DAYS",
    "GOQ_NEVER_SEND",
    "GOQ_CLEAN_ENV",
    "GOQ_DEBUGMODE",
    "GOQ_COLOR",
    "GOQ_ASCII",
    "GOQ_HINTS",
)
SECRETS = ("GOQ_CLUSTERID",)  # not taken from a file that others may read
LISTS = ("GOQ_NEVER_SEND",)  # which a file may say as a list of texts, and all who say something add to
FILE_LIMIT = 64 * 1024
HOST_FILE = Path("/etc/goq/config.toml")  # of whoever keeps the host, for all its users
_PREFIX = "GOQ_"


def key_of(variable: str) -> str:
    """What a setting is called in the file."""
    return variable.removeprefix(_PREFIX).lower()


class Settings(Struct, frozen=True):
    """What is said. `path` is the file, None where there can be none; `content` is what it holds.

    `below` is what the host's file says where the user's says nothing.
    """

    path: Path | None = None
    texts: dict[str, str] = {}
    content: str = ""
    below: "Settings | None" = None

    def text(self, variable: str) -> str:
        """What is said of it, as a variable would say it; "" for nothing."""
        return os.environ.get(variable) or self._file_of(variable).texts.get(variable, "")

    def all_texts(self, variable: str) -> list[str]:
        """Whatever is said of it, by a variable and in files."""
        files = (self, self.below or Settings())
        said = [os.environ.get(variable, ""), *(each.texts.get(variable, "") for each in files)]
        return [text for text in said if text]

    def label(self, variable: str) -> str:
        """What to call it in a complaint: the variable, or its key and place in the file."""
        if self.is_from_file(variable):
            return f"{key_of(variable)} ({self.place(variable)}, line {self.line(variable)})"
        return variable

    def place(self, variable: str) -> Path | None:
        """The file that says it."""
        return self._file_of(variable).path

    def line(self, variable: str) -> int:
        """Where that says it, from 1 on; 0 where none does."""
        file = self._file_of(variable)
        return _line_of(file.content, key_of(variable)) if variable in file.texts else 0

    def is_from_file(self, variable: str) -> bool:
        """It is a file that counts."""
        return not os.environ.get(variable) and variable in self._file_of(variable).texts

    def _file_of(self, variable: str) -> "Settings":
        return self if variable in self.texts or self.below is None else self.below


def settings_file() -> Path | None:
    """Where the file belongs: `goq/config.toml` in XDG_CONFIG_HOME, else in ~/.config; None for nobody at home.

    Source: the XDG Base Directory Specification, which takes absolute paths only. A library that knows other
    systems too would be loaded by every command.
    """
    folder = os.environ.get("XDG_CONFIG_HOME", "")
    if not os.path.isabs(folder):
        folder = os.path.expanduser("~/.config")
    return Path(folder, "goq", "config.toml") if os.path.isabs(folder) else None


def read_settings() -> Settings:
    """What the variables and the files say. Raises BadSetting for a file that cannot be read as it is."""
    path, host_s = settings_file(), _read(HOST_FILE)
    said = Settings() if path is None else _read(path)
    return replace(said, below=host_s) if host_s.texts else said


def _read(path: Path) -> Settings:
    try:
        with path.open("rb") as file:
            content = file.read(FILE_LIMIT + 1)
    except (FileNotFoundError, NotADirectoryError):
        return Settings(path)
    except OSError as error:
        raise BadSetting(f"cannot read {path}: {error.strerror}") from error
    if len(content) > FILE_LIMIT:
        raise BadSetting(f"{path} has more than {FILE_LIMIT} bytes; settings take a few lines")
    return _understood(path, content)


def _understood(path: Path, content: bytes) -> Settings:
    import tomllib  # noqa: PLC0415 - most have no such file

    try:
        text = content.decode()
        values = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise BadSetting(f"{path} is no UTF-8, as TOML has to be") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadSetting(f"{path} is no TOML: {error}") from error
    variables = {key_of(variable): variable for variable in VARIABLES}
    texts = {}
    for key, value in values.items():
        try:
            texts[_known(key, variables)] = _as_text(key, value)
        except ValueError as error:
            raise BadSetting(f"{path}, line {_line_of(text, key)}: {error}") from error
    return Settings(path, texts, text)


def _line_of(text: str, key: str) -> int:
    """The line in which the key's value is whole: the shortest beginning of the text that tells of it."""
    import tomllib  # noqa: PLC0415

    lines = text.splitlines(keepends=True)
    for count, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                if key in tomllib.loads("".join(lines[:count])):
                    return count
            except tomllib.TOMLDecodeError:
                continue  # in the midst of a value
    return 0


def _known(key: str, variables: dict[str, str]) -> str:
    """The variable of that key. Raises ValueError."""
    if key in variables:
        return variables[key]
    if key in map(key_of, SECRETS):
        raise ValueError(
            "the cluster id is a secret, and not taken from here; 'goq init --join' keeps it in GOQ_HOME"
        )
    from difflib import get_close_matches  # noqa: PLC0415 - who makes no mistake needs it not

    meant = get_close_matches(key.lower().removeprefix("goq_"), [*variables], n=1)
    right = f"did you mean {meant[0]!r}?" if meant else "'goq config' shows those that there are"
    raise ValueError(f"{key!r} is no setting; {right}")


def _as_text(key: str, value: object) -> str:
    """As a variable would say it, with ~ for the home folder. Raises ValueError."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list) and key in map(key_of, LISTS):
        return ",".join(_as_text(key, each) for each in value)
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(f"{key} must be a text, a number, true or false")
    return os.path.expanduser(value) if value.startswith("~") else value
