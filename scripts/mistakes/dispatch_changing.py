"""Mistakes in core/dispatch/changing.py, in the kinds of changes, and in core/state/parts.py."""

from mistakes.fault import Fault

FILE = "core/dispatch/changing.py"
ALTER = "core/dispatch/changes/alter.py"
PARTS = "core/state/parts.py"
MOVES = "core/dispatch/moves.py"
FAULTS = [
    Fault(
        "what is to be changed starts before it is",
        FILE,
        "            self._moves.lanes.discard(numbers)\n",
        "",
    ),
    Fault(
        "a change of many stays half done",
        FILE,
        "        return -math.inf if self._pending else math.inf",
        "        return math.inf",
    ),
    Fault(
        "what has come since somebody asked is passed over",
        FILE,
        " and each.behind == self._state.next_job:\n",
        ":\n",
    ),
    Fault(
        "whoever asks again is met anew",
        FILE,
        "        if begun := self._begun(question):\n",
        "        if (begun := self._begun(question)) and False:\n",
    ),
    Fault(
        "a kill with another signal is the same one",
        FILE,
        "(asked.what, asked.by, asked.selector) == (question.what,",
        "(kind_of(asked.what), asked.by, asked.selector) == (kind_of(question.what),",
    ),
    Fault(
        "who is asked first is told of what was before",
        FILE,
        "        if kind != KILLING:  #",
        "        if kind != KILLING and not asks:  #",
    ),
    Fault(
        "of what is killed what runs goes on",
        FILE,
        "        for job in met.running:\n            self._moves.want",
        "        for job in met.running[:0]:\n            self._moves.want",
    ),
    Fault(
        "half a list is not met",
        FILE,
        "if common(numbers, ((each.first, each.end),))",
        "if each.first in {first for first, _ in numbers}",
    ),
    Fault("a kill that asks first is done", FILE, "0 < question.at_most < met.count", "False"),
    Fault(
        "numbers that nobody has had yet count as ended",
        FILE,
        "size(numbered) - unknown - ",
        "size(numbered) - ",
    ),
    Fault(
        "what is under way is changed again",
        FILE,
        "without(met.numbers, self._under_way(kind))",
        "met.numbers",
    ),
    Fault("what came before is done after", FILE, "each.kind not in (kind, KILLING) and", "False and"),
    Fault(
        "a kill leaves what was to be held", FILE, "            self.let_go(fresh)\n", "            pass\n"
    ),
    Fault("what is held starts before it is", FILE, "else gates.changing).extend", "else Spans()).extend"),
    Fault(
        "what is changed stays behind its gate",
        FILE,
        "        (gates.ending if pending.kind == KILLING else gates.changing).discard_all(numbers)\n",
        "",
    ),
    Fault(
        "a hold of what is held is a record",
        "core/dispatch/changes/hold.py",
        "return without(waiting, tuple(held))",
        "return waiting",
    ),
    Fault(
        "an alter to the same terms is one",
        ALTER,
        "                    if altered != terms:",
        "                    if True:",
    ),
    Fault(
        "what was altered is in no lane",
        ALTER,
        "        for first, end in ranges:\n            moves.make_ready(first, end)\n",
        "",
    ),
    Fault(
        "altered terms are of the next job too",
        PARTS,
        "job < self._ends[at] else None",
        "job <= self._ends[at] else None",
    ),
    Fault(
        "what ended is altered for ever",
        PARTS,
        "        if self._starts:\n            self._replace(ranges, [])",
        "        pass",
    ),
    Fault(
        "what is released may go to a host that has just refused it",
        MOVES,
        "for job in self.trouble.shy(first, end) if self.trouble.exists else ()",
        "for job in ()",
    ),
    Fault(
        "a moment is altered, and nobody waits for it",
        MOVES,
        "                self.gates.put_off(first, end, terms.not_before_ns)\n",
        "                pass\n",
    ),
    Fault(
        "a moment is taken back, and waited for",
        MOVES,
        "                self.gates.forget(first, end)\n\n    def delegate",
        "                pass\n\n    def delegate",
    ),
    Fault(
        "what is held is held anew",
        "core/dispatch/changes/hold.py",
        "        return state.waiting.count(numbers) - state.held.count(numbers)",
        "        return state.waiting.count(numbers)",
    ),
    Fault(
        "of what is to be held the first is",
        "core/dispatch/changes/hold.py",
        "        moves.hold(ranges, by, now, outcome)",
        "        moves.hold(ranges[:1], by, now, outcome)",
    ),
    Fault(
        "terms that are so already are altered",
        "core/dispatch/changes/alter.py",
        "                    if altered != terms:",
        "                    if True:",
    ),
    Fault(
        "what waits for another attempt has it no sooner",
        "core/dispatch/changes/alter.py",
        "elif self._is_hurry:",
        "elif False:",
    ),
]
