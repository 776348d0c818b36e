"""A conversation by voice: a recording is spoken to the model, and its answer saved."""

import math
import os
import struct
import tempfile
import threading
import time
import wave
from pathlib import Path

from genai_live import Client, Session
from genai_live.emulator import Emulator

CHUNK_SECONDS = 0.1


def speak(session: Session, recording: Path) -> None:
    """Sends a recording at the pace at which a microphone would."""
    with wave.open(str(recording)) as file:  # 16-bit mono
        rate = file.getframerate()
        begun = time.monotonic()
        sent = 0
        while chunk := file.readframes(round(rate * CHUNK_SECONDS)):
            session.send_realtime_input(audio={"data": chunk, "mime_type": f"audio/pcm;rate={rate}"})
            sent += len(chunk) // 2
            time.sleep(max(0, begun + sent / rate - time.monotonic()))
    session.send_realtime_input(audio_stream_end=True)


def listen(session: Session, answer: Path) -> None:
    """Saves what the model says, up to the end of its turn."""
    with wave.open(str(answer), "wb") as file:
        file.setparams((1, 2, 24_000, 0, "NONE", ""))
        for message in session.receive(timeout=60):
            if message.data:
                file.writeframes(message.data)  # a player would play it
            content = message.server_content
            if content and content.interrupted:
                print("interrupted")  # a player would drop what it has not played


def main(client: Client, recording: Path, answer: Path) -> None:
    with client.live.connect(model="gemini-3.8-live") as session:
        speaker = threading.Thread(target=speak, args=(session, recording))
        speaker.start()
        listen(session, answer)
        speaker.join()


def seconds(recording: Path) -> float:
    with wave.open(str(recording)) as file:
        return file.getnframes() / file.getframerate()


def make_recording(recording: Path) -> None:
    """Two seconds of a tone, which the emulator takes for a voice."""
    samples = [round(8000 * math.sin(2 * math.pi * 220 * i / 16_000)) for i in range(32_000)]
    with wave.open(str(recording), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(struct.pack("<32000h", *samples))


if __name__ == "__main__":
    if "GEMINI_API_KEY" in os.environ:
        with Client() as client:
            main(client, Path("question.wav"), Path("answer.wav"))
    else:  # the emulator, which says back what it hears
        with (
            Emulator() as emulator,
            Client(api_key="any", http_options={"base_url": emulator.url}) as client,
            tempfile.TemporaryDirectory() as folder,
        ):
            question, answer = Path(folder, "question.wav"), Path(folder, "answer.wav")
            make_recording(question)
            main(client, question, answer)
            print(f"asked {seconds(question):.1f} s, answered {seconds(answer):.1f} s")
