"""What was asked for of a job beyond its command: one value, from the flag to the disk.

Pure. An option is a field here, a rule that obeys it, and a flag that sets it; its bounds and its
default stand at the field and nowhere else. Messages and journals hold the same text, which
leaves defaults out, so what nobody asked for is written nowhere.
"""

import re
from functools import lru_cache
from typing import Annotated, Any, Literal

from msgspec import DecodeError, Meta, Struct, json

from goq.core.values.codes import LARGEST
from goq.core.values.ids import JobId
from goq.core.values.quantities import LARGEST_BYTES, LONGEST_S

NAME_LIMIT = 200
LABEL_LIMIT, TAGS_LIMIT, AMOUNTS_LIMIT = 100, 10, 10
PATH_LIMIT = 1024
RETRIES_LIMIT = 1000
# What can be no number, no list of selectors, no pattern of names, no option, and no folder.
LABEL_PATTERN = r"\A(?!-)(?=.*[^\W\d_])[^\s,:*/\x00-\x1f\x7f]+\Z"
AFTER_LIMIT = 1000  # of what a job is behind, and ranges in each
TEXT_LIMIT = 64 * 1024  # bytes of terms as text
DEFAULT_UMASK = 0o022
_NONSENSE = (DecodeError, UnicodeDecodeError, RecursionError)
LONGEST_BACKOFF_S = 3600.0
_SHOWN = 100  # characters of a term that is not known

