"""Mistakes in core/values/moments.py."""

from mistakes.fault import Fault

FILE = "core/values/moments.py"
FAULTS = [
    Fault("the next time of a day is today's", FILE, " if at_s * NS >= now_ns)", ")"),
    Fault("now is not the next time", FILE, "at_s * NS >= now_ns", "at_s * NS > now_ns"),
    Fault("a part of a second is passed over", FILE, "at_s * NS >= now_ns", "at_s >= now_ns // NS"),
    Fault("today is that of UTC", FILE, "(now_s + zone(now_s)) // _DAY_S", "now_s // _DAY_S"),
    Fault("tomorrow is today", FILE, 'today + (found["day"] == "tomorrow")', "today"),
    Fault("noon is midnight", FILE, "return 12 * _HOUR_S", "return 0"),
    Fault("a day has an hour 24", FILE, "hour > 23", "hour > 24"),
    Fault("a minute has a second 60", FILE, "max(minute, second) > 59", "minute > 59"),
    Fault("the offset that the word names is passed over", FILE, 'if not found["zone"]:', "if True:"),
    Fault("west is east", FILE, 'found["sign"] == "-"', 'found["sign"] == "+"'),
    Fault("minutes of an offset are passed over", FILE, ' + int(found["minutes"] or 0) * _MINUTE_S', ""),
    Fault("a year that does not fit is taken", FILE, "if not FIRST_YEAR <= year <= LAST_YEAR:", "if False:"),
    Fault("each fourth year is a leap year", FILE, " and (year % 100 != 0 or year % 400 == 0)", ""),
    Fault("no hundredth year is a leap year", FILE, " or year % 400 == 0)", ")"),
    Fault("there is a day 0", FILE, "1 <= date <=", "0 <= date <="),
    Fault("there is a month 0", FILE, "1 <= month <= 12", "0 <= month <= 12"),
    Fault("a hundredth year has its odd day", FILE, "marches // 4 - marches // 100", "marches // 4"),
    Fault("a year begins with January", FILE, "year - (month < 3)", "year - (month < 2)"),
    Fault(
        "of a time that comes twice the second",
        FILE,
        "guesses = [wall_s - zone(wall_s - _DAY_S), wall_s - zone(wall_s + _DAY_S)]",
        "guesses = [wall_s - zone(wall_s + _DAY_S)]",
    ),
    Fault(
        "the clocks are never put back",
        FILE,
        "guesses = [wall_s - zone(wall_s - _DAY_S), wall_s - zone(wall_s + _DAY_S)]",
        "guesses = [wall_s - zone(wall_s - _DAY_S)]",
    ),
    Fault("a time that never comes is before it", FILE, "or guesses[:1]", "or guesses[1:]"),
    Fault(
        "a time that comes twice is over after the first",
        FILE,
        "    for day in range(today, today + _DAYS_AHEAD):\n        yield from _instants(day * _DAY_S + clock_s, zone)",
        "    for day in range(today, today + _DAYS_AHEAD):\n        yield _instants(day * _DAY_S + clock_s, zone)[0]",
    ),
    Fault("a letter is in the way", FILE, "word.lower()", "word"),
    Fault("blanks are in the way", FILE, '" ".join(word.lower().split())', "word.lower()"),
    Fault("a T may end a day", FILE, "(?=.)", ""),
    Fault("a day and a time may touch", FILE, "|\\Z))?", "|))?"),
    Fault("an offset may be any", FILE, "0[0-9]|1[0-4]", "[0-9][0-9]"),
    Fault("an odd day is left out", FILE, " - day // (_ERA_DAYS - 1)\n", "\n"),
]
