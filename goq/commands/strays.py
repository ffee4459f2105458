"""How strays are shown."""

from pathlib import Path

from goq.adapters.files.outputs import Outputs
from goq.adapters.files.strays import stray_folder
from goq.adapters.store.audit import Stray
from goq.core.values.ids import JobId


def show_stray(stray: Stray, outputs: Path) -> str:
    """One line, with the place of its output."""
    path = Outputs(stray_folder(outputs, stray.epoch, stray.attempt), {}).path(JobId(stray.job))
    how = f"signal {stray.signal}" if stray.signal else f"exit status {stray.exit_code}"
    return (
        f"stray: job {stray.job}, attempt {stray.attempt} of epoch {stray.epoch}, at {stray.host}:{stray.pid}:"
        f" {how}, {stray.output_length} bytes in {path}"
    )
