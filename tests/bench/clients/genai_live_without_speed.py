"""This library without its `speed` extra, in an environment that has it. Threads as in `genai_live`."""

from tests.bench import speed_extra

if __name__ == "__main__":
    speed_extra.hide()
    from tests.bench.clients import genai_live

    genai_live.main()
