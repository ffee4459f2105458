"""Mistakes in what programs read."""

from mistakes.fault import Fault

FILE = "core/values/documents.py"
FAULTS = [
    Fault("a time is rounded", FILE, "{rest_ns:09}", "{rest_ns // 10**6 * 10**6:09}"),
    Fault(
        "what is not there is null",
        FILE,
        "if (value := getattr(row, name)) is not None",
        "if [value := getattr(row, name)]",
    ),
    Fault("a time is a number", FILE, 'name == "at" or name.endswith("_at")', 'name == "at"'),
    Fault("there is no next page", FILE, '"next": following', '"next": None'),
]
