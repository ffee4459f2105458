"""An honest client that asks one question after the other: `python -m strangers.honest SECONDS`.

Its settings are those of any goq command. Tells as JSON how many answers it got, and the longest
that it waited for one.
"""

import json
import sys
import time

from msgspec.structs import replace

from goq.adapters.clusterid import require_secret
from goq.adapters.config import load_config
from goq.adapters.wire.signing import Signer
from goq.core.messages import TakeSnapshot
from goq.roles.client.ask import ask_over
from goq.roles.client.calls import Calls

PATIENCE_S = 30.0  # to measure how long it takes, instead of giving up


def main(seconds: float) -> None:
    config = replace(load_config(), timeout_s=PATIENCE_S)
    answers, slowest_s = 0, 0.0
    with Calls(config.address, Signer(require_secret(config)), config.tls_pem) as calls:
        ask_over(calls, config, TakeSnapshot(0))
        began = last = time.monotonic()
        while last - began < seconds:
            ask_over(calls, config, TakeSnapshot(0))
            now = time.monotonic()
            answers, slowest_s, last = answers + 1, max(slowest_s, now - last), now
    print(json.dumps({"answers": answers, "elapsed_s": last - began, "slowest_s": slowest_s}))


if __name__ == "__main__":
    main(float(sys.argv[1]))
