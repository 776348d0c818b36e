"""A page that asks the model, and shows the words of its answer as they come: a Flask app.

With a key in GEMINI_API_KEY: gunicorn --worker-class gthread --threads 8 flask_app:app
"""

import json
import time
from collections.abc import Iterator

from flask import Flask, Response, abort, render_template_string, request

from genai_live import Client, LiveError, LiveTimeout, Session

MODEL = "gemini-3.8-live"
CONFIG = {"output_audio_transcription": {}}  # the model speaks; this asks for its words
KEEP_ALIVE_SECONDS = 1.0

app = Flask(__name__)
app.config["ANSWER_SECONDS"] = 60.0  # for a whole answer, connecting included
app.config.from_prefixed_env()  # FLASK_ANSWER_SECONDS, if it is set

client = Client()  # one for the process, and for all its threads


@app.get("/")
def index() -> str:
    return PAGE


@app.post("/answer")
def answer() -> Response:
    question = request.form.get("question", "").strip()
    if not question:
        abort(400, "There was no question.")
    events = answer_events(question)
    next(events)  # connects; an error up to here becomes a page with its own status
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}  # the last for nginx
    return Response(events, mimetype="text/event-stream", headers=headers)


@app.errorhandler(LiveError)
def show_error(error: LiveError) -> tuple[str, int]:
    app.logger.warning("no answer: %r", error)
    status, sentence = describe(error)
    return render_template_string(ERROR_PAGE, sentence=sentence), status


def answer_events(question: str) -> Iterator[str]:
    """Yields the answer as server-sent events: "words" as they come, then "end" or "error".

    The first item is empty, and says that the session is connected. The session ends with
    the generator, which the server closes when the browser has gone.
    """
    seconds = app.config["ANSWER_SECONDS"]
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
            app.logger.warning("the answer broke off: %r", error)
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


PAGE = r"""
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Ask the model</title>
<style>
  body { max-width: 40rem; margin: 3rem auto; padding: 0 1rem; font: 1.1rem/1.5 system-ui; }
  form { display: flex; gap: .5rem; }
  input { flex: 1; min-width: 0; }
  input, button { font: inherit; padding: .3rem .7rem; }
  output, #error { display: block; margin: 1.5rem 0; white-space: pre-wrap; }
  #error { color: #b00020; }
</style>
<h1>Ask the model</h1>
<form method="post" action="/answer">
  <input name="question" aria-label="Question" maxlength="2000" required autofocus>
  <button>Ask</button>
</form>
<output></output>
<p id="error" role="alert"></p>
<script>
  const form = document.querySelector("form");
  const button = document.querySelector("button");
  const answer = document.querySelector("output");
  const failure = document.querySelector("#error");

  form.addEventListener("submit", async (submit) => {
    submit.preventDefault();
    button.disabled = true;
    answer.textContent = failure.textContent = "";
    try {
      await ask(new FormData(form));
    } catch (error) {
      const lost = error instanceof TypeError;  // so fetch tells it
      failure.textContent = lost ? "The connection was lost." : error.message;
    }
    button.disabled = false;
  });

  async function ask(body) {
    const response = await fetch(form.action, { method: "POST", body });
    if (!response.ok) {
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      throw new Error(page.querySelector("p")?.textContent ?? response.statusText);
    }
    for await (const [name, data] of readEvents(response)) {
      if (name === "words") answer.textContent += data;
      if (name === "error") throw new Error(data);
      if (name === "end") return;
    }
    throw new TypeError("The end is missing.");
  }

  // EventSource would make GET requests only, see no error page, and ask again.
  async function* readEvents(response) {
    let text = "";
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (text + value).split("\n\n");
      text = blocks.pop();
      for (const block of blocks) {
        const [, name, data] = block.match(/^event: (.*)\ndata: (.*)$/) ?? [];
        if (name) yield [name, JSON.parse(data)];
      }
    }
  }
</script>
"""

ERROR_PAGE = """
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>No answer</title>
<style>
  body { max-width: 40rem; margin: 3rem auto; padding: 0 1rem; font: 1.1rem/1.5 system-ui; }
</style>
<h1>No answer</h1>
<p>{{ sentence }}</p>
<a href="/">Back</a>
"""
