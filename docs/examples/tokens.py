"""A server that keeps the API key, and a client that gets along without it."""

import json
import os
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from genai_live import Client
from genai_live.emulator import Emulator

VERSION = "v1alpha"  # the one for which tokens are documented
MODEL = "gemini-3.8-live"
CONFIG = {
    "system_instruction": "You help with our shop, and with nothing else.",
    "output_audio_transcription": {},
}


def make_server(client: Client) -> ThreadingHTTPServer:
    """The server: gives a token to whoever may talk. The API key is known here only."""

    class GiveToken(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            # Here you find out who is asking, and whether they may.
            constraints = {"model": MODEL, "config": CONFIG}
            token = client.auth_tokens.create({"uses": 1, "live_connect_constraints": constraints})
            answer = json.dumps({"token": token.name}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    return ThreadingHTTPServer(("127.0.0.1", 0), GiveToken)


def talk(server_url: str, service_url: str | None) -> None:
    """The client, on a machine of somebody else: opens its one session with a token."""
    with urllib.request.urlopen(server_url, data=b"", timeout=30) as response:
        token = json.load(response)["token"]
    options = {"base_url": service_url, "api_version": VERSION}
    with (
        Client(api_key=token, http_options=options) as client,
        # All settings are the token's; connect() wants a model named nevertheless.
        client.live.connect(model=MODEL) as session,
    ):
        print(session.ask("Do you have umbrellas?", timeout=60).text)


def main(api_key: str, service_url: str | None) -> None:
    options = {"base_url": service_url, "api_version": VERSION}
    with Client(api_key=api_key, http_options=options) as client, make_server(client) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            talk(f"http://127.0.0.1:{server.server_port}", service_url)
        finally:
            server.shutdown()


if __name__ == "__main__":
    if "GEMINI_API_KEY" in os.environ:
        main(os.environ["GEMINI_API_KEY"], None)
    else:  # the emulator, which says back what it is told
        with Emulator(api_keys=["the-key"]) as emulator:
            main("the-key", emulator.url)
