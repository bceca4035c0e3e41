"""A stranger's bytes to pixels."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures.drawn import clouds, draw, encode, jpeg, png
from PIL import Image

from chatforensics.intake.kinds import is_stump, may_be_picture
from chatforensics.pictures import child, decode, is_picture, shrink_picture
from chatforensics.pictures.decode import Pixels, decode_grey
from chatforensics.pictures.limits import Limits, NotDone, decode_in_child


def pixels(raw: bytes) -> Pixels:
    found = decode_grey(raw)
    assert isinstance(found, Pixels), found
    return found


def reason(raw: bytes) -> str:
    found = decode_grey(raw)
    assert isinstance(found, NotDone)
    return found.reason


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_each_kind_of_picture_is_told_by_its_content_and_decoded(kind: str) -> None:
    raw = encode(clouds(), kind)
    assert is_picture(raw[:12])
    found = pixels(raw)
    assert (found.width, found.height) == (300, 300)
    assert len(found.pixels) == found.shown_width * found.shown_height


@pytest.mark.parametrize("raw", [b"%PDF-1.7 and so on", b"RIFF....WAVEfmt ", encode(clouds(), "BMP")])
def test_what_is_no_picture_of_these_kinds_is_refused_whatever_its_name(raw: bytes) -> None:
    assert reason(raw) == decode.NO_PICTURE


def test_a_file_of_no_bytes_is_refused() -> None:
    assert reason(b"") == "the file is empty"


def test_a_file_over_the_limit_of_bytes_is_not_given_to_a_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "MAX_BYTES", 100)
    assert "over the limit of" in reason(jpeg(clouds()))


def test_half_a_jpeg_is_damaged() -> None:
    raw = jpeg(draw())
    assert reason(raw[: len(raw) // 2]) == decode.DAMAGED


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(32),
        b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(5_000) + b"\xff\xd9",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(5_000),
        b"RIFF....WEBPVP8X" + bytes(5_000),
        b"GIF89a" + bytes(5_000),
        b"GIF87a",
    ],
)
def test_a_stump_is_damaged_and_no_process_is_started_for_it(raw: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    assert child.answer(raw, task="grey") == b"no damaged\n"  # the decoder says the same
    monkeypatch.setattr(decode, "decode_in_child", None)
    assert reason(raw) == decode.DAMAGED
    assert isinstance(shrink_picture(raw), NotDone)


@pytest.mark.parametrize(
    ("kind", "ending"), [("JPEG", "JPG"), ("JPEG", "jpeg"), ("PNG", "png"), ("WEBP", "webp"), ("GIF", "gif")]
)
def test_the_smallest_picture_of_each_kind_is_whole(kind: str, ending: str) -> None:
    for mode in ("1", "L", "RGB"):
        if (kind, mode) in {("JPEG", "1"), ("WEBP", "1"), ("WEBP", "L")}:
            continue
        raw = encode(Image.new(mode, (1, 1)), kind)
        assert child.answer(raw, task="grey").startswith(b"ok ")
        assert not is_stump(raw)
        assert may_be_picture(f"x.{ending}", len(raw))
    assert not may_be_picture(f"x.{ending}", 20)
    assert not may_be_picture("x.txt", 5_000)


def test_a_png_of_30_000_by_30_000_is_refused_before_its_pixels_are_decoded() -> None:
    # One row of pixels only: whoever began to decode would find it damaged, not too large.
    assert "over the limit of pixels" in reason(png(30_000, 30_000, rows=1))


def test_a_picture_that_needs_more_memory_than_allowed_is_refused() -> None:
    raw = png(7_000, 7_000)
    answer = decode_in_child(raw, task="grey", limits=Limits(cpu_s=20, megabytes=150, answer_bytes=2**24))
    assert answer == b"no memory\n" or isinstance(answer, NotDone)


def test_a_large_picture_is_made_smaller_and_a_small_one_larger() -> None:
    large, small = pixels(jpeg(clouds(3000))), pixels(jpeg(clouds(300)))
    assert large.width == 3000
    assert large.shown_width * large.shown_height <= child.READ_PIXELS * 1.01
    assert (small.width, small.shown_width) == (300, 600)


def test_a_turned_picture_is_put_upright_as_its_exif_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = encode(draw(text="one line").rotate(90, expand=True), exif=exif.tobytes())
    found = pixels(turned)
    assert found.width > found.height


@pytest.mark.parametrize(("ink", "ground"), [((255, 255, 255, 255), 0), ((0, 0, 0, 255), 255)])
def test_what_is_drawn_on_a_transparent_ground_stands_out(ink: tuple[int, ...], ground: int) -> None:
    sticker = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    sticker.paste(ink, (20, 20, 40, 40))
    found = pixels(encode(sticker, "WEBP", lossless=True))
    assert found.pixels[0] == ground
    assert {min(found.pixels), max(found.pixels)} == {0, 255}


def test_sixteen_bits_of_grey_become_eight() -> None:
    deep = Image.fromarray(np.linspace(0, 4000, 64 * 64).reshape(64, 64).astype(np.uint16))
    found = pixels(encode(deep, "PNG"))
    assert min(found.pixels) == 0
    assert max(found.pixels) == 255
    assert 100 < sum(found.pixels) / len(found.pixels) < 155


def test_only_the_first_frame_of_a_moving_picture_is_decoded() -> None:
    black, white = Image.new("L", (20, 20), 0), Image.new("L", (20, 20), 255)
    assert max(pixels(encode(black, "GIF", save_all=True, append_images=[white])).pixels) == 0


def test_a_small_copy_holds_pixels_and_nothing_else_of_the_file() -> None:
    exif = Image.Exif()
    exif[0x010E] = "a secret"
    raw = encode(clouds(2000), exif=exif.tobytes(), comment=b"a comment") + b"<script>behind the end</script>"
    small = shrink_picture(raw)
    assert isinstance(small, bytes)
    with Image.open(io.BytesIO(small)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (600, 600))
        assert not picture.getexif()
    assert not any(word in small for word in (b"secret", b"comment", b"script"))


def test_a_damaged_picture_has_no_small_copy() -> None:
    assert isinstance(shrink_picture(jpeg(draw())[:500]), NotDone)
    assert isinstance(shrink_picture(b""), NotDone)


@given(
    answer=st.one_of(
        st.binary(max_size=40),
        st.tuples(*[st.integers(-1, 10**10)] * 4, st.binary(max_size=9)).map(
            lambda parts: b"ok %d %d %d %d\n" % parts[:4] + parts[4]
        ),
    )
)
def test_no_answer_of_a_decoder_that_was_taken_over_is_believed_unless_it_fits(answer: bytes) -> None:
    found = decode._unpack(answer, n_channels=1)
    if isinstance(found, Pixels):
        assert len(found.pixels) == found.shown_width * found.shown_height > 0
    else:
        assert found.reason in decode._REASONS.values()


@settings(max_examples=150, deadline=None)
@given(
    at=st.integers(0, 10**6), content=st.binary(min_size=1, max_size=30), kind=st.sampled_from(["JPEG", "PNG", "GIF"])
)
def test_bytes_changed_anywhere_give_pixels_or_a_reason_never_an_error(at: int, content: bytes, kind: str) -> None:
    raw = bytearray(encode(clouds(40), kind))
    at %= len(raw)
    raw[at : at + len(content)] = content
    answer = child.answer(bytes(raw), task="grey")
    assert answer.startswith(b"ok ") or answer in {b"no damaged\n", b"no pixels\n", b"no memory\n"}
