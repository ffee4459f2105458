"""Mistakes in adapters/jobs/bounds.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/bounds.py"
FAULTS = [
    Fault("memory alone bounds no job", FILE, "now_s + LOOK_EVERY_S if self._memory else NEVER", "NEVER"),
    Fault(
        "memory is looked at that nothing bounds",
        FILE,
        "now_s + LOOK_EVERY_S if self._memory else NEVER",
        "now_s + LOOK_EVERY_S",
    ),
    Fault("a warning comes at the end", FILE, "self._ends_s - self._before_s if", "self._ends_s if"),
    Fault("pages count in each who has them", FILE, "<= enough:", "<= enough or True:"),
    Fault("mapped files are memory", FILE, '(b"Pss_Anon:", b"Pss_Shmem:")', '(b"Pss:",)'),
    Fault("shared memory is none", FILE, '(b"Pss_Anon:", b"Pss_Shmem:")', '(b"Pss_Anon:",)'),
    Fault("a page is a byte", FILE, "[1]) * _PAGE_BYTES", "[1])"),
    Fault(
        "memory is looked at once",
        FILE,
        "            self._looks_s = now_s + max(LOOK_EVERY_S, LOOK_SHARE * (time.monotonic() - now_s))\n",
        "            self._looks_s = NEVER\n",
    ),
    Fault(
        "looks take all the time that there is",
        FILE,
        "max(LOOK_EVERY_S, LOOK_SHARE * (time.monotonic() - now_s))",
        "LOOK_EVERY_S",
    ),
    Fault(
        "who has ended meanwhile stops the look",
        FILE,
        "    except OSError:\n        return 0  # it has ended meanwhile\n",
        "    except NotADirectoryError:\n        return 0\n",
    ),
]
