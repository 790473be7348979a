"""How much time a search may take where nobody has said so."""

from __future__ import annotations

import signal

GRACE = 5.0  # seconds by which a worker's alarm comes late
SHARE = 0.5  # of the time that is left
UNLIMITED = 20.0  # seconds


def seconds() -> float:
    """Half of what the alarm of a worker leaves (see `verifier.worker`), else UNLIMITED."""
    if not hasattr(signal, "getitimer"):
        return UNLIMITED
    left, _ = signal.getitimer(signal.ITIMER_REAL)
    return UNLIMITED if left == 0 else max(0.0, (left - GRACE) * SHARE)
