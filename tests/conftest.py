"""What all tests need: the signals of a shell.

A shell without job control starts what it puts in the background with SIGINT and SIGQUIT
ignored, and whatever the tests start would inherit that. And no test fails for taking long on a
machine that does other things as well.
"""

import signal

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

for number in (signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)
