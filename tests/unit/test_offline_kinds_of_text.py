"""The offline engine on kinds of texts: chats, surveys, notes, letters; and plain wordings."""

from __future__ import annotations

import pytest

from services.engines.offline.generator import OfflineGenerator


def values(text: str, field: str) -> list[str]:
    return [
        claim.value for claim in OfflineGenerator().generate(text).claims if claim.field == field
    ]


CHAT = (
    "[20:01] rosa_ux: hi! who are you, roughly?\n"
    "[20:01] tomi_88: ok. tomi, 22, from tampere. i edit with capcut\n"
    "[20:02] rosa_ux: and what is difficult?\n"
    "[20:02] tomi_88: the app logs me out every time\n"
    "[20:03] rosa_ux: anything planned?\n"
    "[20:03] tomi_88: im saving for a new bike\n"
)
NICKS = (
    "<ilo> hi\n<ann> hello\n<ilo> im ilo, 31, and i live in dundee\n<ann> nice\n"
    "<ilo> exports fail\n"
)
STAMPED = (
    "Customer: Ida Brandvik, warehouse supervisor, Bergen\n"
    "[Customer, 09:12] The labels are always wrong.\n"
    "[Agent, 09:30] I want to help you. I'm in Dublin.\n"
    "[Customer, 09:41] I need this sorted before Friday.\n"
)
SURVEY = (
    "Q1. What is your name? (optional)\nA: Bettina\n\n"
    "Q2. How old are you?\nA: 25-30 years old\n\n"
    "Q3. Where do you live?\nA: near kassel\n\n"
    "Q4. What do you do for a living?\nA: veterinary assistant\n\n"
    "Q5. What do you find frustrating?\nA: The reminders ring when I sleep.\n\n"
    "Q6. What would you like to be able to do?\nA: scan labels\n\n"
    "Q7. Which other apps do you use?\nA: Spotify\n"
)
ONE_LINERS = (
    "First name: Tunde\nAge group: 35–44\nOccupation: electrician\n"
    "What is the hardest part of ordering? Knowing what is in stock.\n"
    "What do you wish the shop offered? one-click reorder\n"
    "Anything we got right? the people on the phone\n"
)
NOTES = (
    "CONTACT: Sigrun Halvorsen, CFO\n\n"
    "- 51, ex-banker\n"
    "- Pain: closing takes 9 working days. Auditors complain every year.\n"
    "- Goal: close in four days\n"
    "Quote: numbers first\n"
)
LETTER = (
    "Piotr Wasilewski\nul. Lipowa 8\n\nLublin, 3 March 2026\n\nDear team,\n\n"
    "I have been teaching English to adults for nine years. I work with Moodle.\n\n"
    "Yours sincerely,\nPiotr Wasilewski\n"
)
PROFILE = (
    "The participant, Mrs. Edelgard Noack, lives in Chemnitz. She is in her early seventies.\n"
    "She worked as a seamstress."
)
DIARY = (
    "I follow Mr Theophilus Anane, forty-six, locum pharmacist, through the morning.\n"
    "He has no login of his own. His boss hates the printer.\n\n"
    "On Epic + Excel. The reader is stuck.\n"
)
SIGNED = (
    "I'm responsible for the laboratory, and I like it. We would be grateful for a way back.\n\n"
    "Dott.ssa Ornella Vacchetti\nLaboratory manager\n"
)
HEADLINE = (
    "Tendai Mutasa (he/him)\nAnalyst @ Baobab Foods\n\nI like maps and I have no time for them."
)
RESEARCHERS = (
    "Researcher A: Who are you?\nParticipant: I repair lifts.\n"
    "Researcher B: I was a student, I sold tickets.\nParticipant: Nobody queues any more.\n"
)
NUMBERED = (
    "Spoke with: Rehema Juma, export manager (36)\nCustomer: Mombasa Fresh Exports\n\n"
    "- wish 1: renewals by phone\n- wish 2: a bigger screen\n\n"
    "What she finds hard\nSpare parts take three weeks, and in gloves she hits the wrong button.\n"
)
GERMAN = (
    "Vorname: Ayşe\nAlter: 47\nTätigkeit: Filialleiterin\nStandort: Duisburg\n"
    "Frustrationen: drei Systeme; drei Passwörter\nZitat: alles auf einmal\n"
)


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        (CHAT, "name", ["tomi"]),
        (CHAT, "age", ["22"]),
        (CHAT, "location", ["tampere"]),
        (CHAT, "skills", ["capcut"]),
        (CHAT, "goals", ["a new bike"]),
        (CHAT, "pain_points", ["the app logs me out every time"]),
        (NICKS, "name", ["ilo"]),
        (NICKS, "location", ["dundee"]),
        (STAMPED, "name", ["Ida Brandvik"]),
        (STAMPED, "role", ["warehouse supervisor"]),
        (STAMPED, "location", ["Bergen"]),
        (STAMPED, "goals", ["this sorted before Friday"]),
        (STAMPED, "pain_points", ["The labels are always wrong"]),
        (SURVEY, "name", ["Bettina"]),
        (SURVEY, "age", ["25-30"]),
        (SURVEY, "location", ["kassel"]),
        (SURVEY, "role", ["veterinary assistant"]),
        (SURVEY, "pain_points", ["The reminders ring when I sleep"]),
        (SURVEY, "goals", ["scan labels"]),
        (SURVEY, "skills", ["Spotify"]),
        (ONE_LINERS, "name", ["Tunde"]),
        (ONE_LINERS, "age", ["35–44"]),
        (ONE_LINERS, "pain_points", ["Knowing what is in stock"]),
        (ONE_LINERS, "goals", ["one-click reorder"]),
        (NOTES, "age", ["51"]),
        (NOTES, "goals", ["close in four days"]),
        (
            NOTES,
            "pain_points",
            ["closing takes 9 working days", "Auditors complain every year"],
        ),
        (LETTER, "location", ["Lublin"]),
        (LETTER, "role", ["teaching English"]),
        (PROFILE, "name", ["Edelgard Noack"]),
        (PROFILE, "age", ["early seventies"]),
        (DIARY, "name", ["Theophilus Anane"]),
        (DIARY, "age", ["forty-six"]),
        (DIARY, "role", ["locum pharmacist"]),
        (DIARY, "skills", ["Epic", "Excel"]),
        (DIARY, "pain_points", ["He has no login of his own", "The reader is stuck"]),
        (SIGNED, "name", ["Ornella Vacchetti"]),
        (SIGNED, "goals", ["a way back"]),
        (HEADLINE, "name", ["Tendai Mutasa"]),
        (RESEARCHERS, "role", []),
        (NUMBERED, "name", ["Rehema Juma"]),
        (NUMBERED, "age", ["36"]),
        (NUMBERED, "goals", ["renewals by phone", "a bigger screen"]),
        (GERMAN, "location", ["Duisburg"]),
        (GERMAN, "role", ["Filialleiterin"]),
        (GERMAN, "pain_points", ["drei Systeme", "drei Passwörter"]),
    ],
)
def test_kinds_of_texts(text: str, field: str, expected: list[str]) -> None:
    assert values(text, field) == expected


