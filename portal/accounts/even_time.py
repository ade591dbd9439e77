"""Answers that must not tell by their time whether an account exists."""

import time

# Far longer than what is done for an account that exists: a hash (some 0.05 s, 0.2 s on a busy
# machine) and a few writes.
LASTS = 0.5


def wait_from(started: float) -> None:
    """Waits until a whole multiple of LASTS after an instant of `time.monotonic`.

    So an answer that took longer than usual still tells no more than that the machine is busy.
    """
    if LASTS:
        time.sleep(LASTS - (time.monotonic() - started) % LASTS)
