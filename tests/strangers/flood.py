"""A process that floods a server with forged frames: `python -m strangers.flood PORT FRAMES_PER_SECOND`.

Goes on until its stdin ends, connects again whenever it is thrown out, and then tells as JSON how
much it has sent and what that has cost. 0 frames a second means as many as will go.
"""

import json
import os
import select
import socket
import sys
import time

from strangers.wire import GREETING, connect, forged, forged_output

BURST_S = 0.001


def main(port: int, rate: int) -> None:
    pair = forged() + forged_output()
    pairs = max(1, round(rate * BURST_S / 2) if rate else 50)
    burst = pair * pairs
    frames = connections = 0
    link: socket.socket | None = None
    began = time.monotonic()
    while not select.select([sys.stdin], [], [], 0)[0]:
        ahead_s = frames / rate - (time.monotonic() - began) if rate else 0.0
        if ahead_s > 0:
            time.sleep(min(ahead_s, BURST_S))
            continue
        try:
            if link is None:
                link = connect(port)
                link.sendall(GREETING)
                connections += 1
            link.sendall(burst)
            frames += 2 * pairs
        except OSError:
            if link is not None:
                link.close()
            link = None
    cpu = os.times()
    told = {"frames": frames, "connections": connections, "cpu_s": cpu.user + cpu.system}
    print(json.dumps(told | {"elapsed_s": time.monotonic() - began}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
