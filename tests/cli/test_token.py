"""``genai-live token``."""

import re
from datetime import datetime, timedelta, timezone

import pytest

from genai_live.emulator import Emulator
from tests.cli.program import ENDS, run
from tests.http_service import KEY, TOKEN, Answer, http_service

MODEL = "gemini-3.8-live"


def asked(*options, **environment):
    """What the program asks of the service."""
    with http_service() as service:
        result = run("token", "--base-url", service.url, *options, GOOGLE_API_KEY=KEY, **environment)
    assert (result.returncode, result.stdout, result.stderr) == (0, f"{TOKEN['name']}\n", "")
    (request,) = service.requests
    return request


def test_the_token_opens_a_session():
    """It is all that is printed, so that it can be put where a key is expected."""
    with Emulator(api_keys=[KEY], time_scale=0) as emulator:
        result = run("token", "--base-url", emulator.url, "--model", MODEL, GEMINI_API_KEY=KEY)
        assert re.fullmatch(r"auth_tokens/[0-9a-f]{64}\n", result.stdout)
        assert (result.returncode, result.stderr) == (0, "")
        chat = ("chat", "--base-url", emulator.url, "--model", "gemini-2.0-flash-live-001", "Hello")
        settings = {"GEMINI_API_KEY": result.stdout.strip(), "GOOGLE_GENAI_API_VERSION": "v1alpha"}
        assert run(*chat, **settings).stdout == "Hello\n"
        refused = run(*chat, **settings)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "used too many times" in refused.stderr


def test_it_asks_for_nothing_by_default():
    """In the version for which tokens are documented, unless the environment names another."""
    request = asked()
    assert (request.path, request.json) == ("/v1alpha/auth_tokens", {})
    assert asked(GOOGLE_GENAI_API_VERSION="v1beta").path == "/v1beta/auth_tokens"


def test_uses_and_times():
    """Times are counted from now."""
    request = asked("--uses", "0", "--expire-in", "600", "--begin-within", "5.5").json
    now = datetime.now(timezone.utc)
    for name, seconds in (("expireTime", 600), ("newSessionExpireTime", 5.5)):
        time = datetime.fromisoformat(request.pop(name).replace("Z", "+00:00"))
        assert now - timedelta(seconds=ENDS) < time - timedelta(seconds=seconds) <= now
    assert request == {"uses": 0}


@pytest.mark.parametrize(
    ("options", "setup", "mask"),
    [
        (("--model", MODEL), {"model": f"models/{MODEL}"}, "model"),
        (
            ("--system", "Be brief."),
            {"systemInstruction": {"role": "user", "parts": [{"text": "Be brief."}]}},
            "systemInstruction.parts,systemInstruction.role",
        ),
    ],
)
def test_what_is_fixed(options, setup, mask):
    """Only what the options name; all else is up to the session."""
    request = asked(*options).json
    assert request.pop("fieldMask").split(",") == mask.split(",")
    assert request == {"bidiGenerateContentSetup": setup}


def test_without_a_key_it_says_what_to_set():
    """One sentence, and no traceback."""
    result = run("token")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "genai-live: there is no API key: set GOOGLE_API_KEY or GEMINI_API_KEY\n"


def test_a_refusal_is_told_in_the_services_words():
    """With exit code 1, and without the key."""
    error = {"code": 400, "message": "expire_time is too far in the future.", "status": "INVALID_ARGUMENT"}
    with http_service(Answer(400, {"error": error})) as service:
        result = run("token", "--base-url", service.url, GOOGLE_API_KEY=KEY)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert error["message"] in result.stderr
    assert KEY not in result.stderr


@pytest.mark.parametrize("options", [("--uses", "-1"), ("--expire-in", "0"), ("--begin-within", "100000")])
def test_wrong_numbers(options):
    """They are refused before anything is asked."""
    result = run("token", *options, GOOGLE_API_KEY=KEY)
    assert result.returncode == 2
    assert options[0] in result.stderr
