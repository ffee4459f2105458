"""Mistakes in goq/web, where strangers knock."""

from mistakes.fault import Fault

GUARD, SESSIONS, TICKETS = "web/guard.py", "web/sessions.py", "adapters/files/tickets.py"
FAULTS = [
    Fault("any name is ours", GUARD, "if not self._site.knows(host):", "if not host:"),
    Fault(
        "a page of another port may act",
        GUARD,
        'if headers.get("origin", "").lower() != self._site.origin(host):',
        'if not headers.get("origin", "").startswith("http://127.0.0.1"):',
    ),
    Fault(
        "any token will do",
        GUARD,
        'if not compare_digest(form.get(TOKEN, "").encode(), session.token.encode()):',
        "if not form.get(TOKEN):",
    ),
    Fault(
        "who may only look may act", GUARD, 'if not self._site.may_act and inner != "/logout":', "if False:"
    ),
    Fault("a form has no end", GUARD, "if len(body) > FORM_LIMIT:", "if False:"),
    Fault(
        "nobody need log in", GUARD, "if session is None and not inner.startswith(OPEN_PATHS):", "if False:"
    ),
    Fault("pages are kept by browsers", GUARD, 'headers.setdefault("cache-control", KEEP_NOTHING)', "pass"),
    Fault("a login has no end", SESSIONS, "session.until_s <= now_s", "False"),
    Fault("cookies are kept", SESSIONS, "return sha256(cookie.encode()).digest()", "return cookie.encode()"),
    Fault("guessing is free", SESSIONS, "if len(self._wrong_s) >= WRONG_LIMIT:", "if False:"),
    Fault(
        "a code is good for ever",
        TICKETS,
        "return abs(time.time() - path.stat().st_mtime) < GOOD_S",
        "return True",
    ),
    Fault("a code is good twice", TICKETS, "        path.unlink()\n", ""),
    Fault("a code is good at every door", TICKETS, 'f"{door}\\0{code}"', 'f"{code}"'),
]
