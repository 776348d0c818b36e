"""``python -m genai_live``: the command line. Runs in the main thread."""

import sys

from genai_live.cli import main

if __name__ == "__main__":
    sys.exit(main())
