"""The short forms that arguments may have, as the server sees them."""

import base64
import io

import pytest
from PIL import Image

from genai_live import Client, ConfigurationError, types
from tests.raw_server import RawServer
from tests.service import MODEL, accept_setup, conversing, read_message
from tests.timing import SOON


def _sent(*calls, **client_arguments):
    """The messages that the calls send, on the Gemini API or with the client's arguments."""
    received = []

    def handle(peer):
        while True:
            received.append(read_message(peer))

    if not client_arguments:
        with conversing(handle) as session:
            for call in calls:
                call(session)
        return received

    def whole(peer):
        accept_setup(peer)
        handle(peer)

    with RawServer(whole) as server:
        options = {"base_url": f"http://localhost:{server.port}"}
        with Client(http_options=options, **client_arguments) as client:
            with client.live.connect(model=MODEL, timeout=SOON) as session:
                for call in calls:
                    call(session)
    return received


HELLO = {"clientContent": {"turns": [{"role": "user", "parts": [{"text": "Hello"}]}], "turnComplete": True}}


@pytest.mark.parametrize(
    "turns",
    [
        "Hello",
        ["Hello"],
        types.Part(text="Hello"),
        {"text": "Hello"},
        [{"text": "Hello"}],
        {"parts": ["Hello"]},
        {"role": "user", "parts": [{"text": "Hello"}]},
        [types.Content(role="user", parts=[types.Part(text="Hello")])],
        (types.Content(role="user", parts=[types.Part(text="Hello")]),),
    ],
    ids=repr,
)
def test_a_turn_in_every_form(turns):
    """A text or a part is a turn of the user's."""
    assert _sent(lambda session: session.send_client_content(turns=turns)) == [HELLO]


@pytest.mark.parametrize(
    "responses",
    [
        {"id": "1", "name": "f", "response": {"my_key": 1}},
        types.FunctionResponse(id="1", name="f", response={"my_key": 1}),
        [{"id": "1", "name": "f", "response": {"my_key": 1}}],
        (types.FunctionResponse(id="1", name="f", response={"my_key": 1}),),
    ],
    ids=repr,
)
def test_function_responses_in_every_form(responses):
    """One or a list; the keys of a response are the user's."""
    expected = {"toolResponse": {"functionResponses": [{"id": "1", "name": "f", "response": {"my_key": 1}}]}}
    assert _sent(lambda session: session.send_tool_response(function_responses=responses)) == [expected]


def test_vertex_knows_a_call_by_its_name_alone():
    """There an id may be missing; an empty one is none."""
    answer = {"name": "f", "response": {}}

    def call(session):
        session.send_tool_response(function_responses=answer)
        with pytest.raises(ConfigurationError, match=r"function_responses\[0\]\.id"):
            session.send_tool_response(function_responses={"id": "", **answer})

    assert _sent(call, api_key="k", vertexai=True) == [{"toolResponse": {"functionResponses": [answer]}}]


SEARCH = types.Tool(google_search=types.GoogleSearch())


@pytest.mark.parametrize(
    ("update", "message"),
    [
        (
            {"system_instruction": "Be brief."},
            {"systemInstruction": {"role": "user", "parts": [{"text": "Be brief."}]}},
        ),
        (
            {"system_instruction": ["Be", "brief."]},
            {"systemInstruction": {"role": "user", "parts": [{"text": "Be"}, {"text": "brief."}]}},
        ),
        ({"tools": [{"google_search": {}}]}, {"tools": {"tools": [{"googleSearch": {}}]}}),
        ({"tools": {"tools": [{"google_search": {}}]}}, {"tools": {"tools": [{"googleSearch": {}}]}}),
        (
            {
                "tools": types.LiveClientContextUpdateTools(
                    tools=[types.Tool(google_search=types.GoogleSearch())]
                )
            },
            {"tools": {"tools": [{"googleSearch": {}}]}},
        ),
        ({"tools": []}, {"tools": {"tools": []}}),
        ({"tools": types.LiveClientContextUpdateTools()}, {"tools": {"tools": []}}),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_context_update(update, message):
    """Only what is given is sent; an empty list clears the tools. Both SDKs' forms of the tools will do."""
    assert _sent(lambda session: session.send_context_update(**update)) == [{"contextUpdate": message}]


def test_a_function_in_a_context_update_is_declared():
    """As in a config."""

    def turn_on(lamp: str) -> None:
        """Turns a lamp on."""

    (message,) = _sent(lambda session: session.send_context_update(tools=[turn_on]))
    (tool,) = message["contextUpdate"]["tools"]["tools"]
    assert tool["functionDeclarations"][0]["name"] == "turn_on"


def test_a_raw_message_is_sent_as_it_is():
    """No name is changed, and nothing is left out."""
    message = {"future_message": {"some_key": None, "otherKey": [1]}}
    assert _sent(lambda session: session.send_raw(message)) == [message]


def _picture(format_=None):
    picture = Image.new("RGB", (2, 1), "red")
    if format_ is None:
        return picture
    data = io.BytesIO()
    picture.save(data, format_)
    return Image.open(data)


@pytest.mark.parametrize("argument", ["video", "media"])
@pytest.mark.parametrize(
    ("format_", "mime_type"), [(None, "image/png"), ("PNG", "image/png"), ("JPEG", "image/jpeg")]
)
def test_a_picture_of_pillow(argument, format_, mime_type):
    """It is written as PNG, and as JPEG if it was read from that."""
    (message,) = _sent(lambda session: session.send_realtime_input(**{argument: _picture(format_)}))
    video = message["realtimeInput"]["video"]
    assert video["mimeType"] == mime_type
    with Image.open(io.BytesIO(base64.b64decode(video["data"]))) as picture:
        assert (picture.size, picture.format) == ((2, 1), mime_type.partition("/")[2].upper())


def test_a_picture_that_cannot_be_written_is_refused():
    """The argument is named."""

    def call(session):
        with pytest.raises(ConfigurationError, match="^video: the picture cannot be written"):
            session.send_realtime_input(video=Image.new("LAB", (1, 1)))

    assert _sent(call) == []
