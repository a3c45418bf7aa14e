"""Which camera is meant, and which of its formats is the best for a wish."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callapp.errors import Device, ErrorCode, MediaError
from callapp.media.capture.formats import (
    CONVERTED,
    DECODED,
    DIRECT,
    Camera,
    CameraFormat,
    choose_camera,
    choose_format,
)
from callapp.media.specs import AUTO, MediaSpec, SpecKind, VideoWish

WEBCAM = Camera(
    "usb-1",
    "HD Webcam",
    (
        CameraFormat(640, 480, 30, CONVERTED),
        CameraFormat(1280, 720, 10, CONVERTED),
        CameraFormat(1280, 720, 30, DECODED),
        CameraFormat(1920, 1080, 30, DECODED),
        CameraFormat(640, 480, 30, DECODED),
    ),
)
LAPTOP = Camera("pci-0", "Integrated Camera", (CameraFormat(640, 480, 30, DIRECT),), is_default=True)


@pytest.mark.parametrize(
    ("spec", "camera"),
    [
        (AUTO, LAPTOP),
        (MediaSpec(SpecKind.DEVICE, "usb-1"), WEBCAM),
        (MediaSpec(SpecKind.DEVICE, "HD Webcam"), WEBCAM),
        (MediaSpec(SpecKind.DEVICE, "hd webcam"), WEBCAM),
        (MediaSpec(SpecKind.DEVICE, "pci-0"), LAPTOP),
    ],
)
def test_a_spec_means_a_camera_by_id_or_name(spec: MediaSpec, camera: Camera) -> None:
    assert choose_camera([WEBCAM, LAPTOP], spec) is camera


def test_without_a_default_the_first_camera_is_taken() -> None:
    assert choose_camera([WEBCAM], AUTO) is WEBCAM


@pytest.mark.parametrize(
    ("cameras", "spec"), [([], AUTO), ([WEBCAM, LAPTOP], MediaSpec(SpecKind.DEVICE, "HD"))]
)
def test_a_camera_that_is_not_there_is_not_found(cameras: list[Camera], spec: MediaSpec) -> None:
    with pytest.raises(MediaError) as caught:
        choose_camera(cameras, spec)
    assert (caught.value.code, caught.value.device) == (ErrorCode.NOT_FOUND, Device.CAMERA)
    assert caught.value.subject == spec.name


@pytest.mark.parametrize(
    ("wish", "best"),
    [
        (VideoWish(1280, 720, 30), 2),  # its JPEG at 30 fps before its YUV at 10
        (VideoWish(640, 480, 30), 0),  # YUV before JPEG at the same size
        (VideoWish(3840, 2160, 30), 3),
        (VideoWish(320, 240, 30), 0),
        (VideoWish(1280, 720, 10), 1),
    ],
)
def test_the_best_format_is_the_nearest_that_is_fast_enough(wish: VideoWish, best: int) -> None:
    assert choose_format(WEBCAM, wish) == best


def test_a_smooth_small_picture_is_better_than_a_jerky_large_one() -> None:
    camera = Camera("x", "x", (CameraFormat(1280, 720, 10), CameraFormat(640, 480, 30)))
    assert choose_format(camera, VideoWish()) == 1
    assert choose_format(camera, VideoWish(mandatory=True)) == 0


def test_a_mandatory_size_beyond_the_camera_is_overconstrained_and_says_what_there_is() -> None:
    with pytest.raises(MediaError) as caught:
        choose_format(LAPTOP, VideoWish(1280, 720, mandatory=True))
    assert caught.value.code is ErrorCode.OVERCONSTRAINED
    assert (caught.value.detail, caught.value.subject) == (
        "at most 640x480, not 1280x720",
        "Integrated Camera",
    )


def test_a_camera_that_lists_no_formats_is_taken_as_it_is() -> None:
    assert choose_format(Camera("x", "x"), VideoWish(mandatory=True)) is None


FORMATS = st.builds(
    CameraFormat,
    st.integers(0, 8000),
    st.integers(0, 8000),
    st.floats(0, 1000),
    st.sampled_from([DIRECT, DECODED]),
)


@given(
    st.lists(FORMATS, min_size=1),
    st.integers(16, 7680),
    st.integers(16, 4320),
    st.integers(1, 60),
    st.booleans(),
)
def test_any_formats_give_one_that_fits_or_overconstrained(
    formats: list[CameraFormat], width: int, height: int, fps: int, mandatory: bool
) -> None:
    fitting = [offer for offer in formats if offer.width_px >= width and offer.height_px >= height]
    camera, wish = Camera("x", "x", tuple(formats)), VideoWish(width, height, fps, mandatory)
    if mandatory and not fitting:
        with pytest.raises(MediaError):
            choose_format(camera, wish)
    else:
        index = choose_format(camera, wish)
        assert index is not None
        assert not mandatory or formats[index] in fitting
