"""Mistakes in adapters/token.py, adapters/joining.py, adapters/installing.py and adapters/certificate.py."""

from mistakes.fault import Fault

TOKEN, JOINING, INSTALLING = "adapters/token.py", "adapters/joining.py", "adapters/installing.py"
CERTIFICATE = "adapters/certificate.py"
FAULTS = [
    Fault(
        "what was cut is taken for whole",
        TOKEN,
        "if check != _sum(packed) or _word(data) != word:",
        "if False:",
    ),
    Fault(
        "the last letter may be another",
        TOKEN,
        "if check != _sum(packed) or _word(data) != word:",
        "if check != _sum(packed):",
    ),
    Fault("a token of any length is looked at", TOKEN, "or len(word) > WORD_LIMIT:", "or not word:"),
    Fault("any version will do", TOKEN, "if not packed.startswith(_VERSION):", "if not packed:"),
    Fault(
        "anybody may have a token",
        TOKEN,
        "if not is_key(token.secret):",
        "if not token.key:",
    ),
    Fault(
        "more fields are passed over", TOKEN, "array_like=True, forbid_unknown_fields=True", "array_like=True"
    ),
    Fault(
        "another key is taken without a word",
        JOINING,
        "        if not force:\n",
        "        if False:\n",
    ),
    Fault(
        "an earlier key renews a later one",
        JOINING,
        "and before.generation < after.generation",
        "and True",
    ),
    Fault(
        "a key of another queue renews ours",
        JOINING,
        "and known.joined == membership.server.joined",
        "and True",
    ),
    Fault(
        "a key of another holder renews ours",
        JOINING,
        "before.holder == after.holder",
        "True",
    ),
    Fault(
        "a cluster begins beside a key",
        JOINING,
        "if secret and not who_of(secret).is_administrator:",
        "if False:",
    ),
    Fault(
        "another certificate comes beside a private key",
        JOINING,
        "if (home / PRIVATE_KEY_FILE).exists():",
        "if False:",
    ),
    Fault(
        "what is left behind stays",
        JOINING,
        "            remove_secret(home / each)",
        "            continue",
    ),
    Fault(
        "the queue is forgotten",
        JOINING,
        "joined = server.joined or before.joined",
        "joined = before.joined",
    ),
    Fault(
        "root's rights are kept",
        INSTALLING,
        "    os.setresuid(account.uid, account.uid, account.uid)\n",
        "",
    ),
    Fault(
        "the user's rights are taken for a while",
        INSTALLING,
        "os.setresuid(account.uid, account.uid, account.uid)",
        "os.seteuid(account.uid)",
    ),
    Fault("a link is followed", INSTALLING, "_FOLDER_FLAGS | os.O_NOFOLLOW", "_FOLDER_FLAGS"),
    Fault("anybody's home will do", INSTALLING, "if status.st_uid != account.uid:", "if False:"),
    Fault("others may change the folder", INSTALLING, "if status.st_mode & forbidden:", "if False:"),
    Fault(
        "a user is waited for without an end",
        INSTALLING,
        "poll.poll(max(0.0, deadline - time.monotonic()) * 1000)",
        "poll.poll()",
    ),
    Fault(
        "a certificate may bring its key",
        CERTIFICATE,
        '    if PRIVATE_MARK in pem:\n        raise BadSetting(\n            f"{place} holds',
        '    if False:\n        raise BadSetting(\n            f"{place} holds',
    ),
    Fault("any key will do", CERTIFICATE, "or not _belong_together(path, beside)", "or False"),
    Fault(
        "a server goes without its key",
        CERTIFICATE,
        '        if not certificate:\n            return ""',
        '        return ""',
    ),
]
