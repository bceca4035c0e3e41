"""Words read in pictures."""

import pytest
from pictures.drawn import BUBBLE, TEXTS, a_reader, clouds, draw, error_rate, jpeg, snow
from PIL import Image, ImageOps

from chatforensics.pictures import Reader, find_reader, read
from chatforensics.pictures.decode import Pixels, decode_grey
from chatforensics.pictures.limits import Limits, NotDone
from chatforensics.pictures.read import Reading, Word, read_text


def look(picture: Image.Image, quality: int = 80) -> Reading | NotDone | None:
    reader = a_reader()
    pixels = decode_grey(jpeg(picture, quality))
    assert isinstance(pixels, Pixels)
    return read_text(pixels, reader=reader)


def words(picture: Image.Image, quality: int = 80) -> Reading:
    found = look(picture, quality)
    assert isinstance(found, Reading), found
    return found


@pytest.mark.parametrize(("kind", "most"), [("eng", 0.02), ("urd", 0.06), ("ben", 0.06), ("pan", 0.06), ("hin", 0.06)])
def test_clean_words_are_read_in_their_own_language(kind: str, most: float) -> None:
    found = words(draw(kind))
    assert error_rate(found.text, TEXTS[kind]) <= most
    assert kind in found.languages
    assert found.mean_confidence > 80


@pytest.mark.parametrize(
    "change",
    [
        lambda picture: picture.rotate(2, expand=True, fillcolor=BUBBLE, resample=Image.Resampling.BICUBIC),
        lambda picture: picture.resize((500, picture.height // 2)),
        ImageOps.invert,
    ],
    ids=["rotated", "small", "light on dark"],
)
def test_english_survives_what_phones_do_to_pictures(change: "object") -> None:
    assert error_rate(words(change(draw()), 40).text, TEXTS["eng"]) <= 0.03  # type: ignore[operator]


def test_names_in_latin_letters_are_read_within_another_script() -> None:
    picture = draw("hin", text=TEXTS["hin"])
    latin = draw(text="On the second paper vote for Amara Osei and Tomasz Nowak.")
    both = Image.new("RGB", (1000, picture.height + latin.height), BUBBLE)
    both.paste(picture)
    both.paste(latin, (0, picture.height))
    found = words(both)
    assert "Amara Osei" in found.text
    assert "अमारा ओसेई" in found.text


@pytest.mark.parametrize("picture", [clouds(), Image.new("RGB", (400, 300), "grey"), Image.linear_gradient("L")])
def test_a_picture_without_words_gives_none(picture: Image.Image) -> None:
    assert look(picture.convert("RGB")) is None


def test_noise_beside_words_is_left_out() -> None:
    picture = Image.new("RGB", (1000, 700), "white")
    picture.paste(clouds(1000).resize((1000, 380)))
    picture.paste(draw(), (0, 400))
    assert error_rate(words(picture).text, TEXTS["eng"]) <= 0.05


def test_a_picture_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "READING", Limits(cpu_s=1, megabytes=2048, answer_bytes=10**6))
    found = look(snow(1500).convert("RGB"), 95)
    assert found == NotDone("it took longer than the limit of time")


def test_without_the_program_there_is_no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    find_reader.cache_clear()
    assert find_reader() is None
    find_reader.cache_clear()


def test_a_program_that_fails_is_no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatforensics.pictures.read.shutil.which", lambda _: "/bin/false")
    find_reader.cache_clear()
    assert find_reader() is None
    find_reader.cache_clear()


def test_one_language_alone_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []

    def listen(_page: bytes, languages: tuple[str, ...], _reader: Reader) -> list[Word]:
        asked.append(languages)
        return [Word("unsure", 40.0, ("1", "1", "1"))]

    monkeypatch.setattr(read, "_read_page", listen)
    assert read_text(Pixels(1, 1, 1, 1, b"\0"), reader=Reader("x", "5", ("eng",))) is None
    assert asked == [("eng",)]


def test_sure_english_is_not_read_again_in_other_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []

    def listen(_page: bytes, languages: tuple[str, ...], _reader: Reader) -> list[Word]:
        asked.append(languages)
        return [Word("Sure", 96.0, ("1", "1", "1")), Word("words", 95.0, ("1", "1", "2"))]

    monkeypatch.setattr(read, "_read_page", listen)
    found = read_text(Pixels(1, 1, 1, 1, b"\0"), reader=Reader("x", "5", ("eng", "urd")))
    assert isinstance(found, Reading)
    assert (found.text, found.languages) == ("Sure\nwords", ("eng",))
    assert found.mean_confidence == pytest.approx(95.44, abs=0.01)
    assert asked == [("eng",)]


def test_an_unsure_word_stays_in_a_line_that_is_sure_and_goes_from_noise() -> None:
    line, noise = ("1", "1", "1"), ("1", "1", "2")
    sure = [Word("vote", 96.0, line), Word("for", 96.0, line), Word("Osei", 96.0, line), Word("only", 20.0, line)]
    found = read._keep([*sure, Word("mMi", 40.0, noise), Word("—", 90.0, noise)], ("eng",))
    assert found is not None
    assert found.text == "vote for Osei only"


def test_rows_that_are_no_words_are_passed_over() -> None:
    row = "5\t1\t1\t1\t1\t1\t0\t0\t9\t9\t{}\t{}"
    table = "\n".join(
        [
            row.format("96.5", "\u202bعلی\u202c"),
            row.format("x", "no number"),
            row.format("95", " "),
            "4\t1",
            "",
            row.format("-1", "a\x07b"),
        ]
    )
    assert [(word.text, word.confidence) for word in read._parse_words(table)] == [("علی", 96.5), ("ab", -1.0)]


def test_an_unsure_line_between_sure_ones_stays_and_one_at_the_edge_goes() -> None:
    def line(number: int, confidence: float) -> list[Word]:
        return [Word(f"line{number}", confidence, ("1", "1", str(number))) for _ in range(2)]

    words = [word for number, confidence in enumerate((30, 96, 29, 96, 95, 40)) for word in line(number, confidence)]
    found = read._keep(words, ("eng",))
    assert found is not None
    assert found.text.split() == [f"line{number}" for number in (1, 2, 3, 4) for _ in range(2)]
