"""A long conversation: it goes on when its connection ends, and tells what happens."""

import os

from genai_live import Client, GoingAway, Reconnected, Reconnecting, Session, TurnLostError
from genai_live.emulator import Emulator

CONFIG = {"output_audio_transcription": {}}

BREAK = [{"handle": {"resumable": True}}, {"drop": True}]
SCENARIO = {  # two connections break in the middle of an answer, the second one in spite of a warning
    "steps": [
        {"expect": "What is a monsoon?", "answer": "A wind that turns with the seasons."},
        {"expect": "And a typhoon?", "answer": ["A storm", *BREAK]},
        {"expect": "And a typhoon?", "answer": "A storm of the Pacific."},
        {"expect": "And a tornado?", "answer": [{"goAway": 50}, "A column", *BREAK]},
        {"expect": "And a tornado?", "answer": "A column of air that turns."},
    ]
}


def ask(session: Session, question: str) -> str:
    """Asks, and once more where a reconnection cut through the answer: here that does no harm."""
    try:
        return session.ask(question, timeout=60).text
    except TurnLostError as lost:
        print(f"  (cut off after {lost.partial.text!r})")
        return session.ask(question, timeout=60).text


def follow(session: Session, question: str) -> str:
    """Does the same by hand, and tells what happens to the connection."""
    session.send_client_content(turns=question)
    said = ""
    for event in session.events(timeout=60):
        match event:
            case GoingAway():
                print(f"  (the server goes away in {event.time_left})")
            case Reconnecting():
                print(f"  (the connection ended with {event.code}, and another one is made)")
            case Reconnected():
                print(f"  (going on, {'with' if event.state_restored else 'without'} what was said before)")
                if event.turn_lost:
                    said = ""
                    session.send_client_content(turns=question)
            case _:  # a message, as from receive()
                content = event.server_content
                if content and content.output_transcription:
                    said += content.output_transcription.text or ""
                if content and content.turn_complete:
                    break
    return said


def main(client: Client) -> None:
    with client.live.connect(model="gemini-3.8-live", config=CONFIG) as session:
        for question, answer in (
            ("What is a monsoon?", ask),
            ("And a typhoon?", ask),
            ("And a tornado?", follow),
        ):
            print(question)
            print(" ", answer(session, question))
        print(f"{session.stats.reconnections} reconnections")


if __name__ == "__main__":
    if "GEMINI_API_KEY" in os.environ:
        with Client() as client:
            main(client)
    else:  # the emulator, which plays the scenario
        with (
            Emulator(script=SCENARIO) as emulator,
            Client(api_key="any", http_options={"base_url": emulator.url}) as client,
        ):
            main(client)
