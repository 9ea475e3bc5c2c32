"""Fictional personas in any number, from a fixed seed, loaded by COPY."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

SEED = 20_261_122
COMMON_WORD = "invoices"  # in two of three texts
RARE_WORD = "theodolite"  # in one of RARE_EVERY texts
RARE_EVERY = 20_000
START = datetime(2024, 1, 1, tzinfo=UTC)

_FIRST = (  # noqa: SIM905
    "Ada Aylin Bela Bruno Chidi Clara Dario Dina Elif Emre Fatma Felix Greta Hana Hugo Ines Ivo "
    "Jana Jonas Kaito Karin Lars Leila Lucía Marcus Marta Mei Milan Nadia Nils Olga Omar Paula "
    "Priya Quinn Rafael Rosa Samir Selma Søren Tara Tom Uma Victor Wanda Yara Yusuf Zoe"
).split()
_LAST_A = "Alder Berg Castel Dorn Eber Fal Gran Holm Ister Jar Kald Lund Mor Nor Oster Pell".split()  # noqa: SIM905
_LAST_B = "son man stein wood field quist ova ini ero ell aro sen ton wick".split()  # noqa: SIM905
_CITIES = "Leeds Lyon Porto Graz Turku Bergen Cork Ghent Malmö Brno Padua Murcia Madrid".split()  # noqa: SIM905
_ROLES = (  # noqa: SIM905
    "nurse,baker,pilot,welder,archivist,procurement lead,data analyst,bus driver,teacher,"
    "florist,midwife,cartographer,plumber,translator,shift planner"
).split(",")
_SKILLS = "SQL,Excel,Power BI,Python,AutoCAD,welding,sign language,Figma,bookkeeping".split(",")  # noqa: SIM905
_TOPICS = "care plans,night shifts,price lists,spare parts,lab samples,grant budgets".split(",")  # noqa: SIM905
_SENTENCES = (
    "{name} told us that the {topic} for {city} take roughly {n} hours every single week.",
    "When the {topic} arrive late, the office in {city} waits for an answer until day {n}.",
    "Nobody explained why the supplier invoices were changed after {n} months.",
    "All {n} invoices from {city} should move into one system before the next spring.",
    "Most colleagues forget the {topic}; there is a list of {n} open questions in case {case}.",
)
_COLUMNS = "raw_text, persona, evidence, generation, status, created_at, updated_at"


def synthetic_rows(count: int) -> Iterator[tuple[Any, ...]]:
    """Rows of the table personas in the order of _COLUMNS; the same for the same count."""
    draw = random.Random(SEED)  # noqa: S311
    for number in range(count):
        yield _row(draw, number)


def load_personas(db_url: str, count: int) -> None:
    """Put `count` personas into a database, beside what is there, without their history."""
    with psycopg.connect(db_url) as connection:
        connection.execute("set session_replication_role = replica")  # no triggers but one
        connection.execute("alter table personas enable always trigger personas_search_words")
        statement = f"copy personas ({_COLUMNS}) from stdin".encode()
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in synthetic_rows(count):
                copy.write_row(row)
        connection.execute("alter table personas enable trigger personas_search_words")


def _row(draw: random.Random, number: int) -> tuple[Any, ...]:
    name = f"{draw.choice(_FIRST)} {draw.choice(_LAST_A)}{draw.choice(_LAST_B)}"
    city, topic = draw.choice(_CITIES), draw.choice(_TOPICS)
    values = {"name": name, "city": city, "topic": topic, "case": f"c{draw.getrandbits(40):x}"}
    sentences = [
        sentence.format(n=draw.randrange(1000), **values)
        for sentence in draw.choices(_SENTENCES, k=5)
    ]
    if number % RARE_EVERY == RARE_EVERY // 2:
        sentences.append(f"A {RARE_WORD} stands in the corner.")
    persona = {
        "name": name,
        "age": draw.randrange(18, 80),
        "role": draw.choice(_ROLES),
        "location": city,
        "skills": draw.sample(_SKILLS, 3),
        "goals": [f"halve the time for {topic} in {city}", f"close case {values['case']}"],
        "pain_points": [sentences[0]],
        "summary": f"{name} works on {topic} in {city}.",
    }
    evidence = [{"path": "/location", "quote": city, "start": 0, "end": 1, "support": "stated"}]
    generation = {"engine": "offline"} if number % 3 else None
    at = START + timedelta(seconds=number // 4)  # four at a time: every order has ties
    return (
        " ".join(sentences),
        json.dumps(persona, ensure_ascii=False),
        json.dumps(evidence if number % 2 else [], ensure_ascii=False),
        json.dumps(generation) if generation else None,
        draw.choices(("draft", "in_review", "approved", "rejected"), (70, 10, 19, 1))[0],
        at,
        at + timedelta(minutes=draw.randrange(100_000)),
    )
