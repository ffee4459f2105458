"""Mistakes in core/worker/agent.py."""

from mistakes.fault import Fault

FILE = "core/worker/agent.py"
FAULTS = [
    Fault(
        "who outlives a worker does not hear of that",
        FILE,
        "Goodbye(self.worker, self._outlived)",
        "Goodbye(self.worker)",
    ),
    Fault(
        "who has asked asks again",
        FILE,
        "if self.phase is Phase.BUSY:",
        "if self.phase in (Phase.ASKING, Phase.BUSY):",
    ),
    Fault(
        "who runs something asks for more",
        FILE,
        "if self._attempts.go_on(now_s) or not self._reports.is_empty:",
        "if self._attempts.go_on(now_s) is None or not self._reports.is_empty:",
    ),
    Fault(
        "who has something to tell asks for more",
        FILE,
        "if self._attempts.go_on(now_s) or not self._reports.is_empty:",
        "if self._attempts.go_on(now_s):",
    ),
    Fault(
        "who leaves asks for work",
        FILE,
        "if self._attempts.is_leaving:\n            self._say_goodbye()",
        "if False:\n            self._say_goodbye()",
    ),
    Fault(
        "an idle worker does not leave",
        FILE,
        "if self.phase is Phase.ASKING:\n            self._say_goodbye()",
        "if False:\n            self._say_goodbye()",
    ),
    Fault(
        "who leaves during a pause asks for work after it",
        FILE,
        "self.phase = Phase.LEAVING\n        self._ask_at = NEVER\n",
        "self.phase = Phase.LEAVING\n",
    ),
    Fault(
        "a goodbye leaves a question open",
        FILE,
        "        self._desk.drop_all()\n",
        "",
    ),
    Fault(
        "a goodbye is never answered",
        FILE,
        "case Goodbye():\n                self.phase = Phase.GONE",
        "case Goodbye():\n                self.phase = Phase.LEAVING",
    ),
    Fault(
        "a refused request is made again at once",
        FILE,
        "self._ask_at = now_s + REFUSED_PAUSE_S",
        "self._ask_at = now_s",
    ),
    Fault(
        "a refused request is never made again",
        FILE,
        "if now_s >= self._ask_at:",
        "if False:",
    ),
    Fault(
        "after a refusal it asks over and over",
        FILE,
        "self.phase = Phase.ASKING\n        self._ask_at = NEVER\n",
        "self.phase = Phase.ASKING\n",
    ),
    Fault(
        "nothing is reported in time",
        FILE,
        "if now_s >= self._report_s:",
        "if False:",
    ),
    Fault(
        "the loop sleeps over a report",
        FILE,
        "reports_s = min(self._report_s, self._reports.next_keep_s)",
        "reports_s = self._reports.next_keep_s",
    ),
    Fault(
        "the loop sleeps over what is to be kept",
        FILE,
        "reports_s = min(self._report_s, self._reports.next_keep_s)",
        "reports_s = self._report_s",
    ),
    Fault(
        "what is kept stays on the disk",
        FILE,
        "if ended.is_kept:",
        "if False:",
    ),
    Fault(
        "what was not kept is removed from the disk",
        FILE,
        "if ended.is_kept:",
        "if True:",
    ),
    Fault(
        "nothing is kept when there is no time",
        FILE,
        "self._attempts.decide()\n                self._keep(until_s=NEVER)",
        "self._attempts.decide()\n                self._keep(until_s=now_s)",
    ),
    Fault(
        "what might be a shutdown is not decided when there is no time",
        FILE,
        "                self._attempts.decide()\n",
        "",
    ),
    Fault(
        "what is decided when there is no time is not kept",
        FILE,
        "if self._has_no_time:",
        "if False:",
    ),
    Fault(
        "a host that cannot start jobs asks for more",
        FILE,
        "if now_s < self._attempts.asks_from_s:",
        "if False:",
    ),
    Fault(
        "a lost connection goes unnoticed",
        FILE,
        "self._connected = is_up",
        "self._connected = True",
    ),
    Fault(
        "without 'forever' it asks on",
        FILE,
        "case AskAgain() if self._rules.forever:",
        "case AskAgain() if self._rules:",
    ),
]
