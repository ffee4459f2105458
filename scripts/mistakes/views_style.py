"""Mistakes in views/style.py."""

from mistakes.fault import Fault

FILE = "views/style.py"
FAULTS = [
    Fault("grey stands on white", FILE, '"mute": ("#565d66"', '"mute": ("#8a9099"'),
    Fault(
        "the dark scheme forgets a colour",
        FILE,
        '"warn": ("#86378f", "#dc9be4")',
        '"warn": ("#86378f", "#86378f")',
    ),
    Fault(
        "what is dark on the screen is dark on paper", FILE, "@media screen and (prefers", "@media (prefers"
    ),
    Fault(
        "the ninth user has the colour of nobody",
        FILE,
        'if rank < USERS else "f-rest"',
        'if rank <= USERS else "f-rest"',
    ),
    Fault("two users have one colour", FILE, '"u5": ("#d8d3f3"', '"u5": ("#c9def2"'),
    Fault("what is kept is black", FILE, '"hist", "kept", "rest", *', '"hist", "rest", *'),
]
