"""Each reason text that the service is known to give is told apart: which are worth another attempt."""

import pytest

from genai_live.errors import (
    APIError,
    AuthenticationError,
    ConfigurationError,
    ConnectionClosedError,
    HandshakeError,
    LiveTimeout,
    ProtocolError,
)
from genai_live.protocol.ending import closed_by_server
from genai_live.protocol.failures import Failure, classify, worth_another_attempt

INVALID_VALUES = (
    "Invalid value at 'setup.realtime_input_config.turn_coverage' (type.googleapis.com/…), \"x\"",
    "Invalid value at 'tool_response.function_responses[0].scheduling' (type.googleapis.com/…), \"x\"",
    "Invalid value at 'realtime_input' (audio_stream_end), \"x\"",
    "Invalid value at 'setup.system_instruction' (type.googleapis.com/google.ai.generativelanguage.v1alpha.",
)

CASES = [
    (1007, "Request contains an invalid argument.", Failure.REQUEST),
    (1007, "setup must be the first message and only the first", Failure.REQUEST),
    (1007, "Invalid JSON payload received. Unknown name 'x' at 'setup': Cannot find field.", Failure.REQUEST),
    *((1007, reason, Failure.REQUEST) for reason in INVALID_VALUES),
    (1007, "API key not valid. Please pass a valid API key.", Failure.CREDENTIALS),
    (1007, "User location is not supported for the API use.", Failure.REQUEST),
    (
        1007,
        "Explicit activity control is not supported when automatic activity detection is enabled.",
        Failure.REQUEST,
    ),
    (1007, "Cannot extract voices from a non-audio request.", Failure.REQUEST),
    (
        1007,
        "The requested combination of response modalities (TEXT) is not supported by the model. models/… a",
        Failure.REQUEST,
    ),
    (
        1007,
        "realtime_input.media_chunks is deprecated. Use audio, video, or text instead.",
        Failure.REQUEST,
    ),
    (1007, "Precondition check failed.", Failure.REQUEST),
    (1007, "Invalid session handle", Failure.HANDLE),
    (
        1007,
        "The audio content type (CONTENT_TYPE_AUDIO) is not supported for this model configuration.",
        Failure.REQUEST,
    ),
    (
        1008,
        "models/x is not found for API version v1beta, or is not supported for bidiGenerateContent. Call",
        Failure.REQUEST,
    ),
    (1008, "Operation is not implemented, or supported, or enabled.", Failure.REQUEST),
    (1008, "The operation was aborted.", Failure.PASSING),
    (
        1008,
        "Connection aborted because the client failed to close the connection after receiving a GoAway sig",
        Failure.PASSING,
    ),
    (1008, "Requested entity was not found.", Failure.HANDLE),
    (1008, "BidiGenerateContent session not found", Failure.HANDLE),
    (
        1008,
        "Method doesn't allow unregistered callers (callers without established identity). Please use API",
        Failure.CREDENTIALS,
    ),
    (
        1008,
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or",
        Failure.CREDENTIALS,
    ),
    (1008, "Your API key was reported as leaked. Please use another API key.", Failure.CREDENTIALS),
    (
        1008,
        "Generative Language API has not been used in project 1 before or it is disabled.",
        Failure.CREDENTIALS,
    ),
    (1011, "Internal error encountered.", Failure.PASSING),
    (1011, "The service is currently unavailable.", Failure.PASSING),
    (1011, "You exceeded your current quota, please check your plan and billing details.", Failure.REQUEST),
    (1011, "Resource has been exhausted (e.g. check quota).", Failure.PASSING),
    (1011, "Token has been used too many times", Failure.CREDENTIALS),
    (1011, "auth token has expired", Failure.EXPIRED),
    (1011, "Token has expired", Failure.CREDENTIALS),
    (1011, "new_session_expire_time deadline exceeded", Failure.CREDENTIALS),
    (1011, "Request trace id: 1f, [ORIGINAL ERROR] RPC::DEADLINE_EXCEEDED:", Failure.PASSING),
    (1011, "RPC::UNAVAILABLE: OVERLOADED_TOO_MANY_RETRIES_PER_REQUEST: 429", Failure.PASSING),
    (1007, "Invalid JSON payload received. Unexpected token.\nnot json\n^", Failure.REQUEST),
    (1006, "", Failure.PASSING),
    (1001, "", Failure.PASSING),
    (1012, "", Failure.PASSING),
    (1000, "", Failure.REQUEST),
    (1002, "", Failure.REQUEST),
    (1009, "", Failure.REQUEST),
]
"""Every reason of the protocol notes, section 4, and the codes that come without one."""


@pytest.mark.parametrize(("code", "reason", "failure"), CASES)
def test_a_reason_is_classified(code, reason, failure):
    """By its text first, else by its code."""
    assert classify(code, reason) is failure


@pytest.mark.parametrize(("code", "reason", "failure"), CASES)
def test_the_exception_says_whether_to_try_again(code, reason, failure):
    """Credentials are an AuthenticationError with the close as its cause; the rest tells ``retryable``."""
    error = closed_by_server(code, reason, "setting up", None).error
    if failure in (Failure.CREDENTIALS, Failure.EXPIRED):
        assert isinstance(error, AuthenticationError)
        error = error.__cause__
    assert isinstance(error, ConnectionClosedError)
    assert error.retryable is (failure in (Failure.PASSING, Failure.EXPIRED))
    assert worth_another_attempt(error) is error.retryable
    assert (error.code, error.reason) == (code, reason)


@pytest.mark.parametrize(
    ("error", "worth"),
    [
        (HandshakeError("refused", status=503), True),
        (HandshakeError("refused", status=500), True),
        (HandshakeError("refused", status=429), True),
        (HandshakeError("refused", status=302), False),
        (HandshakeError("refused", status=401), False),
        (HandshakeError("refused", status=403), False),
        (HandshakeError("refused", status=404), False),
        (HandshakeError("refused by the proxy", status=407), False),
        (HandshakeError("no route to host"), True),
        (HandshakeError("the certificate is another host's", retryable=False), False),
        (AuthenticationError("the key is bad"), False),
        (AuthenticationError("the token endpoint did not answer", retryable=True), True),
        (LiveTimeout("too long"), True),
        (APIError("busy", code=503), True),
        (APIError("slow down", code=429), True),
        (APIError("wrong", code=400), False),
        (APIError("nameless"), False),
        (ProtocolError("nonsense"), False),
        (ConfigurationError("wrong"), False),
    ],
    ids=str,
)
def test_what_keeps_us_from_a_connection_may_pass_or_not(error, worth):
    """A network that fails and a server that is busy may pass; a refusal for a reason does not."""
    assert worth_another_attempt(error) is worth
