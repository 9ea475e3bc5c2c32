"""The shared widgets in a real browser: what is typed, what is drawn, what stays inert."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

APP = Path(__file__).parent / "apps" / "components" / "streamlit_app.py"
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
# vanilla-jsoneditor's tree does not say which items are whose children; its text mode has no fault.
TREE_FAULTS = ("aria-required-children:", "aria-required-parent:")
Screenshot = Callable[[Page, str], Path]


@pytest.fixture(scope="module")
def address(serve_app: Callable[..., str]) -> str:
    return serve_app(APP)


def shown(page: Page, label: str) -> Locator:
    return page.locator(f".st-key-{label} code")


def code_area(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Persona as JSON")


def write(page: Page, text: str) -> None:
    code_area(page).click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def serious_faults(page: Page, selector: str, known: tuple[str, ...] = ()) -> list[str]:
    """What axe-core finds serious inside `selector`, one line each, but for `known` rules."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(
        """async (selector) => {
            const { violations } = await axe.run(selector);
            return violations
                .filter(({ impact }) => ["serious", "critical"].includes(impact))
                .flatMap(({ id, nodes }) => nodes.map((n) => `${id}: ${n.html.slice(0, 200)} ${
                    n.failureSummary}`));
        }""",
        selector,
    )
    return [str(line) for line in found if not str(line).startswith(known)]


def own_errors(page: Page) -> list[str]:
    """Console errors but for Streamlit's own probing for its base path on a deep link."""
    return [line for line in page.console_errors if "status of 404" not in line]


class TestJsonEditor:
    def test_typed_text_reaches_python(self, page: Page, address: str) -> None:
        page.goto(address)
        expect(shown(page, "draft")).to_have_text("stored")
        write(page, '{"name": "Grace"}')
        expect(shown(page, "received")).to_have_text('{"name": "Grace"}')
        expect(shown(page, "draft")).to_have_text("unsaved")
        expect(shown(page, "verdict")).to_have_text("valid")
        assert own_errors(page) == []

    def test_invalid_text_is_returned_as_it_is(self, page: Page, address: str) -> None:
        page.goto(address)
        write(page, '{"name": "Grace",\n  "age" 1}  ')
        expect(shown(page, "verdict")).to_contain_text("Line 2, column 9: a colon is missing")
        assert shown(page, "received").text_content() == '{"name": "Grace",\n  "age" 1}  '

    def test_a_click_right_after_typing_takes_the_latest_text(
        self, page: Page, address: str
    ) -> None:
        page.goto(address)
        for number in range(5):
            write(page, f'{{"round": {number}}}')
            button(page, "Save").click()
            expect(shown(page, "saved")).to_have_text(f'{{"round": {number}}}')

    def test_leaving_by_keyboard_sends_at_once(self, page: Page, address: str) -> None:
        page.goto(address)
        write(page, '{"by": "keyboard"}')
        button(page, "Save").focus()
        page.keyboard.press("Enter")
        expect(shown(page, "saved")).to_have_text('{"by": "keyboard"}')

    def test_a_rerun_never_touches_what_is_being_typed(self, page: Page, address: str) -> None:
        page.goto(address)
        write(page, '{"a": ')
        for letter in "1234567890" * 4:
            page.keyboard.type(letter, delay=40)  # long enough for several reruns in between
        page.keyboard.type("}")
        expect(shown(page, "received")).to_contain_text("890}")
        assert shown(page, "received").text_content() == '{"a": ' + "1234567890" * 4 + "}"

    def test_a_value_edited_in_the_tree_reaches_python(self, page: Page, address: str) -> None:
        page.goto(address)
        button(page, "Tree").click()
        page.locator(".jse-value", has_text="Ada Lovelace").dblclick()
        page.keyboard.press("Control+a")
        page.keyboard.type("Grace Hopper")
        button(page, "Save").click()  # without Enter first: the click ends the editing
        expect(shown(page, "saved")).to_contain_text('"name": "Grace Hopper"')
        expect(shown(page, "saved")).to_contain_text('"year": 1843')

    def test_a_draft_survives_another_page(self, page: Page, address: str) -> None:
        page.goto(address)
        write(page, '{"kept": true')
        # As long as a person's click: Streamlit loses a page switch that comes in the same instant
        # as a widget's new value, also with its own text area.
        page.get_by_role("link", name="Other").click(delay=80)
        expect(shown(page, "other")).to_be_visible()
        page.get_by_role("link", name="Editor").click()
        expect(code_area(page)).to_contain_text('{"kept": true')
        expect(shown(page, "received")).to_have_text('{"kept": true')

    def test_a_new_version_takes_the_buffer(self, page: Page, address: str) -> None:
        page.goto(address)
        write(page, '{"mine": 1}')
        button(page, "Next version").click()
        expect(code_area(page)).to_have_text('{"next": true}')
        expect(shown(page, "received")).to_have_text('{"next": true}')
        expect(shown(page, "draft")).to_have_text("stored")

    def test_discard_and_replace(self, page: Page, address: str) -> None:
        page.goto(address)
        write(page, '{"mine": 1}')
        button(page, "Discard").click()
        expect(code_area(page)).to_contain_text("Ada Lovelace")
        expect(shown(page, "draft")).to_have_text("stored")
        button(page, "Replace").click()
        expect(code_area(page)).to_have_text('{"replaced": true}')
        expect(shown(page, "draft")).to_have_text("unsaved")

    def test_read_only_cannot_be_typed_into(self, page: Page, address: str) -> None:
        page.goto(f"{address}/?readonly=1")
        code_area(page).click()
        page.keyboard.type("x")
        button(page, "Rerun").click()
        expect(shown(page, "draft")).to_have_text("stored")
        expect(code_area(page)).to_contain_text("Ada Lovelace")

    def test_a_long_document_is_edited_as_text(self, page: Page, address: str) -> None:
        page.goto(f"{address}/?long=1")
        expect(code_area(page)).to_contain_text("Ada Lovelace")
        expect(button(page, "Tree")).to_be_disabled()
        button(page, "Replace").click()
        expect(code_area(page)).to_have_text('{"replaced": true}')
        expect(button(page, "Tree")).to_be_enabled()

    @pytest.mark.parametrize("script", ["missing", "none"])
    def test_a_plain_text_area_serves_where_the_script_does_not(
        self, page: Page, address: str, script: str
    ) -> None:
        page.goto(f"{address}/?script={script}")
        area = page.get_by_role("textbox", name="Persona as JSON")
        expect(area).to_have_value(re.compile("Ada Lovelace"))
        area.fill('{"plain": ')
        button(page, "Save").click()
        expect(shown(page, "saved")).to_have_text('{"plain":')
        expect(shown(page, "verdict")).to_contain_text("ends too early")
        page.get_by_role("link", name="Other").click()
        expect(shown(page, "other")).to_be_visible()
        page.go_back()
        expect(area).to_have_value('{"plain": ')

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("mode", ["Text", "Tree"])
    def test_looks(
        self, page: Page, address: str, screenshot: Screenshot, scheme: str, mode: str
    ) -> None:
        page.emulate_media(color_scheme=scheme)
        page.goto(address)
        button(page, mode).click()
        expect(page.locator(".json-editor")).to_contain_text("Ada Lovelace")
        screenshot(page, f"json-editor-{mode.lower()}-{scheme}")
        assert serious_faults(page, ".json-editor", TREE_FAULTS) == []
        page.set_viewport_size({"width": 420, "height": 800})
        page.reload()
        button(page, mode).click()
        expect(page.locator(".json-editor")).to_contain_text("Ada Lovelace")
        screenshot(page, f"json-editor-{mode.lower()}-{scheme}-narrow")

    def test_dark_mode_follows_the_browser(self, page: Page, address: str) -> None:
        page.emulate_media(color_scheme="light")
        page.goto(address)
        expect(page.locator(".cm-content").first).to_be_visible()
        expect(page.locator(".json-editor-dark")).to_have_count(0)
        page.emulate_media(color_scheme="dark")
        expect(page.locator(".json-editor-dark")).to_have_count(1)


