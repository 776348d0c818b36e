"""The tree of errors: pickled, copied and raised afresh without loss."""

import copy
import inspect
import pickle

import pytest

from genai_live import errors, types

SAMPLES = [
    errors.ConfigurationError("wrong", where="config.x"),
    errors.StateError("no"),
    errors.HandshakeError("refused", status=403, headers={"a": "b"}, body=b"x"),
    errors.ConnectionClosedError(
        "gone", code=1011, reason="r", phase="open", retryable=True, resumption_handle="h", unsent=["m"]
    ),
    errors.APIError("bad", code=400, status="INVALID_ARGUMENT", body={"a": 1}),
    errors.TurnTimeout("late", partial=types.Turn(text="half")),
    errors.ToolError("nobody", partial=None),
]


@pytest.mark.parametrize("error", SAMPLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    "again", [copy.copy, lambda error: pickle.loads(pickle.dumps(error)), lambda error: error.fresh()]
)
def test_an_error_survives(error, again):
    """Task queues and process pools hand errors on; a session raises its ending many times."""
    other = again(error)
    assert other is not error
    assert type(other) is type(error)
    assert str(other) == str(error)
    assert other.__dict__ == error.__dict__


def test_a_fresh_error_has_the_cause_of_the_first():
    """What lies behind it stays visible, and nothing is said twice."""
    error = errors.StateError("no")
    error.__cause__ = OSError("because")
    assert error.fresh().__cause__ is error.__cause__


def test_the_docstring_draws_the_whole_tree():
    """Every class stands in the module's drawing, under its base."""
    drawn = errors.__doc__
    for name, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, errors.LiveError):
            assert f" {name}" in drawn, name


def test_errors_are_also_what_python_calls_them():
    """Code that catches ValueError, RuntimeError or TimeoutError catches ours."""
    assert issubclass(errors.ConfigurationError, ValueError)
    assert issubclass(errors.StateError, RuntimeError)
    assert issubclass(errors.LiveTimeout, TimeoutError)
