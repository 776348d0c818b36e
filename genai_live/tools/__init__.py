"""Python functions as tools of the model. No threads, sockets or clock."""

from genai_live.tools.declarations import declared
from genai_live.tools.decorator import tool

__all__ = ["declared", "tool"]
