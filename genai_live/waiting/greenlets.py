"""What greenlets need and threads do not: under gevent's patches nobody else runs until somebody waits.

Runs in any thread.
"""

from __future__ import annotations

import sys
import time


def give_way() -> None:
    """Lets other greenlets have their turn, if there are any. Costs threads nothing."""
    if "gevent" in sys.modules:
        time.sleep(0)
