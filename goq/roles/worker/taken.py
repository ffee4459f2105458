"""What was taken along for a job, as files that it can read.

Where jobs run as their owners each attempt has copies of its own, which its shepherd gives to the owner: what
one submission has taken along may be what another's has, of somebody else.
"""

from goq.adapters.files.spool import SpoolFolder
from goq.core.values.ids import Argv
from goq.core.values.script import FIRST_LINE_BYTES, command_for
from goq.roles.worker.larder import Larder
from goq.roles.worker.run import Run


def take_script(run: Run, folder: SpoolFolder, larder: Larder) -> Argv:
    """The command that runs the attempt's script. Raises OSError."""
    script = folder.put_script(run.claim, larder.path(run.job.origin.script))
    run.taken.append(script)
    with script.open("rb") as file:
        beginning = file.read(FIRST_LINE_BYTES)
    return command_for(run.job.argv, beginning, bytes(script))


def take_input(run: Run, folder: SpoolFolder, larder: Larder) -> bytes:
    """The path of what was piped for it. Raises OSError."""
    path = larder.path(run.job.origin.stdin)
    if folder.is_shared:
        path = folder.copy_for(run.claim, path, "stdin")
        run.taken.append(path)
    return bytes(path)
