"""A stream of music that is steered while it plays: the blocking face of a session."""

from genai_live.music.session import MusicSession

__all__ = ["MusicSession"]
