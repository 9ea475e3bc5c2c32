"""Finding on the real database: what a search means, and pages that hold while rows come and go."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any
from uuid import UUID

import psycopg
import pytest

from services.database.migrate import set_search_language
from services.errors import InvalidInputError, SearchTimeoutError
from services.local_supabase.stack import LocalSupabase
from services.personas import PersonaCreate, get_persona_repository
from services.personas.finding.conditions import Condition, Days
from services.personas.finding.finder import FoundPage, FoundPersona, get_persona_finder
from services.personas.finding.query import FIRST, LAST, SORTS, PersonaQuery, Position, Sort

STATUSES = ("draft", "approved", "rejected")

pytestmark = pytest.mark.usefixtures("database")


def store(raw_text: str = "What somebody said.", **persona: Any) -> str:
    new = PersonaCreate(raw_text=raw_text, persona=persona)
    return str(get_persona_repository().create(new).id)


def names(query: PersonaQuery | str, size: int = 100) -> list[str | None]:
    """The names found, in order; [] if only similar names were."""
    query = PersonaQuery(query) if isinstance(query, str) else query
    page = get_persona_finder().page(query, size=size)
    return [] if page.similar else [item.name for item in page.items]


def where(*conditions: Condition) -> PersonaQuery:
    return PersonaQuery(conditions=conditions, sort="name", descending=False)


class TestWords:
    @pytest.fixture(autouse=True)
    def personas(self, database: LocalSupabase) -> None:
        store("She checks the price lists every Monday.", name="Ada Berg", role="nurse")
        store("He moved the lists of prices to Leeds.", name="Élodie Kessler", skills=["SQL"])
        store("Nothing is known.", name="100% Real_Name", notes={"deep": ["hidden treasure"]})

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("lists", {"Ada Berg", "Élodie Kessler"}),
            ("LISTS leeds", {"Élodie Kessler"}),
            ('"price lists"', {"Ada Berg"}),
            ("lists -monday", {"Élodie Kessler"}),
            ("moving price", {"Élodie Kessler"}),
            ("checked -leeds", {"Ada Berg"}),
            ("listing or treasures", {"Ada Berg", "Élodie Kessler", "100% Real_Name"}),
            ('"price list"', set()),
            ('"list"', set()),
            ('"price lis', {"Ada Berg"}),
            ('lists -"of pri', {"Ada Berg"}),
            ('"price li', set()),
            ('"hidden treas', {"100% Real_Name"}),
            ('"price lists', {"Ada Berg"}),
            ('monday -"lists of prices', {"Ada Berg"}),
            ('monday "', {"Ada Berg"}),
            ('"', {"Ada Berg", "Élodie Kessler", "100% Real_Name"}),
            ('skills:"SQL', {"Élodie Kessler"}),
            ("the lists", {"Ada Berg", "Élodie Kessler"}),
            ("he lists", {"Élodie Kessler"}),
            ("lists -he", {"Ada Berg"}),
            ("-lists", {"100% Real_Name"}),
            ("or", set()),
            ('- ""', set()),
            ("monday or treasures -leeds", {"Ada Berg", "100% Real_Name"}),
            ("leeds or known", {"Élodie Kessler", "100% Real_Name"}),
            ("sql", {"Élodie Kessler"}),
            ("nurse", {"Ada Berg"}),
            ("treasure", {"100% Real_Name"}),
            ("ÉLODIE", {"Élodie Kessler"}),
            ("élod", {"Élodie Kessler"}),
            ("elod", {"Élodie Kessler"}),
            ("E\N{COMBINING ACUTE ACCENT}lodie", {"Élodie Kessler"}),
            ("Elodie Kes", {"Élodie Kessler"}),
            ("kess", {"Élodie Kessler"}),
            ("ada be", {"Ada Berg"}),
            ("100%", {"100% Real_Name"}),
            ("real_n", {"100% Real_Name"}),
            ("zzz", set()),
            ("%", set()),
        ],
    )
    def test_what_a_search_finds(self, text: str, found: set[str]) -> None:
        assert set(names(text)) == found
        if found:
            assert get_persona_finder().count(PersonaQuery(text)).number == len(found)

    @pytest.mark.parametrize("text", ["Kesler", "elodie kesler", "Ada Burg", '"Kesler'])
    def test_a_misspelt_name_offers_names_like_it(self, text: str) -> None:
        page = get_persona_finder().page(PersonaQuery(text))
        assert page.similar
        assert page.items[0].name in ("Élodie Kessler", "Ada Berg")

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("Jörg Weiß", "Jorg"),
            ("Jörg Weiß", "jorg weiss"),
            ("Jorg Weiss", "Jörg"),
            ("Søren Łuczak", "soren lucz"),
            ("Søren Łuczak", "luczak"),
            ("Nguyễn Thị Ánh", "nguyen thi"),
            ("Zoë O\N{COMBINING ACUTE ACCENT}scar", "óscar"),
        ],
    )
    def test_a_name_is_found_with_and_without_accents(self, name: str, text: str) -> None:
        store(name=name)
        assert names(text) == [name]

    @pytest.mark.parametrize(("name", "text"), [("Priya Shah", "prya"), ("Bjørn Dahl", "bjrn")])
    def test_so_does_a_short_one(self, name: str, text: str) -> None:
        store(name=name)
        page = get_persona_finder().page(PersonaQuery(text))
        assert page.similar
        assert name in [item.name for item in page.items]

    def test_the_snippet_marks_each_hit(self) -> None:
        (item,) = get_persona_finder().page(PersonaQuery("price monday")).items
        assert item.snippet == "She checks the \x02price\x03 lists every \x02Monday\x03"

    def test_the_snippet_marks_other_forms_of_the_word(self) -> None:
        (item,) = get_persona_finder().page(PersonaQuery("moves")).items
        assert item.snippet is not None
        assert "He \x02moved\x03 the lists" in item.snippet

    def test_the_snippet_may_come_from_the_persona(self) -> None:
        (item,) = get_persona_finder().page(PersonaQuery("treasure")).items
        assert item.snippet is not None
        assert "hidden \x02treasure\x03" in item.snippet

    @pytest.mark.parametrize(
        ("text", "search", "snippet"),
        [
            ("begin " * 20_000 + "the lathe hums.", "lathe", "begin the \x02lathe\x03 hums"),
            ("x" * 99 + " lathe hums", "lathe", "\x02lathe\x03 hums"),
            ("two flies " + "and so on " * 900, "fly", "two \x02flies\x03 and"),
            ("and so on " * 900 + "two flies", "fly", "so on two \x02flies\x03"),
            ("flying " * 60 + "\n\nthe C++ tools (v2.1)", "v2.1", "tools (\x02v2.1\x03"),
            (
                "The talk took place early. " * 40 + "He runs the lathe.",
                "the lathe",
                "\x02the\x03 \x02lathe\x03",
            ),
            ("A wheel. " * 60 + "The lathe and its wheel.", "wheel lathe", "\x02lathe\x03 and"),
            ("A lathe. " + "And so on. " * 200 + "Its wheel.", "lathe wheel", "A \x02lathe\x03"),
            ("A carpet, carts. " + "So on. " * 5000 + "Two cars.", "cars", "Two \x02cars\x03"),
            ("A carpet, carts. " + "So on. " * 5000 + "Two cars.", "car", "A \x02carpet\x03"),
            ("on " * 400 + "night-shifts", '"night shifts"', "on \x02night\x03-\x02shifts\x03"),
        ],
    )
    def test_a_snippet_stands_anywhere_in_a_text(
        self, text: str, search: str, snippet: str
    ) -> None:
        store(text, name="Long")
        (item,) = get_persona_finder().page(PersonaQuery(search)).items
        assert item.snippet is not None
        assert snippet in item.snippet
        assert len(item.snippet) < 400

    def test_no_text_can_forge_a_mark(self) -> None:
        store("A \x02forged\x03 mark and <mark>another</mark> beside xylophone.", name="Eve")
        (item,) = get_persona_finder().page(PersonaQuery("xylophone")).items
        assert item.snippet is not None
        assert item.snippet.count("\x02") == item.snippet.count("\x03") == 1
        assert "\x02xylophone\x03" in item.snippet


@pytest.mark.parametrize(
    "attack",
    [
        "'; drop table personas; --",
        "x' or '1'='1",
        "') or true --",
        "\\'; select pg_sleep(9) --",
        "$$; select 1; $$",
        "%s %1$s %L {0}",
        "& | ! ( ) :* <->",
        "-- comment",
        "\x02\x03 \ufffe",
        "a" * 500,
    ],
)
def test_nothing_typed_is_run(database: LocalSupabase, attack: str) -> None:
    store(name="Ada Berg", location="Madrid")
    finder = get_persona_finder()
    for query in (
        PersonaQuery(attack),
        where(Condition("is", attack, attack)),
        where(Condition("contains", "a.b", attack)),
        where(Condition("has", attack)),
        PersonaQuery(statuses=(attack,)),
        PersonaQuery(engines=(attack,)),
    ):
        assert [item.name for item in finder.page(query).items] == []
        assert finder.count(query).number == 0
        assert list(finder.matching(query)) == []
    for position in (Position(False, attack), Position(True, attack)):
        finder.page(PersonaQuery(sort="name"), position)
    assert names(PersonaQuery()) == ["Ada Berg"]


class TestFilters:
    def test_conditions_on_fields(self) -> None:
        store(name="A", location="Madrid", age=38, skills=["SQL", "Power BI"], vip=True)
        store(name="B", location="madrid ", age="38", skills="sql", address={"city": "Leeds"})
        store(name="C", location="", skills=[], address={}, email=None)
        assert names(where(Condition("is", "location", "MADRID"))) == ["A"]
        assert names(where(Condition("is", "age", "38"))) == ["A", "B"]
        assert names(where(Condition("is", "vip", "true"))) == ["A"]
        assert names(where(Condition("contains", "skills", "power bi"))) == ["A"]
        assert names(where(Condition("is", "skills", "sql"))) == ["B"]
        assert names(where(Condition("any", "skills", "sql"))) == ["A", "B"]
        assert names(where(Condition("is", "address.city", "leeds"))) == ["B"]
        assert names(where(Condition("has", "address"))) == ["B"]
        assert names(where(Condition("has", "location"))) == ["A", "B"]
        assert names(where(Condition("has", "email"))) == []
        both = (Condition("has", "age"), Condition("is", "address.city", "Leeds"))
        assert names(where(*both)) == ["B"]
        assert names("skills:sql location:Madrid") == ["A"]

    def test_a_dot_inside_a_key_is_no_path(self) -> None:
        store(name="A", **{"site.url": "x"})
        store(name="B", site={"url": "x"})
        assert names(where(Condition("is", r"site\.url", "x"))) == ["A"]
        assert names(where(Condition("is", "site.url", "x"))) == ["B"]

    def test_engine_coverage_and_days(self, database: LocalSupabase) -> None:
        with psycopg.connect(database.db_url) as connection:
            connection.execute(
                "insert into personas (raw_text, persona, evidence, generation, created_at) values"
                """ ('t', '{"name": "none", "age": 3}', '[]', '{"engine": "offline"}',
                     '2026-01-31 23:59:59.9Z'),
                    ('t', '{"name": "part", "age": 3, "summary": "x"}',
                     '[{"path": "/age", "quote": "t"}]', null, '2026-02-01 00:00Z'),
                    ('t', '{"name": "full", "age": 3, "summary": "x"}',
                     '[{"path": "/age", "quote": "t"}, {"path": "/name", "quote": "t"},
                       {"path": "/age", "quote": "t"}]', null, '2026-02-02 00:00Z')"""
            )
        for coverage in ("none", "full"):
            assert names(PersonaQuery(coverage=coverage)) == [coverage]
        assert names(PersonaQuery(coverage="partial")) == ["part"]
        assert names(PersonaQuery(engines=("offline",))) == ["none"]
        assert names(PersonaQuery(engines=("",))) == ["full", "part"]
        february = Days.from_text("2026-02-01..2026-02-01")
        assert names(PersonaQuery(created=february)) == ["part"]
        assert names(PersonaQuery(created=Days.from_text("2026-02-01.."))) == ["full", "part"]
        assert names(PersonaQuery(created=Days.from_text("..2026-01-31"))) == ["none"]

    def test_what_is_in_the_trash_is_not_found(self) -> None:
        store("alpha", name="A")
        get_persona_repository().delete(store("alpha", name="B"))
        assert names("alpha") == ["A"]
        assert get_persona_finder().count(PersonaQuery()).number == 1