def passage(page: Page, claim: str) -> Locator:
    return page.locator(f'.evidence mark[data-claims~="{claim}"]')


def choose(page: Page, claim: str) -> None:
    page.locator(f'.claim[data-path="{claim}"] .choose').click()


def test_the_editor_loads_below_a_base_path(page: Page, serve_app: Callable[..., str]) -> None:
    address = serve_app(APP, "--server.baseUrlPath=tools/personas")
    for path in ("/tools/personas/", "/tools/personas/other"):
        page.goto(address + path)
        page.get_by_role("link", name="Editor").click()
        write(page, '{"below": "a path"}')
        expect(shown(page, "received")).to_have_text('{"below": "a path"}')
        expect(page.locator(".cm-content")).to_be_visible()


class TestEvidenceView:
    def test_a_click_on_words_chooses_their_claims(self, page: Page, address: str) -> None:
        page.goto(f"{address}/evidence")
        passage(page, "/name").click()
        expect(shown(page, "chosen")).to_have_text("/name")
        for claim in ("/role", "/location", "/role"):
            page.locator("mark", has_text=re.compile("^mathematician$")).click()
            expect(shown(page, "chosen")).to_have_text(claim)

    def test_words_are_picked_by_keyboard(self, page: Page, address: str) -> None:
        page.goto(f"{address}/evidence")
        passage(page, "/name").focus()
        page.keyboard.press("Enter")
        expect(shown(page, "chosen")).to_have_text("/name")
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        expect(passage(page, "/goals/0")).to_be_focused()
        page.keyboard.press("Space")
        expect(shown(page, "chosen")).to_have_text("/goals/0")

    def test_the_words_of_the_chosen_claim_come_into_view(self, page: Page, address: str) -> None:
        page.goto(f"{address}/evidence?long=20")
        expect(passage(page, "/name").first).to_be_in_viewport()
        expect(passage(page, "/last")).not_to_be_in_viewport()
        for claim in ("/last", "/name"):
            choose(page, claim)
            expect(shown(page, "chosen")).to_have_text(claim)
            expect(passage(page, claim).first).to_be_in_viewport()
            expect(passage(page, claim).first).to_have_class(re.compile("active"))
            expect(page.locator("mark.active")).to_have_count(passage(page, claim).count())

    def test_choosing_does_not_send_the_text_again(self, page: Page, address: str) -> None:
        received: list[int] = []
        page.on("websocket", lambda ws: ws.on("framereceived", lambda f: received.append(len(f))))
        page.goto(f"{address}/evidence?long=450")
        expect(passage(page, "/name").first).to_be_visible()
        assert sum(received) > 1_000_000
        for claim in ("/last", "/goals/0", "/name"):
            received.clear()
            choose(page, claim)
            expect(passage(page, claim).first).to_have_class(re.compile("active"))
            expect(shown(page, "chosen")).to_have_text(claim)
            assert sum(received) < 100_000

    def test_the_text_is_whole_and_inert(self, page: Page, address: str) -> None:
        page.goto(f"{address}/evidence")
        expect(passage(page, "/name").first).to_be_visible()
        text = page.locator(".evidence .text").text_content() or ""
        for words in (
            "in London.\n\nMost mornings",
            '<script>window.hit=1</script> <img src=x onerror="window.hit=2">',
            "# Not a heading **bold** :red[not red] $x^2$",
            "&lt;b&gt; a -> b -- c www.example.com",
            "עדה לבלייס היא מתמטיקאית מלונדון",
            "the very last words.",
        ):
            assert words in text
        expect(passage(page, "/interests/0")).to_have_text("😀👩‍👩‍👧 e\u0301")
        expect(passage(page, "/languages/0")).to_have_text("מתמטיקאית")
        assert page.locator(".evidence :is(script, img, style, a, b)").count() == 0
        assert page.evaluate("window.hit") is None
        assert own_errors(page) == []

    def test_lines_have_their_own_direction(self, page: Page, address: str) -> None:
        page.goto(f"{address}/evidence")
        hebrew, region = passage(page, "/languages/0"), page.locator(".evidence .text")
        hebrew.scroll_into_view_if_needed()
        words, frame = hebrew.bounding_box(), region.bounding_box()
        assert words is not None and frame is not None
        assert words["x"] > frame["x"] + frame["width"] / 4  # a right-to-left line begins right

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_looks(self, page: Page, address: str, screenshot: Screenshot, scheme: str) -> None:
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{address}/evidence")
        choose(page, "/location")
        expect(page.locator("mark.active")).to_have_count(2)
        screenshot(page, f"evidence-{scheme}")
        assert serious_faults(page, ".stBidiComponent") == []
        page.set_viewport_size({"width": 420, "height": 900})
        choose(page, "/languages/0")
        expect(passage(page, "/languages/0")).to_be_in_viewport()
        page.wait_for_timeout(300)  # for the page's own scrolling, before the picture
        screenshot(page, f"evidence-{scheme}-narrow")


