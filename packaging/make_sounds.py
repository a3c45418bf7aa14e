"""Synthesise the app's own sounds: python packaging/make_sounds.py [FOLDER], by default resources/sounds.

The WAV files are kept in the repository, so nobody needs this to build the app; running it again gives the
same files. Each sound is a few notes with the envelope of a struck bar (a fast, soft attack, then an
exponential decay), below -12 dBFS so that it stays under a voice.
"""

from __future__ import annotations

import argparse
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

SAMPLE_RATE_HZ = 48_000
PEAK = 10 ** (-13 / 20)  # of full scale
FADE_OUT_S = 0.02
# partials of a note: multiple of its frequency, and share
PARTIALS = ((1, 1.0), (2, 0.18), (3, 0.05))

C5, E5, G5, A5, C6 = 523.25, 659.26, 783.99, 880.0, 1046.5


@dataclass(frozen=True)
class Note:
    start_s: float
    frequency_hz: float
    decay_s: float = 0.12  # to 1/e
    attack_s: float = 0.006
    share: float = 1.0


SOUNDS: dict[str, tuple[float, tuple[Note, ...]]] = {  # length in s, notes
    # somebody calls: two rising waves
    "ringing": (
        0.95,
        (
            Note(0.0, E5),
            Note(0.09, G5),
            Note(0.18, C6, decay_s=0.16),
            Note(0.42, E5),
            Note(0.51, G5),
            Note(0.60, C6, decay_s=0.16),
        ),
    ),
    # we call: one low, round tone
    "ringback": (0.8, (Note(0.0, C5, decay_s=0.3, attack_s=0.04), Note(0.0, E5, 0.3, 0.04, share=0.5))),
    "joined": (0.55, (Note(0.0, G5), Note(0.11, C6, decay_s=0.15))),
    "left": (0.55, (Note(0.0, C6), Note(0.11, G5, decay_s=0.15))),
    "muted": (0.16, (Note(0.0, A5 / 2, decay_s=0.035, attack_s=0.004),)),
}


def synthesise(length_s: float, notes: tuple[Note, ...]) -> npt.NDArray[np.int16]:
    """The notes mixed, with the greatest sample at PEAK, ending in silence."""
    time_s = np.arange(round(length_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    total = np.zeros(len(time_s))
    for note in notes:
        since_s = time_s - note.start_s
        heard = since_s >= 0
        since_s = np.where(heard, since_s, 0.0)
        attack = 0.5 - 0.5 * np.cos(np.pi * np.minimum(since_s / note.attack_s, 1.0))
        envelope = np.where(heard, attack * np.exp(-since_s / note.decay_s), 0.0)
        for multiple, share in PARTIALS:
            # higher partials die away sooner, as on a bar
            partial = np.sin(2 * np.pi * note.frequency_hz * multiple * since_s)
            total += note.share * share * partial * envelope**multiple
    left_s = length_s - time_s
    total *= 0.5 - 0.5 * np.cos(np.pi * np.minimum(left_s / FADE_OUT_S, 1.0))
    samples: npt.NDArray[np.int16] = np.round(total / np.abs(total).max() * PEAK * 32768).astype(np.int16)
    return samples


def write_all(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, (length_s, notes) in SOUNDS.items():
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(SAMPLE_RATE_HZ)
            file.writeframes(synthesise(length_s, notes).astype("<i2").tobytes())


def main() -> None:
    parser = argparse.ArgumentParser(description="Synthesise the app's own sounds.")
    default = Path(__file__).resolve().parent.parent / "resources" / "sounds"
    parser.add_argument("folder", nargs="?", type=Path, default=default)
    write_all(parser.parse_args().folder)


if __name__ == "__main__":
    main()
