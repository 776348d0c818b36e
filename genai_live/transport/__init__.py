"""WebSocket connections: the interface, and its implementation over websocket-client."""

from genai_live.transport.factory import WebSocketClientFactory
from genai_live.transport.interface import Transport, TransportClosed, WebSocketFactory
from genai_live.transport.websocket import WebSocketTransport

__all__ = ["Transport", "TransportClosed", "WebSocketClientFactory", "WebSocketFactory", "WebSocketTransport"]
