"""A function that the model calls, answered by hand."""

import os

from genai_live import Client
from genai_live.emulator import Emulator
from genai_live.types import FunctionCall, FunctionResponse


def get_weather(city: str) -> str:
    """The weather of a city at this moment.

    Args:
        city: The name of the city.
    """
    print(f"get_weather({city!r})")
    return "heavy rain"


CONFIG = {"output_audio_transcription": {}, "tools": [get_weather]}

SCENARIO = {
    "steps": [
        {
            "expect": "Is it raining in Oslo?",
            "answer": {"call": {"name": "get_weather", "args": {"city": "Oslo"}}},
        },
        {
            "expect": {"toolResponse": {"functionResponses": [{"name": "get_weather"}]}},
            "answer": {"outputTranscription": "Yes, take an umbrella."},
        },
    ]
}


def respond(call: FunctionCall) -> FunctionResponse:
    """Runs the function, and turns its result into what the model is told."""
    output = get_weather(**call.args or {})
    return FunctionResponse(id=call.id, name=call.name, response={"output": output})


def main(client: Client) -> None:
    with client.live.connect(
        model="gemini-3.8-live", config=CONFIG, automatic_function_calling=False
    ) as session:
        session.send_client_content(turns="Is it raining in Oslo?")
        said = ""
        for message in session.messages(timeout=60):
            if message.tool_call:
                responses = [respond(call) for call in message.tool_call.function_calls or []]
                session.send_tool_response(function_responses=responses)
            content = message.server_content
            if content and content.output_transcription:
                said += content.output_transcription.text or ""
            if content and content.turn_complete and said:
                break  # some models end a turn at the call, and answer in another one
        print(said)


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
