"""What a forked child of a test makes of things."""

import os
import signal
import warnings

from tests.timing import SOON


def in_child(check) -> str:
    """Runs ``check`` in a forked child; returns what it reports."""
    read_end, write_end = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # 3.12 warns of every fork in a threaded process
        child = os.fork()
    if child == 0:
        try:
            signal.alarm(int(SOON))
            report = check()
        except BaseException as error:
            report = f"raised {error!r}"
        os.write(write_end, report.encode())
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        report = pipe.read()
    os.waitpid(child, 0)
    return report
