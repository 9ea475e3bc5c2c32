"""Many texts at once: files, archives and tables become texts, or problems with their reasons."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from services.engines.generator import Estimate
from services.engines.offline.generator import OfflineGenerator
from services.engines.prices import Prices
from services.engines.usage import Usage
from services.errors import InvalidInputError, TextTooLongError
from services.importing.texts.columns import TextColumns, guess_columns
from services.importing.texts.estimate import TextEstimates
from services.importing.texts.files import GivenFile, Unread, read_files
from services.importing.texts.held import GivenText, HeldTexts
from services.importing.texts.intake import Intakes
from tests.zips import lying_zip, odd_zip, zip_of

LONGEST = 1000
Read = Callable[..., tuple[dict[str, str], dict[str, str]]]


def read(
    *given: tuple[str, bytes], **columns: TextColumns
) -> tuple[dict[str, str], dict[str, str]]:
    """Texts by their labels, and problems by their names."""
    files = [GivenFile(name, io.BytesIO(content)) for name, content in given]
    named = {name.replace("_", "."): chosen for name, chosen in columns.items()}
    found = list(read_files(files, named, LONGEST, lambda _: None))
    for file in files:
        file.close()
    texts = {one.label: one.text for one in found if isinstance(one, GivenText)}
    return texts, {one.name: one.reason for one in found if isinstance(one, Unread)}


def test_an_odd_archive_gives_its_texts_and_a_reason_for_each_other_file() -> None:
    texts, problems = read(("odd.zip", odd_zip()))
    assert texts == {
        "etc/passwd.txt": "Ann bakes bread.",
        "above.md": "Bo drives a lorry.",
        "folder/windows.txt": "Cy mends lifts.",
        "Müller.txt": "Frau Müller pflegt.",
    }
    begins = {
        "inner.zip": "It is an archive inside the archive",
        "renamed.txt": "This is an archive or another program's document.",
        "table.csv": "It is a table",
        "blank.txt": "It is empty.",
        "picture.png": "Files of this kind cannot be read.",
        "bomb.txt": "It unpacks to more than 10 MB.",
        "link.txt": "It is a link to a file",
        "wrong-sum.txt": "It is damaged in the archive.",
        "secret.txt": "It is protected with a password",
    }
    assert problems.keys() == begins.keys()
    assert all(problems[name].startswith(begin) for name, begin in begins.items()), problems


def test_files_of_one_name_are_told_apart_by_their_folders() -> None:
    long = f"{'deep/' * 60}P03/transcript.txt"
    files = {"P01/transcript.txt": "Ann", "P02/transcript.txt": "Bo", long: "Cy"}
    texts, problems = read(("interviews.zip", zip_of(files)))
    assert list(texts.values()) == ["Ann", "Bo", "Cy"]
    first, second, third = texts
    assert (first, second) == ("P01/transcript.txt", "P02/transcript.txt")
    assert (len(third), third[-18:]) == (200, "P03/transcript.txt")
    assert problems == {}


def test_files_that_hold_nothing_and_of_other_kinds_say_what_to_do() -> None:
    given = [("empty.zip", zip_of({})), ("head.csv", b"text,name\n"), ("a.png", b"\x89PNG")]
    texts, problems = read(
        *given, ("b.zip", zip_of({"b.mp3": b"ID3"})), head_csv=TextColumns("text")
    )
    assert texts == {}
    kinds = (
        "Files of this kind cannot be read. Drop a .txt, .md, .pdf, .docx or .html file, or paste "
        "the text."
    )
    assert problems == {
        "empty.zip": "It holds no files. Pack the files with the texts into it, and give it again.",
        "head.csv": "It has no rows below its head. Write one text in each, and give it again.",
        "a.png": kinds,
        "b.mp3": kinds,
    }


def test_what_an_archive_says_of_itself_is_not_believed() -> None:
    texts, problems = read(("lie.zip", lying_zip()), ("after.txt", b"Ann bakes."))
    assert texts == {"after.txt": "Ann bakes."}
    assert problems.keys() == {"small.txt"}
    many = zip_of({f"{n}.txt": b"" for n in range(20_001)})
    _, problems = read(("many.zip", many), ("broken.zip", many[:1000]))
    assert "more than 20,000 files" in problems["many.zip"]
    assert "no ZIP archive, or is damaged" in problems["broken.zip"]


def test_a_table_gives_the_texts_of_its_column_with_their_labels() -> None:
    file = b"Ticket,Who,Body\nT-1,Ann,The oven is cold.\nT-2,,\n,Bo,'=late again\n"
    assert guess_columns(["Ticket", "Who", "Body"]) == TextColumns("Body", "Ticket")
    chosen = TextColumns("Body", "Ticket", "Who")
    texts, problems = read(("t.csv", file), ("long.txt", b"a" * 1001), t_csv=chosen)
    assert texts == {"T-1": "The oven is cold.", "t.csv, row 4": "=late again"}
    assert problems["t.csv, row 3"] == "The text is empty."
    assert "1,001 characters, more than the 1,000" in problems["long.txt"]


@pytest.fixture
def held() -> Iterator[HeldTexts]:
    texts = HeldTexts()
    for text in ("Ann", "Bo", "Ann", "Cy"):
        texts.add(GivenText(text, f"{text}.txt", sources=[]))
    yield texts
    texts.close()


def test_equal_and_stored_texts_are_left_out_unless_they_are_wanted(held: HeldTexts) -> None:
    held.stored.add(1)
    assert held.chosen(stored=False, again=False) == [0, 3]
    assert held.chosen(stored=True, again=True) == [0, 1, 2, 3]
    assert [text.text for _, text in held.texts([3, 0])] == ["Cy", "Ann"]
    assert held.characters([0, 3]) == 5
    first = held.add(GivenText("Ann", persona_id="p1"))
    assert held.chosen(stored=False, again=False) == [0, 3, first]  # a persona's own is no double


def test_the_estimate_is_a_range_that_a_sample_narrows() -> None:
    class Engine:
        def estimate(self, text: str) -> Estimate:
            if len(text) > 3:
                raise TextTooLongError
            return Estimate(1000, 400, 1)

        def most(self, text: str) -> Usage:
            return Usage(1000, 8000)

    texts = TextEstimates(Engine())
    for text in ("Ann", "Bo", "too long"):
        texts.add(text)
    prices = Prices(input=1.0, output=2.0)
    wide = texts.range([0, 1, 2], prices)
    assert wide is not None
    assert wide.cost is not None
    assert (wide.most, wide.too_long) == (Usage(2000, 800), 1)
    assert wide.cost[1] == pytest.approx(0.0036)
    assert wide.cost[0] < wide.cost[1]
    assert wide.cap == pytest.approx(0.0036 + 0.017)  # one more try is always begun
    close = texts.range([0, 1], prices, sample=0.5)
    assert close is not None
    assert (close.least, close.most) == (Usage(800, 320), Usage(1200, 480))
    unpriced = texts.range([0], Prices())
    assert unpriced is not None
    assert (unpriced.cost, unpriced.cap) == (None, 1400 + 9000)
    offline = TextEstimates(OfflineGenerator())
    offline.add("Ann")
    assert offline.range([0], prices) is None


def test_a_giving_that_is_not_held_says_what_to_do() -> None:
    with pytest.raises(InvalidInputError, match="Give the files again"):
        Intakes([]).of(uuid4())