Name = Annotated[str, Meta(max_length=NAME_LIMIT)]
Label = Annotated[str, Meta(max_length=LABEL_LIMIT, pattern=LABEL_PATTERN)]
PathText = Annotated[str, Meta(max_length=PATH_LIMIT, pattern=r"\A[^\x00]*\Z")]
Bounds = tuple[float, int, float, int] | tuple[()]  # `time_limit_s`, `warn_signal`, `warn_s`, `memory`
Tags = Annotated[tuple[Label, ...], Meta(max_length=TAGS_LIMIT)]
Priority = Annotated[int, Meta(ge=-1000, le=1000)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
MOMENT_LIMIT_NS = 9 * 10**18  # in the year 2255, so that all that comes of it fits 64 bits
Moment = Annotated[int, Meta(ge=0, le=MOMENT_LIMIT_NS)]  # in ns since the epoch
Amount = Annotated[int, Meta(ge=1, le=2**53)]
Amounts = Annotated[tuple[tuple[Label, Amount], ...], Meta(max_length=AMOUNTS_LIMIT)]
Umask = Annotated[int, Meta(ge=0, le=0o777)]
Seconds = Annotated[float, Meta(ge=0, le=LONGEST_S)]
Bytes = Annotated[int, Meta(ge=0, le=LARGEST_BYTES)]
Backoff = Annotated[float, Meta(ge=0, le=LONGEST_BACKOFF_S)]
Retries = Annotated[int, Meta(ge=0, le=RETRIES_LIMIT)]
Code = Annotated[int, Meta(ge=0, le=LARGEST)]
Codes = Annotated[tuple[Code, ...], Meta(max_length=LARGEST + 1)]
Signal = Annotated[int, Meta(ge=0, le=64)]

When = Literal["any", "ok", "fail"]
GroupName = Annotated[str, Meta(max_length=64, pattern=r"\A([A-Za-z_][A-Za-z0-9_.-]*\$?)?\Z")]
_Number = Annotated[JobId, Meta(ge=1, le=2**53)]


class After(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The jobs that a submission is behind: it waits until all of them have ended.

    When that is to be `ok`, each of them well; when `fail`, one of them badly. `each`: its first job is behind
    the first of them alone, its second behind the second; they are as many then.
    """

    jobs: Annotated[tuple[tuple[_Number, _Number], ...], Meta(min_length=1, max_length=AFTER_LIMIT)]
    when: When = "any"
    each: bool = False


class Terms(Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """What the submitter asked for.

    `requeue`: a lost attempt may be followed by another. `unique`: no other live job may have
    this key, "" for none. `umask`: the permissions that files of the job are made without.
    `name`, "" for none, and `tags` are what people call it by. `stdin` is a file
    for its standard input, from its folder, "" for an empty one. `out` and `err` are templates of the files for
    what it writes, "" for a name by the rule, and for both in one. Jobs of a higher `priority` go first.
    When it is `held` it waits until somebody releases it, and with `not_before_ns` for that moment of the
    wall clock. `cpus`, `gpus` and `resources` of its worker are taken while it runs, and `licenses` of the
    cluster; with `pin` it runs on cpus of its own. Of one submission `at_once` run at a time, 0 for all.
    0 is no bound: of seconds that an attempt may run, of bytes that all its processes may have together. `warn_signal` is
    sent `warn_s` seconds before its time is up, 0 for none. It waits until it is behind nothing in `after`; what can
    never run then is held, with `keep`, and else it ends as skipped. It is `again_of` jobs of the submission
    that begins with this number, 0 for none. `keyed`: with a user's key it was submitted, and not with the cluster
    id; that the server says, whatever is asked. Members of that unix `group` of the server's machine may read what it writes.

    An attempt that ends badly, with one of the exit statuses `retry_on` or, without these, with any, is
    tried again `retries` times: after `backoff_s`, then twice as long each time. One that ends with one of
    `rerun_codes` is tried again and counts as nothing, with one of `hold_codes` it waits held. When
    `max_fails` of a submission have failed for good, what waits of it is cancelled; 0 for never.
    """

    requeue: bool = True
    unique: Name = ""
    umask: Umask = DEFAULT_UMASK
    name: Label = ""
    tags: Tags = ()
    stdin: PathText = ""
    out: PathText = ""
    err: PathText = ""
    priority: Priority = 0
    cpus: Amount = 1
    gpus: Count = 0
    resources: Amounts = ()
    licenses: Amounts = ()
    at_once: Count = 0
    held: bool = False
    not_before_ns: Moment = 0
    time_limit_s: Seconds = 0
    warn_signal: Signal = 0
    warn_s: Seconds = 0
    memory: Bytes = 0
    retries: Retries = 0
    backoff_s: Backoff = 1.0
    retry_on: Codes = ()
    rerun_codes: Codes = ()
    hold_codes: Codes = ()
    max_fails: Count = 0
    after: Annotated[tuple[After, ...], Meta(max_length=AFTER_LIMIT)] = ()
    keep: bool = False
    pin: bool = False
    again_of: Count = 0
    keyed: bool = False
    group: GroupName = ""

    @property
    def bounds(self) -> Bounds:
        """What a running job must not exceed; () when it is bound by nothing."""
        bounds = (self.time_limit_s, self.warn_signal, self.warn_s, self.memory)
        return bounds if self.time_limit_s or self.memory else ()


DEFAULT_TERMS = Terms()
_ENCODE = json.Encoder().encode
_DECODE = json.Decoder(Terms).decode


class BadTerms(ValueError):
    """Terms that break a bound, or are none at all."""


class UnknownTerm(BadTerms):
    """Terms from a newer goq: to pass over what was asked for would be worse than to refuse it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the term '{name}' is not known")
        self.name = name


def is_label(word: str) -> bool:
    """It may be a name or a tag."""
    return len(word) <= LABEL_LIMIT and re.search(LABEL_PATTERN, word) is not None


def terms_text(terms: Terms) -> bytes:
    """The terms as they travel and are kept; b"" when nothing special was asked for."""
    return b"" if terms is DEFAULT_TERMS or terms == DEFAULT_TERMS else _ENCODE(terms)


@lru_cache(maxsize=64)
def read_terms(text: bytes) -> Terms:
    """The terms that `terms_text` wrote; equal ones are mostly one object, that a million jobs share.

    Raises UnknownTerm, or BadTerms.
    """
    if not text:
        return DEFAULT_TERMS
    if len(text) > TEXT_LIMIT:
        raise BadTerms("the terms are too long")
    try:
        terms = _DECODE(text)
    except _NONSENSE as error:
        raise _complaint(text, error) from error
    return DEFAULT_TERMS if terms == DEFAULT_TERMS else terms


def _complaint(text: bytes, error: Exception) -> BadTerms:
    try:
        asked: Any = json.decode(text)
    except _NONSENSE:
        return BadTerms("terms that make no sense")
    unknown = asked.keys() - set(Terms.__struct_fields__) if isinstance(asked, dict) else set()
    return UnknownTerm(min(unknown)[:_SHOWN]) if unknown else BadTerms(f"terms out of bounds: {error}")
