"""Each reason text that the service is known to give is told apart."""

import pytest

from genai_live.errors import AuthenticationError, ConnectionClosedError
from genai_live.protocol.close_reasons import Failure, classify
from genai_live.protocol.ending import closed_by_server

CASES = [
    (1007, "API key not valid. Please pass a valid API key.", Failure.CREDENTIALS),
    (
        1008,
        "Method doesn't allow unregistered callers (callers without established identity).",
        Failure.CREDENTIALS,
    ),
    (
        1008,
        "Request had invalid authentication credentials. Expected OAuth 2 access token",
        Failure.CREDENTIALS,
    ),
    (1008, "Your API key was reported as leaked. Please use another API key.", Failure.CREDENTIALS),
    (
        1008,
        "Generative Language API has not been used in project 1 before or it is disabled",
        Failure.CREDENTIALS,
    ),
    (1011, "Token has been used too many times", Failure.CREDENTIALS),
    (1011, "auth token has expired", Failure.CREDENTIALS),
    (1011, "Token has expired", Failure.CREDENTIALS),
    (1011, "new_session_expire_time deadline exceeded", Failure.CREDENTIALS),
    (1007, "Request contains an invalid argument.", Failure.REQUEST),
    (
        1007,
        "Invalid JSON payload received. Unknown name \"x\" at 'setup': Cannot find field.",
        Failure.REQUEST,
    ),
    (1007, "Precondition check failed.", Failure.REQUEST),
    (1007, "User location is not supported for the API use.", Failure.REQUEST),
    (1008, "models/x is not found for API version v1beta, or is not supported", Failure.REQUEST),
    (1008, "Operation is not implemented, or supported, or enabled.", Failure.REQUEST),
    (1008, "Requested entity was not found.", Failure.REQUEST),
    (1008, "BidiGenerateContent session not found", Failure.REQUEST),
    (1011, "You exceeded your current quota, please check your plan and billing details.", Failure.REQUEST),
    (1008, "The operation was aborted.", Failure.PASSING),
    (
        1008,
        "Connection aborted because the client failed to close the connection after receiving a GoAway sig",
        Failure.PASSING,
    ),
    (1011, "Resource has been exhausted (e.g. check quota).", Failure.PASSING),
    (1011, "Internal error encountered.", Failure.PASSING),
    (1011, "The service is currently unavailable.", Failure.PASSING),
    (1006, "", Failure.PASSING),
    (1001, "", Failure.PASSING),
    (1002, "", Failure.REQUEST),
    (1009, "", Failure.REQUEST),
]


@pytest.mark.parametrize(("code", "reason", "failure"), CASES)
def test_a_reason_is_classified(code, reason, failure):
    """By its text first, else by its code."""
    assert classify(code, reason) is failure


@pytest.mark.parametrize(("code", "reason", "failure"), CASES)
def test_the_exception_says_whether_to_try_again(code, reason, failure):
    """Credentials are an AuthenticationError with the close as its cause; the rest tells ``retryable``."""
    error = closed_by_server(code, reason, "setting up", None).error
    if failure is Failure.CREDENTIALS:
        assert isinstance(error, AuthenticationError)
        error = error.__cause__
    assert isinstance(error, ConnectionClosedError)
    assert error.retryable is (failure is Failure.PASSING)
    assert (error.code, error.reason) == (code, reason)
