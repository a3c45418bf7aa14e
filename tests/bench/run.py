"""The call benchmark, one command a figure; see docs/benchmarks.md.

python tests/bench/run.py setup|call|startup|report|all [options]
"""

from __future__ import annotations

import sys
from pathlib import Path

_TESTS = Path(__file__).resolve().parents[1]
sys.path[:1] = [str(_TESTS), str(_TESTS.parent)]

from bench.cli import main  # noqa: E402  (found through the path set above)

if __name__ == "__main__":
    sys.exit(main())
