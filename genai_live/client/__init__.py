"""The client: where the service is, who we are there, and the sessions."""

from genai_live.client.api_client import ApiClient
from genai_live.client.client import Client
from genai_live.client.live import Live
from genai_live.client.live_music import LiveMusic

__all__ = ["ApiClient", "Client", "Live", "LiveMusic"]
