"""Bytes with something wrong in them."""

from hypothesis import strategies as st


@st.composite
def damaged(draw: st.DrawFn, whole: st.SearchStrategy[bytes], most: int = 4) -> bytes:
    """Bytes with up to so many changes: other ones, fewer, more, twice the same, or cut off."""
    data = bytearray(draw(whole))
    for _ in range(draw(st.integers(0, most))):
        start, stop = sorted((draw(st.integers(0, len(data))), draw(st.integers(0, len(data)))))
        match draw(st.sampled_from(["other", "other", "fewer", "more", "twice", "cut off"])):
            case "other" if start < len(data):
                data[start] = draw(st.integers(0, 255))
            case "fewer":
                del data[start : start + draw(st.integers(1, 8))]
            case "more":
                data[start:start] = draw(st.binary(max_size=8))
            case "twice":
                data[stop:stop] = data[start:stop][:1000]
            case _:
                del data[stop:]
    return bytes(data)
