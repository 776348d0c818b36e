"""What the service blocks. No threads, sockets or clock.

Source: google.ai.generativelanguage.v1beta, safety.proto; names of google-genai 3.4.0. In Live, Vertex only.
"""

from __future__ import annotations

from genai_live.record import define
from genai_live.types.model import Model
from genai_live.types.open_enum import OpenEnum


class HarmCategory(OpenEnum):
    """A kind of harm."""

    HARM_CATEGORY_UNSPECIFIED = "HARM_CATEGORY_UNSPECIFIED"
    """Unused."""
    HARM_CATEGORY_HARASSMENT = "HARM_CATEGORY_HARASSMENT"
    """Harassment and bullying."""
    HARM_CATEGORY_HATE_SPEECH = "HARM_CATEGORY_HATE_SPEECH"
    """Hatred of people for what they are."""
    HARM_CATEGORY_SEXUALLY_EXPLICIT = "HARM_CATEGORY_SEXUALLY_EXPLICIT"
    """Sexually explicit content."""
    HARM_CATEGORY_DANGEROUS_CONTENT = "HARM_CATEGORY_DANGEROUS_CONTENT"
    """Help with dangerous activities."""
    HARM_CATEGORY_CIVIC_INTEGRITY = "HARM_CATEGORY_CIVIC_INTEGRITY"
    """Deprecated: elections."""
    HARM_CATEGORY_JAILBREAK = "HARM_CATEGORY_JAILBREAK"
    """Prompts made to get round the filters."""
    HARM_CATEGORY_IMAGE_HATE = "HARM_CATEGORY_IMAGE_HATE"
    """Hatred in pictures."""
    HARM_CATEGORY_IMAGE_DANGEROUS_CONTENT = "HARM_CATEGORY_IMAGE_DANGEROUS_CONTENT"
    """Dangerous activities in pictures."""
    HARM_CATEGORY_IMAGE_HARASSMENT = "HARM_CATEGORY_IMAGE_HARASSMENT"
    """Harassment in pictures."""
    HARM_CATEGORY_IMAGE_SEXUALLY_EXPLICIT = "HARM_CATEGORY_IMAGE_SEXUALLY_EXPLICIT"
    """Sexually explicit pictures."""


class HarmBlockThreshold(OpenEnum):
    """From which probability of harm on content is blocked."""

    HARM_BLOCK_THRESHOLD_UNSPECIFIED = "HARM_BLOCK_THRESHOLD_UNSPECIFIED"
    """The default."""
    BLOCK_LOW_AND_ABOVE = "BLOCK_LOW_AND_ABOVE"
    """Low."""
    BLOCK_MEDIUM_AND_ABOVE = "BLOCK_MEDIUM_AND_ABOVE"
    """Medium."""
    BLOCK_ONLY_HIGH = "BLOCK_ONLY_HIGH"
    """High."""
    BLOCK_NONE = "BLOCK_NONE"
    """Nothing is blocked."""
    OFF = "OFF"
    """The filter is off."""


class HarmBlockMethod(OpenEnum):
    """What the threshold is compared with."""

    HARM_BLOCK_METHOD_UNSPECIFIED = "HARM_BLOCK_METHOD_UNSPECIFIED"
    """The default: PROBABILITY."""
    SEVERITY = "SEVERITY"
    """Probability and severity."""
    PROBABILITY = "PROBABILITY"
    """Probability."""


@define(kw_only=True)
class SafetySetting(Model):
    """What is blocked of one kind of harm."""

    category: HarmCategory | None = None
    """The kind; required."""
    threshold: HarmBlockThreshold | None = None
    """From where on; required."""
    method: HarmBlockMethod | None = None
    """What the threshold is compared with."""
