"""Makes the same call with google-genai and with this library, and compares what each sends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from genai_live import Client
from genai_live.errors import ConfigurationError
from tests.conformance import known_differences, protobuf
from tests.conformance.google_genai import GoogleGenai
from tests.timing import SOON
from tests.vectors.normal_form import normal
from tests.vectors.recorder import Recorder, Request

MODEL = "gemini-3.8-live"
LYRIA = "models/lyria-realtime-exp"
MUSIC = ("set_weighted_prompts", "set_music_generation_config")
Call = Callable[[dict[str, Any]], object]
Take = Callable[[], Any]


class Pair:
    """A client of each on one surface, and the recorder that both connect to."""

    def __init__(self, recorder: Recorder, surface: str, arguments: dict[str, Any]) -> None:
        address = recorder.addresses["$WSS"]
        self.surface = surface
        self._is_music = False  # of which there is no protobuf
        self.recorder = recorder
        self.theirs = GoogleGenai(address, arguments, recorder.client_context)
        self.ours = Client(
            **arguments, http_options={"base_url": address}, ssl_context=recorder.client_context
        )

    def close(self) -> None:
        """Ends both."""
        self.ours.close()
        self.theirs.close()

    def same_setup(self, config: dict[str, Any]) -> None:
        """Connects with each, and compares the setups."""

        def connect(config: dict[str, Any]) -> None:
            with self.ours.live.connect(model=MODEL, config=config, timeout=SOON, reconnect=False):
                pass

        def first_frame() -> Any:
            (request,) = self.recorder.finish()
            self.recorder.begin()
            return request.frames[0]

        self.recorder.begin()
        self.same(
            config,
            (lambda config: self.theirs.connect(MODEL, config), first_frame),
            (connect, first_frame),
        )

    @contextmanager
    def conversation(self, method: str) -> Iterator[Callable[[dict[str, Any]], None]]:
        """An open session of each, and what compares the messages that a method of it sends."""
        self.recorder.begin()
        self._is_music = method in MUSIC
        with self._their_session() as theirs, self._our_session() as ours:
            first, second = self.recorder.requests

            def send(arguments: dict[str, Any]) -> object:
                return self.theirs.run(getattr(theirs, method)(**arguments))

            yield lambda arguments: self.same(
                arguments,
                (send, lambda: _next_message(first)),
                (lambda arguments: getattr(ours, method)(**arguments), lambda: _next_message(second)),
            )

    def _their_session(self) -> Any:
        return self.theirs.music(LYRIA) if self._is_music else self.theirs.session(MODEL)

    def _our_session(self) -> Any:
        if self._is_music:
            return self.ours.live.music.connect(model=LYRIA, timeout=SOON)
        return self.ours.live.connect(model=MODEL, timeout=SOON, reconnect=False)

    def no_music(self) -> None:
        """Both refuse music on this surface."""
        with pytest.raises(NotImplementedError), self.theirs.music(LYRIA):
            pass
        with pytest.raises(ConfigurationError):
            self.ours.live.music.connect(model=LYRIA)

    def same(self, arguments: dict[str, Any], theirs: tuple[Call, Take], ours: tuple[Call, Take]) -> None:
        """Makes a call with each, and compares what comes, or that both refuse.

        Args:
            arguments: Of both calls.
            theirs: Calls google-genai, and takes what came of it.
            ours: The same with this library.
        """
        expected = self._reconciled(_message_of_theirs(arguments, *theirs))
        try:
            ours[0](arguments)
        except ConfigurationError as error:
            if expected is None or known_differences.we_refuse_rightly(error):
                return
            raise AssertionError(f"we refuse, and google-genai sends {expected}") from error
        message = ours[1]()
        if self.surface == "gemini" and not self._is_music:
            protobuf.parse_strictly(message)
        message = self._reconciled(message)
        assert message == expected, f"we send {message}, google-genai {expected or 'refuses'}"

    def _reconciled(self, message: Any) -> Any:
        if message is None:
            return None
        message = known_differences.with_roles(known_differences.tools_as_one(normal(message)))
        return known_differences.without_what_vertex_lacks(message) if self.surface == "vertex" else message


def _message_of_theirs(arguments: dict[str, Any], call: Call, take: Take) -> Any:
    while True:
        try:
            call(arguments)
        except (ValueError, TypeError, AttributeError) as error:
            without = known_differences.without_idle(arguments, known_differences.name_refused(error))
            if without == arguments:
                return None
            arguments = without
        else:
            return take()


def _next_message(request: Request) -> Any:
    return request.arrivals.get(timeout=SOON)
