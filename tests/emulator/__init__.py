"""Tests of the emulator, with a client that is not ours."""
