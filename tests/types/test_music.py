"""The conveniences of music's messages."""

from genai_live.types import AudioChunk, LiveMusicServerContent, LiveMusicServerMessage


def test_the_first_piece_of_music() -> None:
    """As @google/genai has it: the first piece, or None where there is none."""
    chunks = [AudioChunk(data=b"1"), AudioChunk(data=b"2")]
    message = LiveMusicServerMessage(server_content=LiveMusicServerContent(audio_chunks=chunks))
    assert message.audio_chunk is chunks[0]
    for content in (None, LiveMusicServerContent(), LiveMusicServerContent(audio_chunks=[])):
        assert LiveMusicServerMessage(server_content=content).audio_chunk is None
