"""A process that holds connections and says little: `python -m strangers.crowd PORT MUTE HALF SLOW GREETED [tls]`.

So many that say nothing, that stop amid the greeting, that say a byte a second, and that greet
and say no more; with `tls` all but the first shake hands before that. Prints "here" once all are connected, then a line of JSON a second with how many
of each kind the server still holds, until its stdin ends.
"""

import json
import select
import socket
import ssl
import sys
import time

from strangers.wire import GREETING, allow_many_files, connect, forged, shake

KINDS = ("mute", "half", "slow", "greeted")
OPENING = {"mute": b"", "half": GREETING[:4], "slow": b"", "greeted": GREETING}

PACE_S = 0.0003  # faster, and the kernel makes everybody wait a second: 128 connections may queue


def main(port: int, counts: list[int], *, tls: bool) -> None:
    allow_many_files()
    crowd: dict[str, list[socket.socket]] = {kind: [] for kind in KINDS}
    for kind, count in zip(KINDS, counts, strict=True):
        for _ in range(count):
            link = shake(connect(port)) if tls and kind != "mute" else connect(port)
            link.sendall(OPENING[kind])
            link.setblocking(False)
            crowd[kind].append(link)
            time.sleep(PACE_S)
    print("here", flush=True)
    slowly = GREETING + forged()
    for byte in slowly:
        began = time.monotonic()
        for link in crowd["slow"]:
            _try(link, bytes([byte]))
        crowd = {kind: _held(links) for kind, links in crowd.items()}
        print(json.dumps({kind: len(links) for kind, links in crowd.items()}), flush=True)
        if select.select([sys.stdin], [], [], max(0.0, began + 1 - time.monotonic()))[0]:
            return


def _try(link: socket.socket, data: bytes) -> None:
    try:
        link.send(data)
    except OSError:
        return  # it has been given back; `_held` sees that


def _held(links: list[socket.socket]) -> list[socket.socket]:
    """Those that the server has not closed."""
    held = []
    for link in links:
        try:
            while link.recv(4096):  # the server's greeting
                continue
        except (BlockingIOError, ssl.SSLWantReadError):
            held.append(link)
            continue
        except OSError:
            pass
        link.close()
    return held


if __name__ == "__main__":
    main(int(sys.argv[1]), [int(word) for word in sys.argv[2:6]], tls="tls" in sys.argv[6:])
