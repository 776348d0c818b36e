"""HTTP beside the WebSocket, by requests; imported where used, as requests takes long to load."""
