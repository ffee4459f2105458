"""Mistakes in adapters/wire/signing.py."""

from mistakes.fault import Fault

FILE = "adapters/wire/signing.py"
FAULTS = [
    Fault(
        "strangers have any number of keys derived",
        "adapters/wire/signing.py",
        "return self._derived <= ODD_KEYS_A_SECOND",
        "return True",
    ),
    Fault(
        "whose key was removed hears nothing any more",
        "adapters/wire/signing.py",
        "            self._since_s, self._derived = now_s, 0\n",
        "            pass\n",
    ),
    Fault(
        "any frame with its magic is opened",
        FILE,
        "if not frame.startswith(MAGIC) or not hmac.compare_digest(mac, self._mac.of(payload)):",
        "if not frame.startswith(MAGIC):",
    ),
    Fault(
        "any magic will do",
        FILE,
        "if not frame.startswith(MAGIC) or not hmac",
        "if not hmac",
    ),
    Fault(
        "one key signs both kinds of frames",
        FILE,
        "hmac.digest(key.encode(), _KEY_PURPOSE_BEHIND, hashlib.sha256)",
        "hmac.digest(key.encode(), _KEY_PURPOSE, hashlib.sha256)",
    ),
    Fault(
        "the lengths are not signed",
        FILE,
        "        return self._named + MAGIC_BEHIND + self._mac_behind.of(signed) + signed\n",
        "        return self._named + MAGIC_BEHIND + self._mac_behind.of(payload) + signed\n",
    ),
    Fault(
        "a cut frame is opened",
        FILE,
        "if len(frame) != bytes_at + behind or not",
        "if len(frame) > bytes_at + behind or not",
    ),
    Fault(
        "a frame with bytes too much is opened",
        FILE,
        "if len(frame) != bytes_at + behind or not",
        "if len(frame) < bytes_at + behind or not",
    ),
    Fault(
        "any frame with its magic and bytes behind is opened",
        FILE,
        " or not hmac.compare_digest(mac, self._mac_behind.of(signed)):",
        ":",
    ),
    Fault(
        "the bytes behind are copied",
        FILE,
        "memoryview(frame)[bytes_at:]",
        "frame[bytes_at:]",
    ),
]
