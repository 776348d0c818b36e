"""A conversation by callbacks: messages come to a function, instead of being read."""

import os
import threading

from genai_live import Client, LiveCallbacks, Session
from genai_live.emulator import Emulator
from genai_live.types import LiveServerMessage

ended = threading.Event()


def on_open(session: Session) -> None:
    session.send_client_content(turns="What is a monsoon?")


def on_message(session: Session, message: LiveServerMessage) -> None:
    content = message.server_content
    if content and content.output_transcription:
        print(content.output_transcription.text or "", end="", flush=True)
    if content and content.generation_complete:  # every word is there; a player would go on
        print()
        session.close()  # in a callback it starts closing, and returns


def on_error(session: Session, error: BaseException) -> None:
    print(f"{session}: {error}")


def on_close(session: Session, code: int, reason: str) -> None:
    print(f"{session}: {code} {reason!r}")
    ended.set()


def main(client: Client) -> None:
    callbacks = LiveCallbacks(
        on_open=on_open,
        on_message=on_message,
        on_error=on_error,
        on_close=on_close,
    )
    config = {"output_audio_transcription": {}}
    with client.live.connect(model="gemini-3.8-live", config=config, callbacks=callbacks):
        ended.wait(60)


if __name__ == "__main__":
    if "GEMINI_API_KEY" in os.environ:
        with Client() as client:
            main(client)
    else:  # the emulator, which says back what it is told
        with (
            Emulator() as emulator,
            Client(api_key="any", http_options={"base_url": emulator.url}) as client,
        ):
            main(client)
