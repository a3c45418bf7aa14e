"""The load benchmark of the signaling server; see docs/benchmarks.md.

python tests/bench/signaling/run.py load [--connections N] [--seconds S] [--rounds N] [--only NAME ...] [--update]
python tests/bench/signaling/run.py hostile [--seconds S] [--update]
"""

from __future__ import annotations

import sys
from pathlib import Path

_TESTS = Path(__file__).resolve().parents[2]
sys.path[:1] = [str(_TESTS), str(_TESTS.parent)]

from bench.signaling.cli import main  # noqa: E402  (found through the path set above)

if __name__ == "__main__":
    sys.exit(main())
