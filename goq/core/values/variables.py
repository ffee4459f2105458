"""What goq tells a job about itself, in its environment. Pure."""

from goq.core.values.job import Job

_ID, _ATTEMPT, _NAME, _TASK = b"GOQ_JOB_ID", b"GOQ_ATTEMPT", b"GOQ_JOB_NAME", b"GOQ_TASK"
_ARRAY, _LINE = b"GOQ_ARRAY_ID", b"GOQ_LINE"
_NUMBER, _FIRST, _LAST, _STEP = b"GOQ_TASK_ID", b"GOQ_TASK_FIRST", b"GOQ_TASK_LAST", b"GOQ_TASK_STEP"
_OF_A_TASK = (_ARRAY, _NUMBER, _FIRST, _LAST, _STEP)

_CPUS, _GPUS, _CUDA, _OPENMP = b"GOQ_CPUS", b"GOQ_GPUS", b"CUDA_VISIBLE_DEVICES", b"OMP_NUM_THREADS"

VARIABLES = frozenset((_ID, _ATTEMPT, _NAME, _TASK, _LINE, _CPUS, _GPUS, *_OF_A_TASK))


def variables_of(job: Job, *, shows_gpus: bool) -> dict[bytes, bytes]:
    """What the job has in its environment beside, or in place of, what its submitter gave it.

    `shows_gpus`: the worker offers GPUs, so a job that asked for none is to see none.
    """
    variables = {_ID: b"%d" % job.id, _ATTEMPT: b"%d" % job.attempts, _CPUS: b"%d" % job.terms.cpus}
    if b"\0%b=" % _OPENMP not in b"\0" + job.origin.environment:
        variables[_OPENMP] = variables[_CPUS]
    if shows_gpus or job.grant.gpus:
        variables[_CUDA] = variables[_GPUS] = ",".join(job.grant.gpus).encode()
    if job.terms.name:
        variables[_NAME] = job.terms.name.encode()
    task = job.task
    if task is None:
        variables[_TASK] = variables[_ID]
        return variables
    numbers = (task.array, task.number, task.first, task.last, task.step)
    variables.update(zip(_OF_A_TASK, (b"%d" % number for number in numbers), strict=True))
    variables[_TASK] = b"%d.%d" % (task.array, task.number) if task.is_array else variables[_ID]
    if task.line:
        variables[_LINE] = task.line
    return variables
