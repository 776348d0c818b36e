"""How what we send is masked, with the compiled function and without."""

from hypothesis import given
from hypothesis import strategies as st
from websockets import speedups

from genai_live.transport import masking


@given(st.binary(max_size=300), st.binary(min_size=4, max_size=4))
def test_each_byte_is_changed_by_one_of_the_keys(data, key):
    """RFC 6455, section 5.3: byte i by byte i modulo 4 of the key, whichever function does it."""
    expected = bytes(byte ^ key[index % 4] for index, byte in enumerate(data))
    assert masking.mask_as_number(data, key) == expected
    assert masking.mask(data, key) == expected
    assert speedups.apply_mask(data, key) == expected


def test_the_compiled_function_is_used_from_the_first_long_data_on():
    """Where it is installed: it is fifty times faster."""
    data, key = bytes(range(256)) * 8, b"abcd"
    assert masking.mask(data, key) == masking.mask_as_number(data, key)
    assert masking.mask is speedups.apply_mask
