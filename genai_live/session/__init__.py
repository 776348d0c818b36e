"""A conversation with the model: the blocking face of a session."""

from genai_live.session.session import Session

__all__ = ["Session"]
