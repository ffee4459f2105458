"""The characters that goq draws with, and what stands for them where there is only ASCII. Pure.

Each is one cell wide, and so is its stand-in: who lays out a page need not know which will be shown.
"""

RUNNING, WAITING, STOPPED, DONE, FAILED = "▸", "·", "‖", "✓", "✗"
NEVER, SUSPECT, SKIPPED, CANCELLED = "!", "?", "↷", "⊘"
BUSY, FREE, KEPT, DRAINED, GPU, CPU = "━", "·", "╍", "/", "■", "▪"
ABOUT, CUT, TIMES, RULE = "≈", "…", "\N{MULTIPLICATION SIGN}", "─"

_SIGNS = {RUNNING: ">", WAITING: ".", STOPPED: "=", DONE: "+", FAILED: "x", SKIPPED: "~", CANCELLED: "-"}
_BARS = {BUSY: "#", KEPT: ":", GPU: "#", CPU: "#"}
_OTHERS = {ABOUT: "~", CUT: "~", TIMES: "x", RULE: "-"}
ASCII = str.maketrans(_SIGNS | _BARS | _OTHERS)
