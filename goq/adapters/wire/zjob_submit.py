"""Submissions in the fields of a Zjob: their beginning, what follows of a long list, and the answer to both."""

from goq.adapters.wire import zjob
from goq.adapters.wire.zjob import Zjob
from goq.core import messages as m
from goq.core.values.blobs import read_blob
from goq.core.values.ids import NONCE_BYTES, Argv, JobId, Nonce
from goq.core.values.items import EachLine, Numbers, items_text, read_items, uses
from goq.core.values.terms import read_terms
from goq.core.values.wishes import read_wishes, wishes_text

JOB_LIMIT = 7 * 512 * 1024  # of command and environment: a frame takes them to a worker
LINE_LIMIT = 256 * 1024  # of a command that comes when the environment is there already


def write_submit(z: Zjob, submit: m.Submit) -> None:
    """A command alone stands among the lines, as in the original."""
    z.commands = list(submit.lines) if submit.lines or submit.items else [submit.argv]
    if submit.items:
        z.argv = submit.argv
        z.items = items_text(submit.items)
    zjob.write_origin(z, submit.origin)
    zjob.write_terms(z, submit.terms)
    if submit.wishes:
        z.wishes = wishes_text(submit.wishes)
    if submit.to_come:
        z.toCome = submit.to_come


def read_submit(z: Zjob) -> m.Submit:
    origin = zjob.read_origin(z)
    lines, terms, to_come = zjob.read_lines(z), read_terms(bytes(z.terms)), _read_to_come(z)
    items = read_items(bytes(z.items))
    if items is not None:
        argv = zjob.checked_argv(bytes(z.argv))
    else:
        commands = tuple(map(zjob.checked_argv, lines))
        argv, lines = (commands[0], ()) if len(commands) == 1 and not to_come else (Argv(b""), commands)
    shared = (origin.folder, origin.environment, origin.submitter, terms, origin.physical, origin.script)
    submit = m.Submit(argv, *shared, items, lines, to_come, read_wishes(bytes(z.wishes)), origin.stdin)
    _check_submit(submit)
    return submit


def _check_submit(submit: m.Submit) -> None:
    """Raises ValueError when it breaks a bound, or makes no sense."""
    origin, lines, items = submit.origin, submit.lines, submit.items
    is_list = isinstance(items, EachLine) or not submit.argv
    if bool(lines) != is_list or (submit.to_come and not is_list):
        raise ValueError("a list begins with lines, and nothing else has any")
    if submit.terms.unique and submit.count > 1:
        raise ValueError("a unique key is for one job")
    if submit.terms.after:
        raise ValueError("which jobs those are the server finds")
    if (isinstance(items, Numbers) and items.whole) or (isinstance(items, EachLine) and items.numbers):
        raise ValueError("some of an array are run again by their numbers")
    if submit.count > zjob.LIST_LIMIT:
        raise ValueError("too many commands")
    longest = max(LINE_LIMIT if submit.to_come else 0, *map(len, lines), 0)
    if isinstance(items, EachLine):
        longest *= uses(submit.argv, items)
    if len(submit.argv) + longest + len(origin.environment) > JOB_LIMIT:
        raise ValueError("a command and its environment are too long")
    if origin.stdin and submit.terms.stdin:
        raise ValueError("a standard input is piped, or a file")


def write_add_items(z: Zjob, items: m.AddItems) -> None:
    z.submission = items.submission
    z.offset = items.offset
    z.commands = list(items.lines)


def read_add_items(z: Zjob) -> m.AddItems:
    submission, lines = bytes(z.submission), zjob.read_lines(z)
    if len(submission) != NONCE_BYTES or z.offset < 0:
        raise ValueError("items have a submission, and a place in it")
    if not lines or max(map(len, lines)) > LINE_LIMIT:
        raise ValueError("no lines, or too long ones")
    return m.AddItems(Nonce(submission), z.offset, lines)


def write_ack_submit(z: Zjob, ack: m.AckSubmit) -> None:
    z.aboutjid = ack.first
    z.lastjid = ack.last
    z.existed = ack.existed
    z.folder = ack.outputs
    z.toCome = ack.to_come
    z.cancelled = ack.cancelled
    if ack.wanted:
        z.blobs = ack.wanted
        z.offset = ack.offset


def read_ack_submit(z: Zjob) -> m.AckSubmit:
    told = (z.existed, zjob.read_outputs(z), _read_to_come(z), z.cancelled)
    wanted = read_blob(bytes(z.blobs))
    if z.offset < 0:
        raise ValueError("a blob begins at 0")
    return m.AckSubmit(zjob.read_job_id(z), JobId(z.lastjid), *told, wanted, z.offset)


def _read_to_come(z: Zjob) -> int:
    """How many commands of a list are missing."""
    if not 0 <= z.toCome <= zjob.LIST_LIMIT:
        raise ValueError("no number of commands to come")
    return int(z.toCome)
