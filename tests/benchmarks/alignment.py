"""How well and how fast altered quotes are found: `python -m tests.benchmarks.alignment`.

Works on 100 KB of fictional text made from a fixed seed, so every run sees the same quotes. Times
are given as a ratio to `str.find` of the same quotes in the same run: that compares machines.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from services.evidence.text.alignment import Aligner, Match

SEED = 20_240_607
CHARACTERS = 100_000
QUOTES = 200
TIMED_QUOTES = 60
ROUNDS = 7

_NAMES = "Priya Tom Aylin Marcus Ines Jonas Mei Omar Lucía Søren Chidi Hanna Yusuf Clara".split()  # noqa: SIM905
_PLACES = "Leeds Lyon Porto Graz Turku Bergen Cork Ghent Malmö Brno Padua Murcia".split()  # noqa: SIM905
_TOPICS = [
    *("supplier invoices", "night shifts", "care plans", "delivery routes", "patient records"),
    *("price lists", "audit reports", "team rotas", "grant budgets", "harvest forecasts"),
    *("spare parts", "booking requests", "lab samples", "training courses", "rental contracts"),
]
_SENTENCES = [
    "{name} told us that the {topic} for {place} take roughly {n} hours every single week.",
    "When the {topic} arrive late, {name} calls the office in {place} and waits for an answer.",
    "“I don’t trust {topic} that I can’t trace back,” {name} said — and checked {n} of them.",
    "She wants to move all {n} {topic} from {place} into one system before the next spring.",
    "Nobody in {place} explained to {name} why the {topic} were changed after {n} months.",
    "He enjoys preparing the {topic} with {name}, because the people in {place} are patient.",
    "For {n} years the {topic} in {place} were kept on paper, which {name} still prefers.",
    "The manager of {place} asked {name} to compare {n} different {topic} and to report back.",
    "{name} would rather walk through {place} than spend another evening with the {topic}.",
    "Most colleagues in {place} forget the {topic}; {name} keeps a list of {n} open questions.",
]
_TAILS = [
    *("which {name} calls the {adjective} part of the job", "and {name} finds it {adjective}"),
    *("as {name} wrote on a {adjective} {day}", "mostly on a {day} before the {adjective} round"),
    *("says the {adjective} memo of {day}", "though {name} once had a {adjective} {day} with it"),
]
_ADJECTIVES = [
    *("dreary", "gentle", "frantic", "curious", "sober", "bright", "tangled", "rustic", "plain"),
    *("solemn", "hasty", "brittle", "mellow", "costly", "playful", "stubborn", "narrow", "loyal"),
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_SYNONYMS = {
    "told": "informed", "roughly": "about", "every": "each", "arrive": "come", "late": "delayed",
    "calls": "phones", "waits": "hopes", "trust": "believe", "checked": "verified",
    "wants": "intends", "move": "transfer", "explained": "clarified", "changed": "altered",
    "enjoys": "likes", "preparing": "drafting", "patient": "calm", "kept": "stored",
    "prefers": "favours", "manager": "head", "asked": "told", "compare": "contrast",
    "rather": "sooner", "walk": "stroll", "evening": "night", "forget": "overlook",
    "keeps": "maintains", "open": "pending", "spend": "waste", "report": "write",
}  # fmt: skip

Distortion = Callable[[random.Random, str], str | None]


def text_and_quotes(random_: random.Random) -> tuple[str, list[tuple[int, str]]]:
    """100 KB of sentences and, for the quotes, whole sentences of it with their offsets."""
    parts: list[str] = []
    sentences: list[tuple[int, str]] = []
    length = 0
    while length < CHARACTERS:
        sentence = _sentence(random_)
        sentences.append((length, sentence))
        parts.append(sentence + random_.choice([" ", " ", " ", "\n", "\r\n\r\n"]))
        length += len(parts[-1])
    text = "".join(parts)
    unique = [item for item in sentences if text.count(item[1]) == 1]
    return text, random_.sample(unique, QUOTES)


def _sentence(random_: random.Random) -> str:
    template = f"{random_.choice(_SENTENCES)[:-1]}, {random_.choice(_TAILS)}."
    return template.format(
        name=random_.choice(_NAMES),
        place=random_.choice(_PLACES),
        topic=random_.choice(_TOPICS),
        n=random_.randint(2, 960),
        adjective=random_.choice(_ADJECTIVES),
        day=random_.choice(_DAYS),
    )


def exact(_: random.Random, quote: str) -> str:
    return quote


def other_form(_: random.Random, quote: str) -> str:
    """Straight quote marks, plain dashes, other case, line broken."""
    plain = quote.translate(str.maketrans("“”’—", '""\'-')).upper()
    return plain.replace(" ", "\n", 1)


def typos(random_: random.Random, quote: str) -> str:
    """Two letters swapped, dropped or doubled; never a digit."""
    letters = list(quote)
    for _ in range(2):
        i = random_.choice([i for i in range(1, len(letters) - 1) if letters[i].isalpha()])
        letters[i] = random_.choice(["", letters[i] * 2, random_.choice("etaoin")])
        letters = list("".join(letters))
    return "".join(letters)


def two_synonyms(random_: random.Random, quote: str) -> str | None:
    words = quote.split(" ")
    places = [i for i, word in enumerate(words) if word in _SYNONYMS]
    if len(places) < 2:
        return None
    for i in random_.sample(places, 2):
        words[i] = _SYNONYMS[words[i]]
    return " ".join(words)


def dropped_words(random_: random.Random, quote: str) -> str:
    """One or two words left out; never a number or a negation."""
    words = quote.split(" ")
    for _ in range(random_.randint(1, 2)):
        plain = [i for i, word in enumerate(words) if word.isalpha() and word != "Nobody"]
        del words[random_.choice(plain)]
    return " ".join(words)


def ellipsis(_: random.Random, quote: str) -> str:
    words = quote.split(" ")
    third = len(words) // 3
    return " ".join([*words[:third], "...", *words[-third:]])


def altered_number(random_: random.Random, quote: str) -> str | None:
    words = quote.split(" ")
    places = [i for i, word in enumerate(words) if word.isdigit()]
    if not places:
        return None
    words[places[0]] = str(int(words[places[0]]) + random_.randint(1, 40))
    return " ".join(words)


def inserted_not(random_: random.Random, quote: str) -> str:
    words = quote.split(" ")
    words.insert(random_.randint(1, len(words) - 1), "not")
    return " ".join(words)


def another_name(_: random.Random, quote: str) -> str | None:
    """The sentence said of somebody else."""
    names = [name for name in _NAMES if f" {name}" in quote]
    return quote.replace(f" {names[0]}", " Bartholomew", 1) if names else None


def unrelated(random_: random.Random, _: str) -> str:
    """A sentence of the same flavour that the text does not hold."""
    subject = random_.choice(_NAMES)
    verbs = ["collects old", "paints", "refuses to discuss", "writes songs about", "sells"]
    things = ["stamps and coins", "the harbour at dawn", "family holidays", "steam engines"]
    return f"{subject} {random_.choice(verbs)} {random_.choice(things)} with great delight"


SHOULD_BE_FOUND: dict[str, Distortion] = {
    "exact": exact,
    "case, quote marks, line ends": other_form,
    "two typos": typos,
    "two synonyms": two_synonyms,
    "one or two words dropped": dropped_words,
    "ellipsis": ellipsis,
}
SHOULD_NOT_BE_FOUND: dict[str, Distortion] = {
    "altered number": altered_number,
    "inserted “not”": inserted_not,
    "another name": another_name,
    "unrelated sentence": unrelated,
}


def rates(
    aligner: Aligner, quotes: list[tuple[int, str]], distort: Distortion
) -> tuple[int, int, int]:
    """(quotes tried, found where they stand, found elsewhere)."""
    random_ = random.Random(SEED)  # noqa: S311
    tried = right = wrong = 0
    for offset, sentence in quotes:
        quote = distort(random_, sentence)
        if quote is None:
            continue
        tried += 1
        match = aligner.find(quote)
        if match:
            there = _overlap(match, offset, offset + len(sentence))
            right, wrong = right + there, wrong + (not there)
    return tried, right, wrong


def _overlap(match: Match, start: int, end: int) -> bool:
    """True if at least half of either span lies within the other."""
    shared = min(match.end, end) - max(match.start, start)
    return shared * 2 >= min(match.end - match.start, end - start)


def seconds(run: Callable[[], object]) -> float:
    """Median of some rounds."""
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        run()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def timings(text: str, quotes: list[tuple[int, str]]) -> list[tuple[str, float]]:
    """Seconds for 60 quotes with a fresh aligner, by what they are like."""
    random_ = random.Random(SEED)  # noqa: S311
    whole = [quote for _, quote in quotes[:TIMED_QUOTES]]
    mixes = {
        "str.find, exact (baseline)": whole,
        "as models quote: 45 exact, 10 form, 5 typos": whole[:45]
        + [other_form(random_, quote) for quote in whole[45:55]]
        + [typos(random_, quote) for quote in whole[55:]],
        "all exact": whole,
        "all with typos": [typos(random_, quote) for quote in whole],
        "none in the text": [unrelated(random_, quote) for quote in whole],
    }
    baseline, *rest = mixes.items()
    rows = [(baseline[0], seconds(lambda: [text.find(quote) for quote in baseline[1]]))]
    for label, mix in rest:
        rows.append((label, seconds(lambda mix=mix: _find_all(text, mix))))  # type: ignore[misc]
    return rows


def _find_all(text: str, quotes: list[str]) -> None:
    aligner = Aligner(text)
    for quote in quotes:
        aligner.find(quote)


def main() -> None:
    text, quotes = text_and_quotes(random.Random(SEED))  # noqa: S311
    aligner = Aligner(text)
    print(f"Text of {len(text):,} characters, {len(quotes)} quotes a kind, seed {SEED}\n")
    print(f"{'quotes altered by':44}{'tried':>7}{'found':>8}{'elsewhere':>11}")
    for label, distort in SHOULD_BE_FOUND.items():
        tried, right, wrong = rates(aligner, quotes, distort)
        print(f"{label:44}{tried:7}{right / tried:8.3f}{wrong:11}")
    print(f"\n{'must not be found':44}{'tried':>7}{'false':>8}")
    for label, distort in SHOULD_NOT_BE_FOUND.items():
        tried, right, wrong = rates(aligner, quotes, distort)
        print(f"{label:44}{tried:7}{right + wrong:8}")
    print(f"\n{TIMED_QUOTES} quotes in the text, aligner built anew{'ms':>10}{'ratio':>9}")
    rows = timings(text, quotes)
    for label, taken in rows:
        print(f"{label:44}{taken * 1e3:9.2f}{taken / rows[0][1]:9.1f}")


if __name__ == "__main__":
    main()
