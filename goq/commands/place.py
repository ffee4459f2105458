"""Where the output of a job will be."""

from goq.core.values.ids import JobId
from goq.core.values.named import is_absolute
from goq.core.values.result import ERR, OUT, Files, output_name
from goq.core.values.text import show_folder


def outputs_of(folder: bytes, first: JobId, last: JobId, files: Files = (), host: str = "") -> str:
    """The files of the outputs of these jobs, in the server's folder for outputs; "" where it is not told.

    `files` are those that have names of their own, absolute ones at that host, "" where none is known yet.
    """
    names = dict(files)
    of_out = output_name(first) if first == last else f"{output_name(first)} to {output_name(last)}"
    place = _place(folder, names.get(OUT, of_out), host)
    return f"{place}, errors: {_place(folder, names[ERR], host)}" if ERR in names else place


def _place(folder: bytes, name: str, host: str) -> str:
    if is_absolute(name):
        return f"{show_folder(name.encode())} at {host or 'the host that runs it'}"
    return f"{show_folder(folder)}/{name}" if folder else ""
