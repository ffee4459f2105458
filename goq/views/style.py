"""The one stylesheet of the report and of the web pages: light, dark, narrow and printed. Pure.

Text has a contrast of 4.5 to what is behind it, and marks of 3, in both schemes; tests compute it. Only the
ground of bars (free, waiting) and whose a block is are paler: words say those.
"""

from goq.views.layout import LAYOUT

USERS = 8  # have a colour of their own

# By name: in light and in dark.
PALETTE = {
    "bg": ("#f6f6f3", "#14171a"),
    "card": ("#ffffff", "#1c2024"),
    "ink": ("#1b1e22", "#e7e9ec"),
    "mute": ("#565d66", "#a5adb7"),
    "line": ("#d9dce0", "#353b42"),
    "soft": ("#eceef0", "#282d33"),
    "run": ("#0b63a8", "#62b0f0"),
    "ok": ("#0a7a55", "#4cc79a"),
    "bad": ("#bf3009", "#ff8a66"),
    "warn": ("#86378f", "#dc9be4"),
    "wait": ("#c3c8ce", "#545c66"),
    "hist": ("#667b8f", "#8fa5ba"),
    "link": ("#0b57a0", "#8cc4ff"),
    "focus": ("#0b57a0", "#8cc4ff"),
    "kept": ("#e7cdea", "#563a5b"),
    "rest": ("#d6d9dd", "#3d444c"),
    "u0": ("#c9def2", "#244a6b"),
    "u1": ("#f5dcae", "#64491a"),
    "u2": ("#cfe8cb", "#2c5537"),
    "u3": ("#f4cfd2", "#6b3238"),
    "u4": ("#bfe6e3", "#1d5553"),
    "u5": ("#d8d3f3", "#423f78"),
    "u6": ("#e6e4ad", "#50511c"),
    "u7": ("#e8d2c2", "#594434"),
}
FILLS = ("run", "ok", "bad", "warn", "wait", "hist", "kept", "rest", *(f"u{rank}" for rank in range(USERS)))


def user_fill(rank: int) -> str:
    """The class that fills what a user has, by where they stand among all; from the eighth on one for all."""
    return f"f-u{rank}" if rank < USERS else "f-rest"


def _variables(scheme: int) -> str:
    return ";".join(f"--{name}:{colors[scheme]}" for name, colors in PALETTE.items())


# Dark on a screen only: paper is white.
STYLE = "".join(
    (
        f":root{{color-scheme:light dark;{_variables(0)}}}\n",
        f"@media screen and (prefers-color-scheme:dark){{:root{{{_variables(1)}}}}}\n",
        LAYOUT,
        *(f".f-{name}{{fill:var(--{name})}}" for name in FILLS),
        ".f-free{fill:var(--soft)}",
        ".f-none{fill:none;stroke:var(--mute);stroke-width:2}\n",
    )
)
