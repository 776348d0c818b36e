"""``POST /{version}/auth_tokens``: creates ephemeral tokens, over HTTP.

Runs in the emulator's thread, in its event loop.
"""

from __future__ import annotations

from collections.abc import Collection

from aiohttp import web

from genai_live.emulator.endpoints import Endpoint, check_credentials
from genai_live.emulator.json_text import read_json, write_json
from genai_live.emulator.refusal import Refusal
from genai_live.emulator.tokens import Tokens
from genai_live.emulator.validation import read_auth_token

_STATUSES = {1007: (400, "INVALID_ARGUMENT"), 1008: (403, "PERMISSION_DENIED")}
"""What stands on HTTP for the code that would close a connection."""


async def answer_token_request(
    request: web.Request, endpoint: Endpoint, tokens: Tokens, api_keys: Collection[str] | None
) -> web.Response:
    """Create a token, or say why not.

    Args:
        request: The request.
        endpoint: Where it went.
        tokens: All tokens.
        api_keys: The keys that are good; None if every key is.
    """
    if request.method != "POST":
        return web.Response(status=404)
    try:
        check_credentials(endpoint, request.headers, request.query, api_keys)
        body = await request.read()
        # google-genai sends no body at all where nothing is asked for.
        token = tokens.create(read_auth_token(read_json(body) if body else {}, endpoint))
    except Refusal as refusal:
        code, status = _STATUSES[refusal.code]
        error = {"code": code, "message": refusal.whole_reason, "status": status}
        return _json({"error": error}, code)
    return _json(token.describe(), 200)


def _json(content: dict[str, object], status: int) -> web.Response:
    return web.Response(
        body=write_json(content), status=status, content_type="application/json", charset="utf-8"
    )
