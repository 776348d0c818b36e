"""What the signature of a Python function says, in JSON Schema. No threads, sockets or clock."""

from genai_live.signatures.functions import describe

__all__ = ["describe"]
