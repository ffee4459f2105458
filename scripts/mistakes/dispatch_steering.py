"""Mistakes in what is done to jobs that run: pauses, another time, a host that is drained at once."""

from mistakes.fault import Fault

CHANGING = "core/dispatch/changing.py"
MOVES = "core/dispatch/moves.py"
WORKERS = "core/dispatch/workers.py"
STATE = "core/state/state.py"
ATTEMPTS = "core/worker/attempts.py"
WHYS, WHY = "core/dispatch/whys.py", "core/board/why.py"
STEERING, VOICES = "core/dispatch/steering.py", "core/board/voices.py"
FAULTS = [
    Fault(
        "who has a paused job loses the lease",
        WORKERS,
        "        moves.leases.set(worker.id, now.attended_s + moves.rules.lease_s)\n        moves.touched",
        "        if not any(held.course.paused for held in report.held):\n"
        "            moves.leases.set(worker.id, now.attended_s + moves.rules.lease_s)\n        moves.touched",
    ),
    Fault(
        "a report is answered twice", VOICES, "asker, voice.asker = voice.asker, None", "asker = voice.asker"
    ),
    Fault(
        "of two kills the first is ordered",
        STEERING,
        "elif running.kill_signal not in (0, held.told):",
        "elif running.kill_signal and not held.told:",
    ),
    Fault("a pause is written twice", CHANGING, "[each for each in runs if each.paused != on]", "runs"),
    Fault("a resume stops", CHANGING, "on = isinstance(question.what, Pause)", "on = True"),
    Fault("what waits is not counted", CHANGING, "running=0, waiting=waiting)", "running=0)"),
    Fault(
        "of what runs more than the time is altered",
        CHANGING,
        "altered = with_fields(terms, (TIME,), alter.terms)",
        "altered = alter.of(terms)",
    ),
    Fault(
        "the time of what runs is not altered",
        CHANGING,
        "if TIME not in alter.fields or not met.running:",
        "if True:",
    ),
    Fault(
        "another time is not wanted",
        MOVES,
        "back, running.job.terms.time_limit_s, is_followed)",
        "back, 0.0, is_followed)",
    ),
    Fault(
        "a drain at once hands nothing back",
        STATE,
        "return record is not None and record.now",
        "return False",
    ),
    Fault(
        "a time that was altered is forgotten",
        STATE,
        "            self.running[job] = replace(run, job=replace(run.job, terms=terms))\n",
        "            pass\n",
    ),
    Fault(
        "paused is running",
        "core/state/selection.py",
        "        jobs = [job for job in jobs if state.running[job].paused == (JobState.PAUSED in wanted)]\n",
        "        pass\n",
    ),
    Fault(
        "a host is drained at once for those who wait later",
        "core/dispatch/looks.py",
        "        if limit.now != was_now:\n",
        "        if False:\n",
    ),
    Fault(
        "an array hands back",
        "core/dispatch/looks.py",
        "if limit.now and (host == limit.name or limit.amount != 0):",
        "if False:",
    ),
    Fault("a worker does not say what it has heard", ATTEMPTS, "work.told, work.course)", "work.told)"),
    Fault(
        "a job is stopped again and again", ATTEMPTS, "or before.steering == course.steering:", "or False:"
    ),
    Fault(
        "what is to be handed back runs on",
        ATTEMPTS,
        "        if course.back:\n",
        "        if False:\n",
    ),
    Fault(
        "what was handed back has ended",
        ATTEMPTS,
        "        elif work.course.back and not work.told:\n",
        "        elif False:\n",
    ),
    Fault(
        "what was killed is handed back",
        ATTEMPTS,
        "        elif work.course.back and not work.told:\n",
        "        elif work.course.back:\n",
    ),
    Fault("a paused job is said to run", WHYS, "if run.paused else", "if False else"),
    Fault(
        "a job that is being killed is said to run",
        WHYS,
        "            killed=run.kill_signal,\n",
        "",
    ),
    Fault(
        "how a job ended is forgotten",
        WHYS,
        "known = self._moves.ended(first, past)",
        "known = self._state.ended(first)",
    ),
    Fault("why it ended so is not said", WHYS, "        problem=result.problem,\n", ""),
    Fault(
        "what is being changed waits for its turn",
        WHY,
        "        if job in self._gates.changing:\n",
        "        if False:\n",
    ),
    Fault(
        "what is about to end waits for its turn",
        WHY,
        "        if job in self._gates.ending:\n",
        "        if False:\n",
    ),
]
