"""The steps of the round trip, each as the dashboard does it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

from services.database.check.result import Check, guarded
from services.database.check.traces import MARK, NAME
from services.database.snapshot import Snapshot, as_json, database_url
from services.errors import ConflictError, DashboardError, NotFoundError, TrashedError
from services.exports.options import ExportOptions
from services.exports.sources import ApiSource, SnapshotSource, Source
from services.generation.requests import NewRequest, get_generation_requests
from services.personas import Persona, PersonaCreate, PersonaUpdate, get_persona_repository
from services.personas.bulk import trash_all
from services.personas.finding.finder import get_persona_finder
from services.personas.finding.query import PersonaQuery
from services.personas.history import get_history
from services.personas.reviewing.comments import get_comments
from services.personas.reviewing.workflow import Status, get_reviewing
from services.personas.trash import get_trash
from services.personas.typed_drafts import get_drafts
from services.settings import Settings

_WORKER = MARK
_ALONE = ("Create", "Draft", "Generate")  # these need nothing that another step made


class RoundTripError(DashboardError):
    """The database took a step and did something else than it promises."""

    default_advice = (
        "Run `python -m services.database.migrate --status`: dashboard and database have to be of "
        "the same version."
    )


class Trip:
    """The steps, and what the earlier ones made for the later ones."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._word = _new_word()  # in no other text
        self._text = f"{MARK}: {NAME} {self._word} lives in {self._word}burg and likes tables."
        self._document = {"name": f"{NAME} {self._word}", "location": f"{self._word}burg"}
        self._stored: Persona | None = None
        self._generated: UUID | None = None

    def checks(self) -> Iterator[Check]:
        steps: list[tuple[str, Callable[[], str]]] = [
            ("Create", self._create),
            ("Save", self._save),
            ("Conflict", self._conflict),
            ("History", self._history),
            ("Comment", self._comment),
            ("Review", self._review),
            ("Draft", self._draft),
            ("Generate", self._generate),
            ("Search", self._search),
            ("Pages", self._pages),
            ("Export by pages", self._export_by_pages),
            ("Export by COPY", self._export_by_copy),
            ("Trash", self._trash),
            ("Erase", self._erase),
        ]
        for name, step in steps:
            if self._stored is None and name not in _ALONE:
                yield Check(name, "skipped", "Not tried: it needs what Create stores")
            elif name == "Export by COPY" and not database_url(self._settings):
                yield Check(name, "skipped", "SUPABASE_DB_URL is not set")
            else:
                yield guarded(name, lambda n=name, s=step: Check(n, "ok", s()))  # type: ignore[misc]

    @property
    def _persona(self) -> Persona:
        if self._stored is None:
            raise RoundTripError("Nothing was stored.")
        return self._stored

    def _create(self) -> str:
        new = PersonaCreate(raw_text=self._text, persona=self._document)
        self._stored = get_persona_repository().create(new, MARK)
        read = get_persona_repository().read(self._stored.id)
        _expect(read == self._stored, "What was stored is not what is read.")
        _expect(read.created_by == MARK, "The author was not kept.")
        _expect(bool(read.evidence), "The evidence was not kept.")
        return "Stored with evidence and author, and read back"

    def _save(self) -> str:
        edited = PersonaUpdate(persona={**self._document, "role": "Example"})
        self._stored = get_persona_repository().save(self._persona.id, edited, 1, MARK)
        _expect(self._stored.version == 2, "The version was not counted.")
        return "Saved as version 2"

    def _conflict(self) -> str:
        late = PersonaUpdate(persona={"name": "Too late"})
        try:
            get_persona_repository().save(self._persona.id, late, 1, MARK)
        except ConflictError:
            return "An old version overwrites nothing"
        raise RoundTripError("An old version has overwritten a newer one.")

    def _history(self) -> str:
        history, one = get_history(), self._persona.id
        first = history.version(one, 1)
        _expect(first.persona == self._document, "Version 1 is not what was stored.")
        self._stored = history.restore(one, 1, MARK)
        numbers = [version.version for version in history.versions(one)]
        _expect(numbers == [3, 2, 1], f"The history holds {numbers}, not three versions.")
        return "3 versions kept, the first one restored"

    def _comment(self) -> str:
        comments, one = get_comments(), self._persona.id
        comment = comments.add(one, "Marked by the check.", MARK, "/name")
        comments.resolve(comment.id, MARK)
        _expect([c.resolved_by for c in comments.of(one)] == [MARK], "The comment was not kept.")
        comments.delete(comment.id, MARK)
        return "Written, resolved, deleted"

    def _review(self) -> str:
        reviewing, version = get_reviewing(), get_persona_repository().version(self._persona.id)
        move = reviewing.set_status(self._persona.id, Status.IN_REVIEW, version, MARK)
        _expect(move.status == Status.IN_REVIEW, "The persona did not move.")
        _expect(reviewing.queue_length() > 0, "The queue does not hold it.")
        return "Moved from draft to in review, waits in the queue"

    def _draft(self) -> str:
        drafts, subject = get_drafts(), uuid4().hex
        kept = drafts.save(MARK, "generate", subject, self._text)
        _expect(len(drafts.of_box(MARK, "generate", subject)) == 1, "The draft was not kept.")
        drafts.dismiss(MARK, "generate", subject, kept.updated_at)
        _expect(not drafts.of_box(MARK, "generate", subject), "The draft was not dismissed.")
        return "Kept and dismissed"

    def _generate(self) -> str:
        requests, request_id = get_generation_requests(), uuid4()
        text = f"{self._text} Generated."
        new = NewRequest(id=request_id, raw_text=text, engine="offline", created_by=MARK)
        requests.submit(new, _WORKER)
        _expect(requests.claim(request_id, _WORKER), "The request could not be claimed.")
        _expect(not requests.claim(request_id, "another"), "The request was claimed twice.")
        result = {"persona": self._document, "evidence": [], "generation": {"engine": "offline"}}
        self._generated = requests.finish(request_id, _WORKER, result)
        _expect(requests.read(request_id).status == "saved", "The request was not closed.")
        return "Request stored, claimed once, finished as a persona"

    def _search(self) -> str:
        for text in (self._word, f"location:{self._word}burg"):
            page = get_persona_finder().page(PersonaQuery(text))
            found = {item.id for item in page.items}
            _expect(self._persona.id in found and not page.similar, "A search missed the persona.")
        misspelt = self._word[:5] + self._word[6:]
        similar = get_persona_finder().page(PersonaQuery(misspelt))
        names = {item.name for item in similar.items if similar.similar}
        _expect(self._persona.persona["name"] in names, "A misspelt name was not found.")
        return "Found by a word, by a field and by a misspelt name"

    def _pages(self) -> str:
        finder, query = get_persona_finder(), PersonaQuery(self._word)
        first = finder.page(query, size=1)
        _expect(first.next is not None, "The second page is missing.")
        second = finder.page(query, first.next, 1) if first.next else first
        shown = {item.id for page in (first, second) for item in page.items}
        _expect(shown == {self._persona.id, self._generated}, "The pages do not hold each once.")
        _expect(finder.count(query).number == len(shown), "They are not counted right.")
        _expect(bool(finder.page(PersonaQuery()).items), "The whole list is empty.")
        return "Two pages of one, counted, and the whole list"

    def _export_by_pages(self) -> str:
        return self._exported(ApiSource(as_json(self._options().to_request())))

    def _export_by_copy(self) -> str:
        snapshot = Snapshot(database_url(self._settings) or "")
        return self._exported(SnapshotSource(snapshot, as_json(self._options().to_request())))

    def _options(self) -> ExportOptions:
        return ExportOptions(query=PersonaQuery(self._word))

    def _exported(self, source: Source) -> str:
        try:
            start = source.start(True)
            columns = self._options().plan(start.stored, start.paths)
            data = b"".join(chunk.data for chunk in source.csv(columns, inert=True))
        finally:
            source.close()
        ids = {one for one in (self._persona.id, self._generated) if one}
        whole = start.rows == len(ids) and all(str(one).encode() in data for one in ids)
        _expect(whole, f"The CSV holds {start.rows} rows, not the {len(ids)} that were stored.")
        return f"CSV of {start.rows} rows, {len(columns)} columns"

    def _trash(self) -> str:
        one = self._persona.id
        get_persona_repository().delete(one, author=MARK)
        try:
            get_persona_repository().read(one)
            raise RoundTripError("A deleted persona can still be read.")
        except TrashedError:
            get_trash().restore(one, MARK)
        get_persona_repository().read(one)
        trash_all([one], MARK, lambda _: None)
        return "Into the trash, out of it, and in again"

    def _erase(self) -> str:
        one = self._persona.id
        get_trash().purge(one, MARK)
        _expect(not get_history().versions(one), "The history outlived its persona.")
        try:
            get_persona_repository().read(one)
        except NotFoundError:
            return "Erased with its history"
        raise RoundTripError("An erased persona can still be read.")


def _expect(holds: bool, problem: str) -> None:
    if not holds:
        raise RoundTripError(problem)


def _new_word() -> str:
    """Twelve letters that can be spoken, so that a search takes them for a word."""
    return "".join(secrets.choice("bdfgklmnprtvz") + secrets.choice("aeiou") for _ in range(6))
