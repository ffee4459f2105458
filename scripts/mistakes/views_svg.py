"""Mistakes in views/svg.py."""

from mistakes.fault import Fault

FILE = "views/svg.py"
FAULTS = [
    Fault("strangers' text is markup", FILE, "printable(text).translate(_ENTITIES)", "printable(text)"),
    Fault("control characters get into pages", FILE, "printable(text).translate", "text.translate"),
    Fault("attributes of strangers end early", FILE, '\'"\': "&quot;", ', ""),
    Fault(
        "a coordinate has all its digits",
        FILE,
        'f"{round(value, 1) + 0:.1f}".removesuffix(".0")',
        'f"{value}"',
    ),
    Fault("a share is no percentage", FILE, "value * 100:.2f", "value:.2f"),
    Fault("who cannot see a picture is told nothing", FILE, "aria_label=label, **attributes", "**attributes"),
    Fault(
        "what failed is not hatched in the legend",
        FILE,
        "    if entry.is_hatched:\n",
        "    if not entry.fill:\n",
    ),
]