@pytest.mark.parametrize(
    ("sentence", "field", "expected"),
    [
        ("As a wedding photographer I travel a lot.", "role", "wedding photographer"),
        ("I drive a night bus.", "role", "drive a night bus"),
        ("I work full time as a tax adviser.", "role", "tax adviser"),
        ("I coordinate volunteers for a charity.", "role", "coordinate volunteers"),
        ("I am 41 already.", "age", "41"),
        ("I live in a small flat in Malmö.", "location", "Malmö"),
        ("I swear by MusePad and Klopfwerk.", "skills", "MusePad"),
        ("I'd be happy with a plain list.", "goals", "a plain list"),
        ("I wish it would tell me first.", "goals", "it would tell me first"),
        ("It would be great if you could add a search.", "goals", "add a search"),
        ("What I need is simple: a plain list.", "goals", "a plain list"),
        ("What I look for is a calm team.", "goals", "a calm team"),
        ("I know Opera and Fidelio inside out.", "skills", "Fidelio"),
        ("I'm on a mission to open the archive.", "goals", "open the archive"),
        ("I look forward to handing over the shop.", "goals", "handing over the shop"),
        (
            "It cannot handle part-time contracts.",
            "pain_points",
            "It cannot handle part-time contracts",
        ),
        ("There's no way to share a list.", "pain_points", "There's no way to share a list"),
        ("Nobody trusts the asset register.", "pain_points", "Nobody trusts the asset register"),
        ("The letters are too small.", "pain_points", "The letters are too small"),
        ("I end up standing in the rain.", "pain_points", "I end up standing in the rain"),
        ("The battery barely lasts a shift.", "pain_points", "The battery barely lasts a shift"),
        ("I've lost two clients.", "pain_points", "I've lost two clients"),
        ("The list is out of date by eight.", "pain_points", "The list is out of date by eight"),
        (
            "Each form has to be approved by post.",
            "pain_points",
            "Each form has to be approved by post",
        ),
        ("El datáfono se queda sin red.", "pain_points", "El datáfono se queda sin red"),
        (
            "Die Software stürzt beim Drucken ab.",
            "pain_points",
            "Die Software stürzt beim Drucken ab",
        ),
    ],
)
def test_wordings(sentence: str, field: str, expected: str) -> None:
    assert expected in values(f"My name is Ana Ruiz and I like my work. {sentence}", field)


@pytest.mark.parametrize(
    ("sentence", "field"),
    [
        ("I can't wait to start.", "pain_points"),
        ("There's no rush.", "pain_points"),
        ("Nobody else is as quick.", "pain_points"),
        ("It never crashes.", "pain_points"),
        ("The price is not too high.", "pain_points"),
        ("I avoid retyping lists by hand.", "pain_points"),
        ("The average age is 67.", "age"),
        ("I want a kiln before I'm forty.", "age"),
        ("What drives me is keeping promises.", "pain_points"),
        ("Please let me know.", "goals"),
        ("I would welcome the chance to discuss my application.", "goals"),
        ("I wish you all the best.", "goals"),
        ("What I would like to leave behind is the noise.", "goals"),
        ("I see it as an invitation.", "role"),
        ("I drive to work.", "role"),
        ("The delivery came at noon, from Tampere.", "age"),
    ],
)
def test_near_misses(sentence: str, field: str) -> None:
    assert values(f"My name is Ana Ruiz and I like my work. {sentence}", field) == []


def test_labels_of_a_form_are_no_speakers() -> None:
    text = "name: ana ruiz\ncity: Leeds\ngoals: more light\nname: tom hill\nname: ida lund\n"

    assert values(text, "goals") == ["more light"]