class TestInertText:
    def test_markup_is_shown_and_never_read(
        self, page: Page, address: str, screenshot: Screenshot
    ) -> None:
        page.goto(f"{address}/inert")
        region = page.get_by_role("region", name="Source text")
        expect(region).to_contain_text("Not a heading")
        assert (region.text_content() or "").startswith("# Not a heading **bold** :red[not red]")
        for words in ("<script>window.hit=1</script>", "&lt;b&gt; a -> b -- c", "  two  spaces\n"):
            assert words in (region.text_content() or "")
        for place in (page.get_by_role("heading"), page.get_by_role("button", name="Not a head")):
            said = re.sub("[\u2060\u2068\u2069]", "", place.text_content() or "")
            assert said.startswith("# Not a heading **bold** :red[not red] $x^2$ ")
            assert place.locator("a, img, em, strong, code, svg").count() == 0
        title = re.sub("[\u2060\u2068\u2069]", "", page.get_by_role("heading").text_content() or "")
        assert "a -> b -- c www.example.com 😀👩‍👩‍👧 e\u0301 two spaces עדה" in title
        assert page.evaluate("window.hit") is None
        expect(shown(page, "drawn")).to_be_visible()  # <style> did not hide the page
        screenshot(page, "inert-light")

    def test_a_megabyte_on_one_line_does_not_freeze(self, page: Page, address: str) -> None:
        page.goto(f"{address}/inert?size=200000")
        expect(shown(page, "drawn")).to_be_visible()
        seconds = page.evaluate(
            """() => new Promise((done) => {
                const begun = performance.now();
                requestAnimationFrame(() =>
                    setTimeout(() => done((performance.now() - begun) / 1000)));
            })"""
        )
        assert seconds < 2
