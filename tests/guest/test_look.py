"""The page's words, names for screen readers, colours, and its layout on a phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from guest.modules import SECRET, Modules, served
from guest.people import ROOM, Person, two_people
from rig.chromium import chromium

GUEST = Path(__file__).parents[2] / "signaling_server" / "guest"

# (text, background) of the style sheet's variables
PAIRS = [
    ("text", "surface"),
    ("text", "card"),
    ("secondary", "surface"),
    ("secondary", "card"),
    ("secondary", "disabled"),
    ("accent-text", "card"),
    ("danger-text", "card"),
    ("danger-text", "surface"),
    ("on-accent", "accent"),
    ("on-call", "call"),
    ("on-hang-up", "hang-up"),
]


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.asyncio(loop_scope="module")
async def test_both_languages_have_the_same_texts_with_the_same_values(guest: Modules) -> None:
    languages = await guest.run(
        "strings", "return Object.fromEntries(Object.entries(m.LANGUAGES).map(([n, l]) => [n, { ...l }]));"
    )
    english, korean = languages["en"], languages["ko"]
    assert english["texts"].keys() == korean["texts"].keys()
    assert english["notices"].keys() == korean["notices"].keys()
    for key, text in english["texts"].items():
        assert placeholders(text) == placeholders(korean["texts"][key]), key
    for code, words in english["notices"].items():
        assert len(words) == len(korean["notices"][code]) == 3
        assert words[0] == korean["notices"][code][0], "the same tone"
    told = {name: devices.keys() for name, devices in english["devices"].items()}
    assert told == {name: devices.keys() for name, devices in korean["devices"].items()}


def test_every_text_in_the_page_is_in_the_tables_and_every_table_is_used() -> None:
    html = (GUEST / "index.html").read_text()
    scripts = "".join(path.read_text() for path in GUEST.glob("*.js") if not path.name.startswith("strings_"))
    english, _, _ = (GUEST / "strings_en.js").read_text().partition("export const notices")
    keys = set(re.findall(r"^  (\w+):", english, re.MULTILINE))
    assert set(re.findall(r'data-(?:text|label|placeholder)="(\w+)"', html)) <= keys
    unused = {key for key in keys if not re.search(rf"\b{key}\b", html + scripts)}
    assert not unused


def test_nothing_is_loaded_from_elsewhere_and_nothing_is_inline() -> None:
    for path in GUEST.iterdir():
        text = path.read_text()
        addresses = {
            a for a in re.findall(r"https?://[^\s\"'`<>)]+", text) if not a.startswith("http://www.w3.org/")
        }
        assert not {a for a in addresses if "HOST" not in a and not a.startswith(("https://로", "https?"))}, (
            path.name
        )
        assert not re.search("innerHTML|outerHTML|insertAdjacentHTML|document.write", text), path.name
    html = (GUEST / "index.html").read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", html)


@pytest.mark.parametrize("language", ["en-US", "ko"])
async def test_every_control_has_a_name_in_the_browsers_language(language: str) -> None:
    async with two_people(language=language) as two:
        await two.meet()
        nameless = """Array.from(document.querySelectorAll('button, input, select, textarea, video, [role=img]'))
            .filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length))
            .map((e) => e.id || e.outerHTML)"""
        assert await two.one.page.evaluate(nameless) == []
        expected = {"en-US": ("en", "Mute the microphone", "In call"), "ko": ("ko", "음소거", "통화 중")}[
            language
        ]
        shown = "[document.documentElement.lang, muteButton.getAttribute('aria-label'), state.textContent]"
        assert await two.one.page.evaluate(shown) == list(expected)


async def test_the_language_can_be_switched() -> None:
    async with served() as server, chromium() as browser:
        person = Person(await browser.page())
        await person.open(f"http://127.0.0.1:{server.port}/{ROOM}#{SECRET}")
        await person.page.evaluate(
            "languageChoice.value = 'ko'; languageChoice.dispatchEvent(new Event('change', { bubbles: true }))"
        )
        await person.sees("startButton.textContent.trim() === '시작' && state.textContent.includes('준비')")


@pytest.mark.parametrize("dark", [False, True])
async def test_texts_are_legible_in_both_themes(*, dark: bool) -> None:
    contrast = """((text, ground) => {
        const probe = document.body.appendChild(document.createElement('i'));
        const lightness = (name) => {
            probe.style.color = `var(--${name})`;
            const channels = getComputedStyle(probe).color.match(/\\d+/g).slice(0, 3).map((c) => c / 255);
            const [r, g, b] = channels.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const [low, high] = [lightness(text), lightness(ground)].sort((a, b) => a - b);
        probe.remove();
        return (high + 0.05) / (low + 0.05);
    })"""
    async with served() as server, chromium() as browser:
        page = await browser.page()
        await page.emulate(960, 640, dark=dark)
        await Person(page).open(f"http://127.0.0.1:{server.port}/{ROOM}#{SECRET}")
        surface = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert surface == ("rgb(27, 31, 38)" if dark else "rgb(247, 248, 250)")
        for text, ground in PAIRS:
            assert await page.evaluate(f"{contrast}('{text}', '{ground}')") >= 4.5, (text, ground)


FITS = """(() => {
    const boxes = Object.fromEntries(Array.from(document.querySelectorAll('button'))
        .filter((b) => b.checkVisibility()).map((b) => [b.id || b.textContent, b.getBoundingClientRect()]));
    const outside = Object.entries(boxes)
        .filter(([, b]) => b.left < 0 || b.top < 0 || b.right > innerWidth || b.bottom > innerHeight).map(([id]) => id);
    const small = Object.entries(boxes).filter(([, b]) => b.width < 36 || b.height < 36).map(([id]) => id);
    const low = ['startButton', 'callButton', 'hangupButton'].every((id) => boxes[id].top > innerHeight * 0.75);
    return [outside, small, low, document.documentElement.scrollWidth <= innerWidth];
})()"""


@pytest.mark.parametrize("language", ["en-US", "ko"])
async def test_everything_fits_a_phone_in_portrait(language: str) -> None:
    async with two_people(language=language) as two:
        page = two.one.page
        await page.emulate(360, 640, mobile=True)  # type: ignore[attr-defined]
        assert await page.evaluate(FITS) == [[], [], True, True]
        await two.meet()
        assert await page.evaluate(FITS) == [[], [], True, True]
        layout = """(() => {
            const [remote, own, bar] = [remoteView, localView, bottomBar].map((e) => e.getBoundingClientRect());
            return remote.top < 100 && own.width < innerWidth / 2 && own.right <= innerWidth
                && own.bottom <= bar.top && own.left > innerWidth / 2;
        })()"""
        await two.one.sees(layout)
