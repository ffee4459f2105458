"""The outputs of strays: attempts that a server which goes on with a copy of its queue knows nothing of.

They lie below the output folder, `strays/EPOCH.ATTEMPT/out.%05d`, beside nothing that is known: by the
rule, whatever their submitters had named. What went to a file of the attempt's own host is there.
"""

from collections.abc import Callable
from pathlib import Path

from goq.adapters.files.below import PRIVATE, Whose
from goq.adapters.files.outputs import Outputs
from goq.core.messages import Done
from goq.core.values.job import Claim
from goq.core.values.result import ERR

_ALL = 1 << 30


class Strays:
    """Writes them."""

    def __init__(self, outputs: Path, is_stray: Callable[[Claim], bool]) -> None:
        self._folder = outputs
        self.is_one = is_stray
        self._outputs: dict[str, Outputs] = {}

    def of(self, claim: Claim) -> Outputs:
        """Where the output of this one goes. Nobody knows whose it is, so others may not read it."""
        inner = str(stray_folder(Path(), claim.epoch.number, claim.attempt))
        if inner not in self._outputs:
            whose = Whose(PRIVATE)
            self._outputs[inner] = Outputs(self._folder, {}, whose=lambda _: whose, inner=inner)
        return self._outputs[inner]

    def keep(self, reports: tuple[Done, ...]) -> None:
        """Put the short outputs of strays among them where they belong, durably: no journal holds them.

        Raises OSError; it may then be tried again.
        """
        for report in reports:
            if not self.is_one(report.claim):
                continue
            outputs, result = self.of(report.claim), report.result
            if result.output_sha256 and not result.streamed:
                outputs.write(report.claim.job, result.output)
            if result.err and not result.err.streamed:
                outputs.write(report.claim.job, result.err.output, stream=ERR)
            outputs.sync_some(_ALL)
            failed, outputs.failed = outputs.failed, {}
            for error in failed.values():
                raise error


def stray_folder(outputs: Path, epoch: int, attempt: int) -> Path:
    """Where strays of that epoch and attempt are."""
    return outputs / "strays" / f"{epoch}.{attempt}"
