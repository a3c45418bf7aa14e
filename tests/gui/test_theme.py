"""Everything can be read and told apart."""

from __future__ import annotations

import pytest

from callapp.ui.theme import DARK, LIGHT, OVER, Colors, contrast

PALETTES = {"light": LIGHT, "dark": DARK, "over a picture": OVER}


@pytest.mark.parametrize("colors", PALETTES.values(), ids=PALETTES.keys())
def test_every_text_reaches_four_and_a_half_to_one(colors: Colors) -> None:
    pairs = [
        (ink, ground) for ink in (colors.text, colors.secondary) for ground in (colors.surface, colors.card)
    ]
    pairs += [
        (ink, ground)
        for ink in (colors.accent_text, colors.danger_text)
        for ground in (colors.surface, colors.card)
    ]
    pairs += [
        (colors.secondary, colors.disabled),
        (colors.text, colors.hover),
        (colors.accent_text, colors.hover),
        (colors.surface, colors.text),
        (colors.on_accent, colors.accent),
        (colors.on_call, colors.call),
        (colors.on_hang_up, colors.hang_up),
        (OVER.text, colors.stage),
        (OVER.secondary, colors.stage),
    ]
    for ink, ground in pairs:
        assert contrast(ink, ground) >= 4.5, (ink, ground, contrast(ink, ground))


@pytest.mark.parametrize("colors", PALETTES.values(), ids=PALETTES.keys())
def test_icons_and_focus_rings_reach_three_to_one(colors: Colors) -> None:
    for ground in (colors.surface, colors.card):
        assert contrast(colors.accent_text, ground) >= 3
        assert contrast(colors.warning, ground) >= 3


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