@pytest.fixture
def many(database: LocalSupabase) -> list[FoundPersona]:
    """57 personas with ties in every order."""
    with psycopg.connect(database.db_url) as connection:
        connection.execute("set session_replication_role = replica")  # any status, any time
        connection.execute(
            "insert into personas (id, raw_text, document, persona, created_at, updated_at, status)"
            " select md5(n::text)::uuid, 't', to_tsvector('simple', 't'),"
            "   case when n %% 9 = 0 then '{}'::jsonb"
            "   else jsonb_build_object('name', chr(65 + n %% 7)) end,"
            " timestamptz '2026-01-01' + n / 5 * interval '1 microsecond',"
            " timestamptz '2026-01-01' + n %% 4 * interval '1 hour',"
            " (%s::text[])[1 + n %% 3]"
            " from generate_series(1, 57) n",
            [list(STATUSES)],
        )
    return list(get_persona_finder().page(PersonaQuery(), size=100).items)


def turn(query: PersonaQuery, start: Position, size: int, backwards: bool) -> list[FoundPage]:
    pages = [get_persona_finder().page(query, start, size)]
    while position := pages[-1].previous if backwards else pages[-1].next:
        pages.append(get_persona_finder().page(query, position, size))
    return pages


def ids(pages: list[FoundPage]) -> list[UUID]:
    return [item.id for page in pages for item in page.items]


