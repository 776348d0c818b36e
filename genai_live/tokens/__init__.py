"""Ephemeral tokens: a program that must not see the API key opens sessions with them."""

from genai_live.tokens.tokens import Tokens

__all__ = ["Tokens"]
