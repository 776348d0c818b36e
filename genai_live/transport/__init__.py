"""WebSocket connections: the interface, and its implementation over websocket-client."""

from genai_live.transport.interface import Transport, TransportClosed, WebSocketFactory
from genai_live.transport.websocket import WebSocketClientFactory, WebSocketTransport

__all__ = ["Transport", "TransportClosed", "WebSocketClientFactory", "WebSocketFactory", "WebSocketTransport"]