def ways(sort: Sort, descending: bool) -> list[PersonaQuery]:
    """The same personas as the whole list, filtered, and searched."""
    whole = PersonaQuery(sort=sort, descending=descending)
    return [whole, replace(whole, statuses=STATUSES), replace(whole, text="t")]


def by_hand(many: list[FoundPersona], sort: Sort, descending: bool) -> list[UUID]:
    keys: dict[Sort, Callable[[FoundPersona], Any]] = {
        "created": lambda one: one.created_at,
        "updated": lambda one: one.updated_at,
        "name": lambda one: (one.name or "").lower(),
        "status": lambda one: one.status,
    }
    ordered = sorted(many, key=lambda one: (keys[sort](one), str(one.id)), reverse=descending)
    return [one.id for one in ordered]


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sort", SORTS)
class TestEveryOrder:
    def test_both_directions_show_every_persona_once(
        self, many: list[FoundPersona], sort: Sort, descending: bool
    ) -> None:
        whole = by_hand(many, sort, descending)
        for query in ways(sort, descending):
            forwards = turn(query, FIRST, 10, backwards=False)
            assert ids(forwards) == whole
            assert [page.position.number for page in forwards] == [0, 10, 20, 30, 40, 50]
            last = get_persona_finder().page(query, LAST, 10)
            assert [item.id for item in last.items] == whole[-10:]
            assert last.next is None
            back = turn(query, LAST, 10, backwards=True)
            assert back[-1].position.is_first
            assert [item.id for item in back[-1].items] == whole[:10]
            assert back[-1].previous is None
            assert ids(back[-2::-1])[-50:] == whole[7:]

    def test_rows_that_come_and_go_neither_double_nor_hide_others(
        self,
        many: list[FoundPersona],
        database: LocalSupabase,
        sort: Sort,
        descending: bool,
    ) -> None:
        """Between any two pages, rows that nobody counts on appear and disappear everywhere."""
        draw = random.Random(f"{sort}{descending}")  # noqa: S311
        disturb = disturbance(database, draw)
        asked = ways(sort, descending)
        for query, (backwards, start) in product(asked, ((False, FIRST), (True, LAST))):
            seen: list[UUID] = []
            position: Position | None = start
            while position:
                page = get_persona_finder().page(query, position, 7)
                # where too few rows were left, another page comes: it repeats rows of the others
                other = page.position != position
                seen += [item.id for item in page.items if not (other and item.id in seen)]
                disturb()
                position = page.previous if backwards else page.next
            steady = [one for one in seen if one in {item.id for item in many}]
            assert sorted(steady) == sorted(item.id for item in many)


