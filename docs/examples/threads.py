"""Several threads share a client, then one session: one reads it while others send."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

from genai_live import Client, Session
from genai_live.emulator import Emulator

CONFIG = {"output_audio_transcription": {}}
SILENCE = bytes(3200)  # 100 ms of 16-bit mono PCM at 16 kHz


def answer(client: Client, question: str) -> str:
    """Each call has a session of its own, as the views of a web application would."""
    with client.live.connect(model="gemini-3.8-live", config=CONFIG) as session:
        return session.ask(question, timeout=60).text


def speak(session: Session, over: threading.Event) -> None:
    """Sends what a microphone would hear, ten times a second."""
    while not over.wait(0.1):
        session.send_realtime_input(audio=SILENCE)


def read(session: Session, over: threading.Event) -> None:
    """Prints one answer. No other thread may read meanwhile."""
    try:
        for message in session.receive(timeout=60):
            content = message.server_content
            if content and content.output_transcription:
                print(content.output_transcription.text or "", end="", flush=True)
        print()
    finally:
        over.set()


def main(client: Client) -> None:
    with ThreadPoolExecutor() as executor:
        questions = ["What is a monsoon?", "What is a typhoon?", "What is a tornado?"]
        print(*executor.map(answer, [client] * len(questions), questions), sep="\n")

    over = threading.Event()
    with client.live.connect(model="gemini-3.8-live", config=CONFIG) as session:
        microphone = threading.Thread(target=speak, args=(session, over))
        reader = threading.Thread(target=read, args=(session, over))
        microphone.start()
        reader.start()
        session.send_realtime_input(text="Is it windy?")  # a third thread: this one
        reader.join()
        microphone.join()


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
