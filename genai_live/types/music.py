"""The messages of Lyria RealTime, which makes music (BidiGenerateMusic). No threads, sockets or clock.

Source: ai.google.dev/api/live_music and the music generation guide; names of google-genai 3.4.0.
"""

from __future__ import annotations

from genai_live.record import define
from genai_live.types.model import Model
from genai_live.types.open_enum import OpenEnum


class LiveMusicPlaybackControl(OpenEnum):
    """What the stream of music is to do."""

    PLAYBACK_CONTROL_UNSPECIFIED = "PLAYBACK_CONTROL_UNSPECIFIED"
    """Unused."""
    PLAY = "PLAY"
    """Start, or go on where it was paused."""
    PAUSE = "PAUSE"
    """Hold; PLAY goes on from here."""
    STOP = "STOP"
    """Stop and forget the context; the prompts stay."""
    RESET_CONTEXT = "RESET_CONTEXT"
    """Forget the context and play on; prompts and settings stay."""


class MusicGenerationMode(OpenEnum):
    """What the music is to be good at."""

    MUSIC_GENERATION_MODE_UNSPECIFIED = "MUSIC_GENERATION_MODE_UNSPECIFIED"
    """The default: QUALITY."""
    QUALITY = "QUALITY"
    """Quality."""
    DIVERSITY = "DIVERSITY"
    """Variety."""
    VOCALIZATION = "VOCALIZATION"
    """Voices, as an instrument among others."""


class Scale(OpenEnum):
    """The key of the music: the notes of a major scale and of its relative minor."""

    SCALE_UNSPECIFIED = "SCALE_UNSPECIFIED"
    """The default: the model decides."""
    C_MAJOR_A_MINOR = "C_MAJOR_A_MINOR"
    """C major or A minor."""
    D_FLAT_MAJOR_B_FLAT_MINOR = "D_FLAT_MAJOR_B_FLAT_MINOR"
    """D♭ major or B♭ minor."""
    D_MAJOR_B_MINOR = "D_MAJOR_B_MINOR"
    """D major or B minor."""
    E_FLAT_MAJOR_C_MINOR = "E_FLAT_MAJOR_C_MINOR"
    """E♭ major or C minor."""
    E_MAJOR_D_FLAT_MINOR = "E_MAJOR_D_FLAT_MINOR"
    """E major or C♯ (D♭) minor."""
    F_MAJOR_D_MINOR = "F_MAJOR_D_MINOR"
    """F major or D minor."""
    G_FLAT_MAJOR_E_FLAT_MINOR = "G_FLAT_MAJOR_E_FLAT_MINOR"
    """G♭ major or E♭ minor."""
    G_MAJOR_E_MINOR = "G_MAJOR_E_MINOR"
    """G major or E minor."""
    A_FLAT_MAJOR_F_MINOR = "A_FLAT_MAJOR_F_MINOR"
    """A♭ major or F minor."""
    A_MAJOR_G_FLAT_MINOR = "A_MAJOR_G_FLAT_MINOR"
    """A major or F♯ (G♭) minor."""
    B_FLAT_MAJOR_G_MINOR = "B_FLAT_MAJOR_G_MINOR"
    """B♭ major or G minor."""
    B_MAJOR_A_FLAT_MINOR = "B_MAJOR_A_FLAT_MINOR"
    """B major or G♯ (A♭) minor."""


@define(kw_only=True)
class WeightedPrompt(Model):
    """A prompt, and how much it counts beside the others."""

    text: str | None = None
    """What to play, such as ``minimal techno``."""
    weight: float | None = None
    """Any number but 0. The weights of all active prompts are normalised."""


@define(kw_only=True)
class LiveMusicGenerationConfig(Model):
    """How the music is made. Each one sent replaces the whole of the one before."""

    temperature: float | None = None
    """0 to 3: how varied the music is; 1.1 where it is not given."""
    top_k: int | None = None
    """1 to 1000: tokens are chosen from this many of the likeliest; 40 where it is not given."""
    seed: int | None = None
    """0 to 2,147,483,647; a random one where it is not given."""
    guidance: float | None = None
    """0 to 6: how closely the prompts are followed; 4.0 where it is not given. More makes changes abrupt."""
    bpm: int | None = None
    """60 to 200 beats a minute. Takes effect after RESET_CONTEXT, or STOP and PLAY."""
    density: float | None = None
    """0 to 1: from few notes to many."""
    brightness: float | None = None
    """0 to 1: from dull to bright."""
    scale: Scale | None = None
    """The key. Takes effect after RESET_CONTEXT, or STOP and PLAY."""
    mute_bass: bool | None = None
    """True: without bass."""
    mute_drums: bool | None = None
    """True: without drums."""
    only_bass_and_drums: bool | None = None
    """True: nothing but bass and drums."""
    music_generation_mode: MusicGenerationMode | None = None
    """What the music is to be good at."""


@define(kw_only=True)
class LiveMusicClientSetup(Model):
    """The first message of a connection."""

    model: str | None = None
    """The full name, such as ``models/lyria-realtime-exp``."""


@define(kw_only=True)
class LiveMusicClientContent(Model):
    """The prompts to play by; they replace those before."""

    weighted_prompts: list[WeightedPrompt] | None = None
    """All prompts from now on."""


@define(kw_only=True)
class LiveMusicClientMessage(Model):
    """A message to the service: exactly one of its fields is set."""

    setup: LiveMusicClientSetup | None = None
    """The model; the first message and only the first."""
    client_content: LiveMusicClientContent | None = None
    """New prompts."""
    music_generation_config: LiveMusicGenerationConfig | None = None
    """New settings."""
    playback_control: LiveMusicPlaybackControl | None = None
    """What the stream is to do."""


@define(kw_only=True)
class LiveMusicServerSetupComplete(Model):
    """The model is ready. Nothing may be sent before this."""


@define(kw_only=True)
class LiveMusicSourceMetadata(Model):
    """What a piece of music was made by."""

    client_content: LiveMusicClientContent | None = None
    """The prompts."""
    music_generation_config: LiveMusicGenerationConfig | None = None
    """The settings."""


@define(kw_only=True)
class AudioChunk(Model):
    """A piece of music."""

    data: bytes | None = None
    """16-bit little-endian PCM, 48 kHz, stereo: left and right in turn. Watermarked."""
    mime_type: str | None = None
    """Such as ``audio/l16;rate=48000;channels=2``."""
    source_metadata: LiveMusicSourceMetadata | None = None
    """What it was made by."""


@define(kw_only=True)
class LiveMusicServerContent(Model):
    """Music, sent as soon as it is made, which is faster than it plays."""

    audio_chunks: list[AudioChunk] | None = None
    """The pieces, in order."""


@define(kw_only=True)
class LiveMusicFilteredPrompt(Model):
    """A prompt that is ignored; the music goes on."""

    text: str | None = None
    """The prompt."""
    filtered_reason: str | None = None
    """Why it was filtered."""


@define(kw_only=True)
class LiveMusicServerMessage(Model):
    """A message from the service."""

    setup_complete: LiveMusicServerSetupComplete | None = None
    """The model is ready; the first message of a connection."""
    server_content: LiveMusicServerContent | None = None
    """Music."""
    filtered_prompt: LiveMusicFilteredPrompt | None = None
    """A prompt that is ignored."""
    warning: str | None = None
    """Something is amiss, and the music goes on. Documented, and in neither official SDK."""

    @property
    def audio_chunk(self) -> AudioChunk | None:
        """The first piece of music in this message, or None."""
        chunks = self.server_content.audio_chunks if self.server_content is not None else None
        return chunks[0] if chunks else None
