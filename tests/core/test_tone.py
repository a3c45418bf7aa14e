"""The test tone."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from audio_rig import frequency_hz, level_dbfs, purity_db

from callapp.media.audio.blocks import BLOCK_SAMPLES
from callapp.media.audio.tone import tone_blocks


def test_it_is_440_hz_at_minus_20_dbfs_without_a_break_between_blocks() -> None:
    blocks = list(itertools.islice(tone_blocks(), 200))
    assert {len(block) for block in blocks} == {BLOCK_SAMPLES}
    samples = np.concatenate(blocks)
    assert frequency_hz(samples) == pytest.approx(440, abs=0.5)
    assert level_dbfs(samples) == pytest.approx(-20, abs=0.01)
    assert purity_db(samples, 440) > 60


def test_a_block_belongs_to_its_consumer() -> None:
    tone = tone_blocks()
    first = next(tone)
    kept = first.copy()
    first[:] = 0
    later = list(itertools.islice(tone, 5))
    assert np.array_equal(later[4], kept)
