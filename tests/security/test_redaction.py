"""What is taken out of texts, and what stays."""

import pytest

from genai_live.redaction import SecretHeaders, without_credentials, without_message_secrets


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ('{"newHandle": "h-1", "resumable": true}', '{"newHandle": "…", "resumable": true}'),
        ('{"sessionResumption":{"handle":"a\\"b"}}', '{"sessionResumption":{"handle":"…"}}'),
        ('{"handle": "cut of', '{"handle": "…'),
        ('{"handle": "cut off\\', '{"handle": "…\\'),
        (
            '{"apiKeyString": "k", "api_key": "k", "accessToken": "t"}',
            '{"apiKeyString": "…", "api_key": "…", "accessToken": "…"}',
        ),
        (
            '{"streamableHttpTransport": {"headers": {"a": "x}y", "b": "z"}, "url": "u"}}',
            '{"streamableHttpTransport": {"headers": {…}, "url": "u"}}',
        ),
        ('{"headers": {"a": "cut', '{"headers": {…'),
        ('{"text": "a handle: \\"newHandle\\""}', '{"text": "a handle: \\"newHandle\\""}'),
        ('{"handles": ["a"], "key": "b"}', '{"handles": ["a"], "key": "b"}'),
    ],
)
def test_messages_lose_what_opens_a_session_or_a_tool(message, shown):
    """Whole or cut off anywhere; the rest is as it was."""
    assert without_message_secrets(message) == shown


@pytest.mark.parametrize(
    ("headers", "url", "text", "shown"),
    [
        ({"x-goog-api-key": "AIza1234"}, "", "Consumer 'api_key:AIza1234'", "Consumer 'api_key:…'"),
        ({"Authorization": "Bearer abcd1234"}, "", "got Bearer abcd1234, abcd1234", "got …, …"),
        ({"x-own": "secret-value"}, "", "x-own: secret-value", "x-own: …"),
        ({}, "wss://h/p?key=a%2Fb-12345&x=1", "no key a%2Fb-12345, a/b-12345 on /p", "no key …, … on /p"),
        ({"x-call": "42"}, "wss://h/p?v=1", "42 is the answer to 1", "42 is the answer to 1"),
        ({"user-agent": "genai-live/1"}, "", "genai-live/1 is too old", "genai-live/1 is too old"),
    ],
)
def test_answers_lose_what_was_sent_to_sign_in(headers, url, text, shown):
    """Values that are too short for a key, or can be none, stay."""
    assert without_credentials(text, headers, url) == shown


def test_headers_print_their_names_only():
    """They are a dict in everything else."""
    headers = SecretHeaders({"x-goog-api-key": "k"})
    assert (
        f"{headers} {headers!r} {[headers]}" == "<headers x-goog-api-key> " * 2 + "[<headers x-goog-api-key>]"
    )
    assert headers == {"x-goog-api-key": "k"}
