"""The very beginning of `goq`: Ctrl-C while the rest is being loaded ends it without a word."""

import signal


def main() -> None:
    """Load the commands, and run the one that is asked for."""
    # Where SIGINT is ignored, as in the background of a script, it stays so.
    interruptible = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if interruptible:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from goq.commands.main import main as run  # noqa: PLC0415 - this is what takes time

    if interruptible:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


if __name__ == "__main__":
    main()
