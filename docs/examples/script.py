"""A conversation in a plain script: a whole answer, then one as it comes."""

import os

from genai_live import Client
from genai_live.emulator import Emulator

CONFIG = {
    "system_instruction": "Answer in one sentence.",
    "output_audio_transcription": {},  # the model speaks; this asks for its words as text
}


def main(client: Client) -> None:
    with client.live.connect(model="gemini-3.8-live", config=CONFIG) as session:
        turn = session.ask("What is a monsoon?", timeout=60)
        print(turn.text)

        session.send_client_content(turns="And what is a typhoon?")
        for message in session.receive(timeout=60):
            content = message.server_content
            if content and content.output_transcription:
                print(content.output_transcription.text or "", end="", flush=True)
        print()


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