def disturbance(database: LocalSupabase, draw: random.Random) -> Callable[[], None]:
    """Each call inserts six rows at random places and deletes or trashes some of the earlier."""
    strangers: list[UUID] = []

    def disturb() -> None:
        with psycopg.connect(database.db_url, autocommit=True) as connection:
            connection.execute("set session_replication_role = replica")
            draw.shuffle(strangers)
            for gone in [strangers.pop() for _ in range(len(strangers) // 2)]:
                statement = draw.choice(
                    (
                        "delete from personas where id = %s",
                        "update personas set deleted_at = now() where id = %s",
                    )
                )
                connection.execute(statement.encode(), [gone])
            for _ in range(6):
                strangers.append(UUID(int=draw.getrandbits(128)))
                connection.execute(
                    "insert into personas"
                    " (id, raw_text, document, persona, created_at, updated_at, status)"
                    " values (%s, 't', to_tsvector('simple', 't'),"
                    " jsonb_build_object('name', %s::text),"
                    " timestamptz '2026-01-01' + %s * interval '1 microsecond',"
                    " timestamptz '2026-01-01' + %s * interval '1 hour', %s)",
                    [
                        strangers[-1],
                        draw.choice("ABCDEFG"),
                        draw.randrange(13),
                        draw.randrange(5),
                        draw.choice(STATUSES),
                    ],
                )

    return disturb


def test_accents_do_not_move_a_name_and_no_name_stops_the_pages() -> None:
    odd = ["", "'; drop table personas; --", '(a,b).lt."c"', "*", "50%\tReal & Co?x=1#"]
    ordered = [
        *odd,
        "Ana",
        "Ängel",
        "Anna",
        "Émile",
        "Łukasz",
        "Lutz",
        "Øystein",
        "Zoë" * 300,
        "李" * 250,
        "\U0001f642",
    ]
    for name in sorted(ordered):
        store(name=name)
    shown = [name[:200] for name in ordered]
    for descending in (False, True):
        for query in ways("name", descending)[::2]:
            pages = turn(replace(query, text=query.text and "said"), FIRST, 2, backwards=False)
            found = [item.name or "" for page in pages for item in page.items]
            assert found == (shown[::-1] if descending else shown)


class TestTheEnds:
    def test_a_page_whose_neighbours_went_away_shows_others(
        self, many: list[FoundPersona], database: LocalSupabase
    ) -> None:
        finder, query = get_persona_finder(), PersonaQuery()
        third = turn(query, FIRST, 10, backwards=False)[2]
        assert third.previous and third.next
        with psycopg.connect(database.db_url) as connection:
            keep = [item.id for item in third.items]
            connection.execute("delete from personas where not id = any(%s)", [keep])
        assert ids([finder.page(query, third.next, 10)]) == keep  # the last page there is
        before = finder.page(query, third.previous, 10)
        assert before.position.is_first
        assert ids([before]) == keep

    def test_an_empty_list_has_no_neighbours(self) -> None:
        for position in (FIRST, LAST, Position(False, "x")):
            page = get_persona_finder().page(PersonaQuery(sort="name"), position)
            assert page == FoundPage((), FIRST)

    def test_a_page_has_a_sensible_size(self) -> None:
        with pytest.raises(InvalidInputError):
            get_persona_finder().page(PersonaQuery(), size=0)


def test_all_that_match_come_once_in_batches(database: LocalSupabase) -> None:
    with psycopg.connect(database.db_url) as connection:
        connection.execute(
            "insert into personas (raw_text, persona) select 'word ' || n % 2, '{}'"
            " from generate_series(1, 4100) n"
        )
    batches = list(get_persona_finder().matching(PersonaQuery("word 1")))
    assert [len(batch) for batch in batches] == [1000, 1000, 50]
    assert len({one for batch in batches for one in batch}) == 2050
    total = get_persona_finder().count(PersonaQuery("word 1"))
    assert (total.number, total.exact) == (2050, True)


def test_another_language_knows_other_forms(database: LocalSupabase) -> None:
    store("Trabajamos con facturas.", name="Ana Ruiz")
    try:
        assert names("trabajando") == []
        assert set_search_language(database.db_url, "spanish")
        assert not set_search_language(database.db_url, "spanish")
        assert names("trabajando") == names("facturas") == ["Ana Ruiz"]
        assert set_search_language(database.db_url, "simple")
        assert names("trabajando") == []
        assert names("facturas") == ["Ana Ruiz"]
    finally:
        set_search_language(database.db_url, "english")
    assert names("factura") == ["Ana Ruiz"]


def test_texts_of_any_length_can_be_stored(database: LocalSupabase) -> None:
    """A tsvector holds 1 MB: these would make more of it, or words longer than it takes."""
    rare = " ".join(chr(0x20000 + number) for number in range(42_000))
    compounds = "-".join(chr(0x4E00 + number) for number in range(20_000)) + " "
    planes = " ".join(f"{chr(0x20000 + n)}-{chr(0x2A000 - n)}" for n in range(20_000)) + " "
    for text in (
        rare,
        compounds * 10,
        planes * 5,
        "é" * 1_000_000,
        "word " * 200_000,
        " ".join(map(str, range(200_000))),
    ):
        store(text, name=text[:300_000], deep={"a": {"b": {"c": {"d": text[:200_000]}}}})
    assert get_persona_finder().count(PersonaQuery("word")).number == 1


def test_a_search_that_takes_too_long_is_stopped_with_advice(database: LocalSupabase) -> None:
    """Somebody holds the table, so that no search can end."""
    with psycopg.connect(database.db_url) as connection:
        connection.execute("lock table personas in access exclusive mode")
        with pytest.raises(SearchTimeoutError, match="Narrow it"):
            get_persona_finder().page(PersonaQuery("anything"))
        connection.rollback()
    assert names("anything") == []
