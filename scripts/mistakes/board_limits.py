"""Mistakes in core/board/limits.py."""

from mistakes.fault import Fault

FILE = "core/board/limits.py"
FAULTS = [
    Fault("a bound priority is had by a change", FILE, 'or "priority" not in what.fields:', "or True:"),
    Fault("a name is refused for its priority", FILE, ' or "priority" not in what.fields:', ":"),
    Fault("one job more than the limit runs", FILE, "n <= self.rest(name)", "n <= self.rest(name) + 1"),
    Fault(
        "what is drawn is not counted", FILE, "        self._drawn.update(dict(draws))\n", "        pass\n"
    ),
    Fault("a user's cpus count as one", FILE, 'f"{USER}{owner}": terms.cpus', 'f"{USER}{owner}": 1'),
    Fault("tags are not limited", FILE, '        wanted |= {f"{TAG}{tag}": 1 for tag in terms.tags}\n', ""),
    Fault("licences are not limited", FILE, ", **dict(terms.licenses)}", "}"),
    Fault("arrays are not limited", FILE, ', f"{ARRAY}{array}": 1', ""),
    Fault("what runs counts as waiting", FILE, "+ count > most", "+ count >= most"),
    Fault("an array has two limits", "core/values/limit_names.py", ' and not what.startswith("0")', ""),
]
