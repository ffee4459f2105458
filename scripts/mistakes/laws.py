"""For laws of the queue (tests/core/laws.py) a planted mistake each, which the law finds with all others switched off."""

LAWS: dict[int, str] = {  # by the name of the mistake
    2: "what ended is altered for ever",
    3: "a submission stays though all its jobs have ended",
    5: "after a restart everything is free",
    6: "what is held is ready",
    7: "who waits for a set is ready",
    8: "what is open stays shut",
    10: "what is taken is free",
    11: "one job more than the limit runs",
    12: "nothing is matched after a submission",
    14: "of two owners the oldest job goes first, whatever they have",
    15: "a higher priority goes last",
    19: "all attempts have one number",
}
