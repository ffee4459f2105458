"""Mistakes in adapters/config.py."""

from mistakes.fault import Fault

FILE = "adapters/config.py"
FAULTS = [
    Fault(
        "what is remembered comes before variables",
        FILE,
        'host = named or (known.host if known and not (serving and known.guessed) else "")',
        'host = (known.host if known and not (serving and known.guessed) else "") or named',
    ),
    Fault(
        "a server keeps to its guess",
        FILE,
        'host = named or (known.host if known and not (serving and known.guessed) else "")',
        'host = named or (known.host if known else "")',
    ),
    Fault(
        "the remembered port is for any host",
        FILE,
        "    if known is None or (host != known.host and not (serving and known.guessed and guessed)):",
        "    if known is None:",
    ),
    Fault(
        "each machine's loopback is this one's",
        FILE,
        "bool(known.machine) and known.machine == machine_id()",
        "bool(known.machine)",
    ),
    Fault(
        "what is near is reached from afar",
        FILE,
        "return replace(self.place, host=LOOPBACK) if self.near else self.place",
        "return self.place",
    ),
    Fault(
        "a damaged memory stops everybody",
        FILE,
        "return read_remembered(home) if needed else recall(home)",
        "return read_remembered(home)",
    ),
    Fault(
        "a guess is not told",
        FILE,
        'if self.guessed else ""',
        'if False else ""',
    ),
    Fault(
        "a reader looks for no journal but here",
        FILE,
        "_folders(said, home, server) if reading else _own_folders(said)",
        "_own_folders(said)",
    ),
    Fault(
        "a server goes where it was",
        FILE,
        "_folders(said, home, server) if reading else _own_folders(said)",
        "_folders(home, server)",
    ),
    Fault(
        "a journal is read from another host",
        FILE,
        "if served.host != host_name():",
        "if not served.host:",
    ),
    Fault(
        "the journal that is here is passed over",
        FILE,
        'if said.text("GOQ_JOURNAL") or (journal / JOURNAL_FILE).exists():',
        'if said.text("GOQ_JOURNAL"):',
    ),
    Fault(
        "outputs are looked for here",
        FILE,
        'outputs if said.text("GOQ_ODIR") else served.outputs',
        "outputs",
    ),
    Fault(
        "a unit is in milliseconds for all",
        FILE,
        "value = duration_s(text) / unit_s",
        "value = duration_s(text) * 1000",
    ),
    Fault(
        "half a millisecond is a whole number",
        FILE,
        "if whole and math.isclose(value, round(value)) else math.nan if whole else value",
        "if whole else value",
    ),
]
