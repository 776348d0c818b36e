"""To speak to the emulator, and to hear what it says."""

import base64
import wave

from tests.emulator.signals import silence, tone


def speak(client, *sounds):
    """Send an utterance, at 16 kHz."""
    for sound in sounds or (tone(0.5), silence(1)):
        data = base64.b64encode(sound.tobytes()).decode()
        client.send({"realtimeInput": {"audio": {"mimeType": "audio/pcm", "data": data}}})


def write_wav(path, samples, *, rate=24_000, channels=1, width=2):
    """Write a WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())


def audio_of(messages):
    """Join the audio of messages."""
    parts = [
        part
        for message in messages
        for part in message.get("serverContent", {}).get("modelTurn", {}).get("parts", ())
    ]
    return b"".join(base64.b64decode(part["inlineData"]["data"]) for part in parts if "inlineData" in part)


def heard_of(messages):
    """Join the input transcriptions of messages."""
    return "".join(
        message.get("serverContent", {}).get("inputTranscription", {}).get("text", "") for message in messages
    )
