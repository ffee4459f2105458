"""The schema of all messages, as Cap'n Proto has read it."""

import os
from pathlib import Path
from typing import Any

import capnp


def _load() -> Any:
    package = Path(__file__).resolve().parents[2]
    installed, checkout = package / "schema" / "zjob.capnp", package.parent / "schema" / "zjob.capnp"
    pwd = os.environb.pop(b"PWD", None)  # one that leads elsewhere capnp complains of, to anybody's stderr
    try:
        return capnp.load(str(installed if installed.exists() else checkout))
    finally:
        if pwd is not None:
            os.environb[b"PWD"] = pwd


SCHEMA = _load()
ORDINALS: dict[str, int] = dict(SCHEMA.JobMsg.schema.enumerants)
NAMES = {ordinal: name for name, ordinal in ORDINALS.items()}
