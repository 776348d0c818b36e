"""The blocking face of a conversation, and where its functions run."""

from genai_live.session.function_host import FunctionHost
from genai_live.session.session import Session

__all__ = ["FunctionHost", "Session"]
