"""Music: saved as it comes, and steered while it plays."""

import os
import tempfile
import wave
from pathlib import Path

from genai_live import Client
from genai_live.emulator import Emulator

BYTES_PER_SECOND = 48_000 * 2 * 2  # samples, channels, bytes of a sample


def main(client: Client, tune: Path, seconds: float) -> None:
    with (
        client.live.music.connect(model="lyria-realtime-exp") as session,
        wave.open(str(tune), "wb") as file,
    ):
        file.setparams((2, 2, 48_000, 0, "NONE", ""))
        session.set_weighted_prompts(prompts="a calm piano")
        session.set_music_generation_config(config={"bpm": 90, "brightness": 0.3})
        session.play()

        saved = 0
        steered = False
        for message in session.receive(timeout=60):
            if message.filtered_prompt:
                print("ignored:", message.filtered_prompt.text)
            if message.warning:
                print("warning:", message.warning)
            if chunk := message.audio_chunk:
                file.writeframes(chunk.data or b"")  # a player would play it
                saved += len(chunk.data or b"")
            if saved >= seconds * BYTES_PER_SECOND:
                break
            if saved and not steered:
                steered = True
                session.set_weighted_prompts(
                    prompts=[
                        {"text": "a calm piano", "weight": 1.0},
                        {"text": "soft strings", "weight": 0.5},
                    ]
                )


if __name__ == "__main__":
    if "GEMINI_API_KEY" in os.environ:
        with Client() as client:
            main(client, Path("tune.wav"), seconds=30)
    else:  # the emulator, which plays a tune of its own
        with (
            Emulator() as emulator,
            Client(api_key="any", http_options={"base_url": emulator.url}) as client,
            tempfile.TemporaryDirectory() as folder,
        ):
            tune = Path(folder, "tune.wav")
            main(client, tune, seconds=4)
            with wave.open(str(tune)) as file:
                print(f"saved {file.getnframes() / file.getframerate():.1f} s")
