"""HTTP beside the WebSocket, by requests; imported where used, as requests takes long to load."""

from genai_live.rest.rest_client import RestClient

__all__ = ["RestClient"]
