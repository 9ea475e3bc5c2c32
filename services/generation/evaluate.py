"""Measure an engine on labelled texts, or two side by side.

    python -m services.generation.evaluate [--engine offline] [TEXTS] [LABELS] [--compare openai]

The engine "openai" is the configured model; "second-look", "second-pass" and "both" are the same
with these settings on: compared with "openai" they show what each is worth.

TEXTS is a folder of .txt files, LABELS a JSON object: name of a text without .txt → field → values
(see services/generation/scoring.py). Prints precision, recall and F1 by field, the share of quotes
that stand in the text, seconds, and tokens and cost where they are known.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from services.engines.generator import Generator, ignore_progress
from services.engines.offline.generator import OfflineGenerator
from services.engines.prices import Prices
from services.engines.usage import Usage
from services.errors import DashboardError, InvalidInputError
from services.evidence.schema import Claim
from services.evidence.text.alignment import Aligner
from services.generation.drafting import draft_persona
from services.generation.scoring import Labels, Tally, score, total
from services.settings import get_settings

TEXTS = Path("tests/texts")
LABELS_NAME = "labels.json"


@dataclass
class Report:
    """What one engine made of all texts."""

    engine: str
    fields: dict[str, Tally] = field(default_factory=dict)
    quotes: int = 0
    quotes_found: int = 0
    looked_at: int = 0
    """Claims that a second look has judged, and those of them that it did not confirm."""
    doubted: int = 0
    seconds: float = 0.0
    usage: Usage | None = None
    cost: float | None = None
    """USD, None if the engine has no prices."""

    def add(self, tallies: Mapping[str, Tally]) -> None:
        """Take in the tallies of one more text."""
        for name, tally in tallies.items():
            self.fields[name] = self.fields.get(name, Tally()) + tally


def evaluate(
    generator: Generator, texts: Mapping[str, str], labels: Mapping[str, Labels]
) -> Report:
    """Draft every labelled text and score it. Raises GenerationError as the engine does."""
    report = Report(generator.name)
    for name, wanted in labels.items():
        begun = time.perf_counter()
        result = draft_persona(texts[name], generator, ignore_progress)
        draft, look = result.draft, result.second_look
        report.seconds += time.perf_counter() - begun
        report.add(score(result.claims(), wanted))
        report.quotes += len(draft.claims)
        report.quotes_found += located(texts[name], draft.claims)
        if look is not None:
            report.looked_at += look.checked
            report.doubted += len(look.doubted)
        if draft.usage is not None:
            report.usage = (report.usage or Usage()) + draft.usage
    return report


def located(text: str, claims: Sequence[Claim]) -> int:
    """How many claims quote words that stand in the text."""
    aligner = Aligner(text)
    return sum(aligner.find(claim.quote) is not None for claim in claims)


def load(folder: Path, labels_file: Path) -> tuple[dict[str, str], dict[str, Labels]]:
    """The texts and their labels. Raises InvalidInputError if a file is missing or no JSON."""
    try:
        labels: dict[str, Labels] = json.loads(labels_file.read_text(encoding="utf-8"))
        texts = {name: (folder / f"{name}.txt").read_text(encoding="utf-8") for name in labels}
    except (OSError, ValueError) as error:
        advice = "Give a folder of .txt files and a labels.json that names them."
        raise InvalidInputError(f"The labelled texts cannot be read: {error}.", advice) from error
    return texts, labels


def table(reports: Sequence[Report]) -> str:
    """The reports side by side, one row a field."""
    columns = "  {:>9} {:>6} {:>6}" * len(reports)
    width = 16
    engines = "".join(f"  {report.engine:^23}" for report in reports)
    lines = [" " * width + engines.rstrip()]
    lines.append(
        "field".ljust(width) + columns.format(*["precision", "recall", "F1"] * len(reports))
    )
    for name in reports[0].fields:
        lines.append(name.ljust(width) + columns.format(*_figures(reports, name)))
    lines.append("all fields".ljust(width) + columns.format(*_figures(reports, None)))
    for title, show in _ROWS:
        lines.append(title.ljust(width) + "".join(f"  {show(report):>23}" for report in reports))
    return "\n".join(lines)


def _figures(reports: Sequence[Report], name: str | None) -> list[str]:
    figures: list[str] = []
    for report in reports:
        tally = total(report.fields.values()) if name is None else report.fields[name]
        figures += [f"{tally.precision:.2f}", f"{tally.recall:.2f}", f"{tally.f1:.2f}"]
    return figures


def _quotes(report: Report) -> str:
    share = report.quotes_found / report.quotes if report.quotes else 1.0
    return f"{report.quotes_found}/{report.quotes} ({share:.0%})"


def _second_look(report: Report) -> str:
    return f"{report.doubted} of {report.looked_at} out" if report.looked_at else "–"


def _tokens(report: Report) -> str:
    if report.usage is None:
        return "–"
    return f"{report.usage.input_tokens} in, {report.usage.output_tokens} out"


_ROWS: tuple[tuple[str, Callable[[Report], str]], ...] = (
    ("quotes in text", _quotes),
    ("second look", _second_look),
    ("seconds", lambda report: f"{report.seconds:.1f}"),
    ("tokens", _tokens),
    ("cost (USD)", lambda report: "–" if report.cost is None else f"{report.cost:.4f}"),
)


def _offline() -> Generator:
    return OfflineGenerator()


def _openai(**switches: bool) -> Generator:
    from services.engines.model.generator import OpenAIGenerator  # slow to import

    names = {name: switches.get(name, False) for name in _SWITCHES}
    return OpenAIGenerator.from_settings(get_settings().model_copy(update=names))


_SWITCHES = ("openai_second_look", "openai_second_pass")
ENGINES: dict[str, Callable[[], Generator]] = {
    "offline": _offline,
    "openai": _openai,
    "second-look": lambda: _openai(openai_second_look=True),
    "second-pass": lambda: _openai(openai_second_pass=True),
    "both": lambda: _openai(openai_second_look=True, openai_second_pass=True),
}


def measure(engine: str, texts: Mapping[str, str], labels: Mapping[str, Labels]) -> Report:
    """Evaluate one of ENGINES, with the cost by the prices in the settings."""
    report = evaluate(ENGINES[engine](), texts, labels)
    report.engine = engine
    if report.usage is not None:
        report.cost = Prices.from_settings(get_settings()).cost(report.usage)
    return report


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure drafting engines on labelled texts.")
    parser.add_argument("--engine", choices=ENGINES, default="offline")
    parser.add_argument("--compare", choices=ENGINES, help="a second engine, side by side")
    parser.add_argument("texts", nargs="?", type=Path, default=TEXTS, help="folder of .txt files")
    parser.add_argument("labels", nargs="?", type=Path, help="default: labels.json in that folder")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """The command. Returns 0, or 1 if something could not be read or drafted."""
    arguments = _arguments(words)
    engines = [arguments.engine] + ([arguments.compare] if arguments.compare else [])
    try:
        texts, labels = load(arguments.texts, arguments.labels or arguments.texts / LABELS_NAME)
        reports = [measure(engine, texts, labels) for engine in engines]
    except DashboardError as error:
        print(error, file=sys.stderr)
        return 1
    print(table(reports))
    return 0


if __name__ == "__main__":
    sys.exit(main())
