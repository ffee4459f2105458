"""The GPUs that jobs of this node may use."""

import os
import re
import subprocess
from pathlib import Path

from msgspec import Struct

CUDA = "CUDA_VISIBLE_DEVICES"
_DEVICES = Path("/dev")
_DEVICE = re.compile(r"nvidia[0-9]+\Z").match
_TOLD = "nvidia-smi", "--query-gpu=index", "--format=csv,noheader"
_TOLD_S = 20.0  # a driver that is not loaded yet takes its time


class Gpus(Struct, frozen=True):
    """The ids of GPUs that we may use, and who says so; "" where nobody does."""

    ids: tuple[str, ...] = ()
    source: str = ""


def gpus_here() -> Gpus:
    """The GPUs that we may use: as CUDA_VISIBLE_DEVICES has it, else nvidia-smi, else the devices that are there."""
    given = os.environ.get(CUDA)
    if given is not None:
        ids = (word for word in given.replace(" ", "").split(",") if word and word != "-1")
        return Gpus(tuple(ids), CUDA)
    told = _told()
    if told:
        return Gpus(told, _TOLD[0])
    count = sum(_DEVICE(name) is not None for name in os.listdir(_DEVICES))
    return Gpus(tuple(map(str, range(count))), f"{_DEVICES}/nvidia*") if count else Gpus()


def _told() -> tuple[str, ...]:
    """What nvidia-smi knows; nothing where it is not there, or knows none."""
    try:
        said = subprocess.run(_TOLD, capture_output=True, text=True, timeout=_TOLD_S, check=True).stdout
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ()
    return tuple(line.strip() for line in said.splitlines() if line.strip().isdecimal())
