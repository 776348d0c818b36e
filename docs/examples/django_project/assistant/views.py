"""A page that asks the model, and a view that streams the words of its answer."""

import json
import logging
import time
from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from genai_live import Client, LiveError, LiveTimeout, Session

MODEL = "gemini-3.8-live"
CONFIG = {"output_audio_transcription": {}}  # the model speaks; this asks for its words
KEEP_ALIVE_SECONDS = 1.0

logger = logging.getLogger(__name__)
client = Client()  # one for the process, and for all its threads


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "ask.html")


@require_POST
def answer(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    question = request.POST.get("question", "").strip()
    if not question:
        context = {"sentence": "There was no question."}
        return render(request, "error.html", context, status=400)
    events = answer_events(question)
    try:
        next(events)  # connects; an error up to here becomes a page with its own status
    except LiveError as error:
        logger.warning("no answer: %r", error)
        status, sentence = describe(error)
        return render(request, "error.html", {"sentence": sentence}, status=status)
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}  # the last for nginx
    return StreamingHttpResponse(events, content_type="text/event-stream", headers=headers)


def answer_events(question: str) -> Iterator[str]:
    """Yields the answer as server-sent events: "words" as they come, then "end" or "error".

    The first item is empty, and says that the session is connected. The session ends with
    the generator, which the server closes when the browser has gone.
    """
    seconds = settings.ANSWER_SECONDS
    deadline = time.monotonic() + seconds
    with client.live.connect(model=MODEL, config=CONFIG, timeout=seconds) as session:
        yield ""
        try:
            session.send_client_content(turns=question)
            for words in answer_words(session, deadline):
                # Only writing shows whether the browser is still there: never be silent.
                yield event("words", words) if words else ": keep-alive\n\n"
            yield event("end", "")
        except LiveError as error:
            logger.warning("the answer broke off: %r", error)
            yield event("error", describe(error)[1])


def answer_words(session: Session, deadline: float) -> Iterator[str]:
    """Yields the words as they come, and "" for other news and after a second of silence."""
    messages = session.receive(timeout=KEEP_ALIVE_SECONDS)
    while time.monotonic() < deadline:
        try:
            message = next(messages)
        except LiveTimeout:
            yield ""
            continue  # the iterator can be used again
        except StopIteration:
            return
        content = message.server_content
        transcription = content and content.output_transcription
        yield (transcription and transcription.text) or ""
        if content and content.generation_complete:
            return  # all is said; the turn goes on for as long as a listener would need
    raise LiveTimeout("the answer was not complete in time")


def event(name: str, data: str) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


def describe(error: LiveError) -> tuple[int, str]:
    """The HTTP status, and what the user is told; the log is told more."""
    if isinstance(error, LiveTimeout):
        return 504, "The model took too long. Please try again."
    return 502, "The model cannot be reached. Please try again later."
