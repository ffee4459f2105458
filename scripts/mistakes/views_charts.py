"""Mistakes in views/charts.py."""

from mistakes.fault import Fault

FILE = "views/charts.py"
FAULTS = [
    Fault(
        "a picture has as many points as there are values",
        FILE,
        "steps = min(len(known), POINTS)",
        "steps = len(known)",
    ),
    Fault("peaks are levelled", FILE, "kept = _thinned(values, max)", "kept = _thinned(values, _mean)"),
    Fault(
        "users stand before each other, not on",
        FILE,
        "roof = [low + value for low, value in zip(floor, values, strict=True)]",
        "roof = [value for low, value in zip(floor, values, strict=True)]",
    ),
    Fault(
        "a failure among many is not drawn",
        FILE,
        "return max(_LEAST, height - _height(top, height)(value)) if value > 0 else 0.0",
        "return height - _height(top, height)(value)",
    ),
    Fault("what failed is drawn over what is done", FILE, "y = max(0.0, y - tall)", "y = height - tall"),
    Fault(
        "a value above the top leaves the picture",
        FILE,
        "min(1.0, max(0.0, value / top))",
        "max(0.0, value / top)",
    ),
    Fault("what is no number is drawn", FILE, "value if isfinite(value) and value > 0 else 0.0", "value"),
    Fault("an axis ends below the most", FILE, "top * scale >= most", "top * scale >= most / 2"),
    Fault("a name is markup", FILE, 'element("title", escaped(each.name))', 'element("title", each.name)'),
    Fault(
        "half of a long histogram is left out",
        FILE,
        "kept = _thinned(counts, sum)",
        "kept = _thinned(counts, min)",
    ),
]
