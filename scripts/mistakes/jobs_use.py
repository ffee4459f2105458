"""Mistakes in adapters/jobs/use.py, and in what it is told by."""

from mistakes.fault import Fault

FILE = "adapters/jobs/use.py"
FAULTS = [
    Fault(
        "the processes of a job are looked up for each who asks", FILE, "if self._pids is None:", "if True:"
    ),
    Fault(
        "a look that is nearly due is another one", FILE, "(LOOK_EVERY_S if seen.is_known else 0.0)", "0.0"
    ),
    Fault("what ended apart used nothing", FILE, "        cpu_s += job.orphans_cpu_s\n", ""),
    Fault("a job with a group is looked at", FILE, "    if job.memory:\n", "    if False:\n"),
    Fault(
        "looks are as frequent as at first",
        FILE,
        "min(SAMPLE_EVERY_S, max(SAMPLES_FROM_S, now_s - job.started_s))",
        "SAMPLES_FROM_S",
    ),
    Fault(
        "looks are rarer and rarer",
        FILE,
        "min(SAMPLE_EVERY_S, max(SAMPLES_FROM_S, now_s - job.started_s))",
        "max(SAMPLES_FROM_S, now_s - job.started_s)",
    ),
    Fault(
        "looks may take all the time",
        FILE,
        "max(pause_s, LOOK_SHARE * (time.monotonic() - now_s))",
        "pause_s",
    ),
    Fault(
        "memory that was just seen is looked at again", FILE, "job.watch.had_bytes if job.watch else 0", "0"
    ),
    Fault("large processes share nothing", FILE, "if not had_bytes and large > 1:", "if False:"),
    Fault("children that were waited for used nothing", FILE, "slice(11, 15)", "slice(11, 13)"),
    Fault("a page is a byte", FILE, "int(told[_RESIDENT]) * _PAGE_BYTES", "int(told[_RESIDENT])"),
    Fault(
        "who has ended meanwhile stops the look",
        FILE,
        "    except OSError:\n        return None\n",
        "    except NotADirectoryError:\n        return None\n",
    ),
    Fault(
        "a sample is whose it is not",
        "adapters/jobs/mark.py",
        "if first == last == number else None",
        "if first == last else None",
    ),
    Fault(
        "a sample is where the beginning is",
        "adapters/jobs/mark.py",
        "        _SAMPLE.pack_into(self._memory, _BEGUN.size, *what)",
        "        _SAMPLE.pack_into(self._memory, 0, *what)",
    ),
    Fault(
        "jobs without a bound are never looked at",
        "adapters/jobs/running.py",
        ", self.pause.look_s, self.sample_at_s)",
        ", self.pause.look_s)",
    ),
    Fault(
        "short jobs are looked at",
        "adapters/jobs/running.py",
        "self.sample_at_s = self.started_s + SAMPLES_FROM_S",
        "self.sample_at_s = self.started_s",
    ),
    Fault(
        "what was seen to be too much is not what it had",
        "adapters/jobs/running.py",
        "max(peak_kib, over.had_bytes // 1024 if over else 0)",
        "peak_kib",
    ),
    Fault(
        "what ended apart is not in the end's sum",
        "adapters/jobs/running.py",
        "how.cpu_s + self.orphans_cpu_s",
        "how.cpu_s",
    ),
    Fault(
        "what ended apart had no memory",
        "adapters/jobs/reaper.py",
        "                whose.orphans_peak_kib = max(whose.orphans_peak_kib, how.peak_kib)\n",
        "",
    ),
    Fault(
        "of what went with its shepherd nothing is known",
        "adapters/jobs/executor.py",
        "(sample.cpu_s, sample.resident_kib) if sample else (0.0, 0)",
        "(0.0, 0)",
    ),
]
