"""Submissions in the fields of a Zjob: their beginning, what follows of a long list, and the answer to both."""

from goq.adapters.wire import zjob
from goq.adapters.wire.zjob import Zjob
from goq.core import messages as m
from goq.core.values.ids import NONCE_BYTES, JobId, Nonce
from goq.core.values.terms import read_terms

JOB_LIMIT = 7 * 512 * 1024  # of command, environment and script: a frame takes them to a worker
LINE_LIMIT = 256 * 1024  # of a command that comes when the environment is there already


def write_submit(z: Zjob, submit: m.Submit) -> None:
    zjob.write_commands(z, submit.commands)
    zjob.write_origin(z, submit.origin)
    zjob.write_terms(z, submit.terms)
    if submit.to_come:
        z.toCome = submit.to_come


def read_submit(z: Zjob) -> m.Submit:
    origin = zjob.read_origin(z)
    commands, terms, to_come = zjob.read_commands(z), read_terms(bytes(z.terms)), zjob.read_to_come(z)
    if terms.unique and len(commands) + to_come > 1:
        raise ValueError("a unique key is for one job")
    if len(commands) + to_come > zjob.LIST_LIMIT:
        raise ValueError("too many commands")
    longest = max(LINE_LIMIT if to_come else 0, *map(len, commands))
    if longest + len(origin.environment) + len(origin.script) > JOB_LIMIT:
        raise ValueError("a command, its environment and its script are too long")
    shared = (origin.folder, origin.environment, origin.submitter, terms, origin.physical, origin.script)
    return m.Submit(commands, *shared, to_come)


def write_add_items(z: Zjob, items: m.AddItems) -> None:
    z.submission = items.submission
    z.offset = items.offset
    zjob.write_commands(z, items.commands)


def read_add_items(z: Zjob) -> m.AddItems:
    submission, commands = bytes(z.submission), zjob.read_commands(z)
    if len(submission) != NONCE_BYTES or z.offset < 0:
        raise ValueError("items have a submission, and a place in it")
    if max(map(len, commands)) > LINE_LIMIT:
        raise ValueError("a command of a list is too long")
    return m.AddItems(Nonce(submission), z.offset, commands)


def write_ack_submit(z: Zjob, ack: m.AckSubmit) -> None:
    z.aboutjid = ack.first
    z.lastjid = ack.last
    z.existed = ack.existed
    z.folder = ack.outputs
    z.toCome = ack.to_come
    z.cancelled = ack.cancelled


def read_ack_submit(z: Zjob) -> m.AckSubmit:
    told = (z.existed, zjob.read_outputs(z), zjob.read_to_come(z), z.cancelled)
    return m.AckSubmit(zjob.read_job_id(z), JobId(z.lastjid), *told)
