"""Mistakes in core/values/terms.py."""

from mistakes.fault import Fault

FILE = "core/values/terms.py"
FAULTS = [
    Fault(
        "what a newer goq asked for is passed over",
        FILE,
        "gc=False, omit_defaults=True, forbid_unknown_fields=True",
        "gc=False, omit_defaults=True",
    ),
    Fault(
        "defaults are written",
        FILE,
        "gc=False, omit_defaults=True, forbid_unknown_fields=True",
        "gc=False, forbid_unknown_fields=True",
    ),
    Fault(
        "default terms are a text",
        FILE,
        'return b"" if terms is DEFAULT_TERMS or terms == DEFAULT_TERMS else _ENCODE(terms)',
        "return _ENCODE(terms)",
    ),
    Fault(
        "any number is a umask",
        FILE,
        "Annotated[int, Meta(ge=0, le=0o777)]",
        "Annotated[int, Meta(ge=0)]",
    ),
    Fault(
        "a umask may be negative",
        FILE,
        "Annotated[int, Meta(ge=0, le=0o777)]",
        "Annotated[int, Meta(le=0o777)]",
    ),
    Fault(
        "a name may be of any length",
        FILE,
        "Annotated[str, Meta(max_length=NAME_LIMIT)]",
        "Annotated[str, Meta()]",
    ),
    Fault(
        "a name may be a number",
        FILE,
        r"(?=.*[^\W\d_])",
        "",
    ),
    Fault(
        "a name may be an option",
        FILE,
        "(?!-)",
        "",
    ),
    Fault(
        "a name may lead to a folder",
        FILE,
        ",:*/",
        ",:*",
    ),
    Fault(
        "a name may hold a line",
        FILE,
        r"+\Z",
        "+$",
    ),
    Fault(
        "a job may have any number of tags",
        FILE,
        "Annotated[tuple[Label, ...], Meta(max_length=TAGS_LIMIT)]",
        "tuple[Label, ...]",
    ),
    Fault(
        "a path may hold a NUL",
        FILE,
        r', pattern=r"\A[^\x00]*\Z")',
        ")",
    ),
    Fault(
        "each job has terms of its own",
        FILE,
        "@lru_cache(maxsize=64)\n",
        "",
    ),
    Fault(
        "a term out of bounds hides one that is not known",
        FILE,
        "return UnknownTerm(min(unknown)[:_SHOWN]) if unknown else",
        "return UnknownTerm(min(unknown)[:_SHOWN]) if not asked.keys() - unknown else",
    ),
    Fault("a job's time may have no bound", FILE, "Meta(ge=0, le=LONGEST_S)", "Meta(ge=0)"),
    Fault("a job's time may be negative", FILE, "Meta(ge=0, le=LONGEST_S)", "Meta(le=LONGEST_S)"),
    Fault("a job's memory may be negative", FILE, "Meta(ge=0, le=LARGEST_BYTES)", "Meta(le=LARGEST_BYTES)"),
    Fault("any number is a signal", FILE, "Meta(ge=0, le=64)", "Meta(ge=0)"),
]
