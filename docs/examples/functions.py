"""A function that the model calls, run by the session."""

import os
from typing import Literal

from genai_live import Client
from genai_live.emulator import Emulator


def get_weather(city: str, unit: Literal["c", "f"] = "c") -> dict[str, str | int]:
    """The weather of a city at this moment.

    Args:
        city: The name of the city.
        unit: Celsius or Fahrenheit.
    """
    print(f"get_weather({city!r})")
    return {"sky": "heavy rain", "temperature": 9 if unit == "c" else 48}


CONFIG = {"output_audio_transcription": {}, "tools": [get_weather]}

SCENARIO = {
    "steps": [
        {
            "expect": "Is it raining in Oslo?",
            "answer": {"call": {"name": "get_weather", "args": {"city": "Oslo"}}},
        },
        {
            "expect": {"toolResponse": {"functionResponses": [{"response": {"sky": "heavy rain"}}]}},
            "answer": {"outputTranscription": "Yes, take an umbrella."},
        },
    ]
}


def main(client: Client) -> None:
    with client.live.connect(model="gemini-3.8-live", config=CONFIG) as session:
        print(session.ask("Is it raining in Oslo?", timeout=60).text)


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
