"""Mistakes in adapters/wire/keys.py and in the keyring of adapters/wire/signing.py."""

from mistakes.fault import Fault

KEYS, SIGNING = "adapters/wire/keys.py", "adapters/wire/signing.py"
FAULTS = [
    Fault(
        "all generations have one key",
        KEYS,
        "info=_PURPOSE + who.key.encode()",
        "info=_PURPOSE + who.holder.encode()",
    ),
    Fault(
        "users and nodes share keys",
        KEYS,
        "info=_PURPOSE + who.key.encode()",
        'info=_PURPOSE + who.key.partition(":")[2].encode()',
    ),
    Fault("a short key is one", KEYS, "return _DIGITS.fullmatch(key) is not None", "return True"),
    Fault(
        "an old key counts",
        SIGNING,
        "is_retired = who.generation != self._generation_of(who.holder)",
        "is_retired = False",
    ),
    Fault(
        "who is named is believed",
        SIGNING,
        "payload, behind = self._signer(who).open_both(frame[begin:])",
        "payload, behind = self._ours.open_both(frame[begin:])",
    ),
    Fault(
        "an answer is for administrators",
        SIGNING,
        "(self._ours if who.is_administrator else self._signer(who)).seal(payload)",
        "self._ours.seal(payload)",
    ),
    Fault("every name is remembered", SIGNING, "if len(self._signers) > _KEYS_KEPT:", "if False:"),
    Fault(
        "what one has kept is not one's own",
        SIGNING,
        "        frame = frame.removeprefix(self._named)  # what we have signed ourselves, and kept\n",
        "",
    ),
]
