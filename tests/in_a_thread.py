"""A plugin for pytest that runs each test in another thread than the main one: ``-p tests.in_a_thread``.

There whoever waits for a message reads the connection by itself, as it does not in the main thread. Tests
about the main thread stay there: they have the mark ``main_thread``.
"""

import threading
from typing import Any

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Runs the test's function; its fixtures stay in the main thread."""
    if pyfuncitem.get_closest_marker("main_thread"):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    outcome: list[BaseException] = []

    def run(function: Any = pyfuncitem.obj) -> None:
        try:
            function(**arguments)
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=run, name="test")
    thread.start()
    thread.join()
    if outcome:
        raise outcome[0]
    return True
