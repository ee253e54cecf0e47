"""Whoever goes through pages: by the mouse or by keys, and looks at each of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Page, expect

from gradgrade.service.web.entrance import sign_in_link
from tests import ROOT
from tests.consumers.test_accessibility import ASKED
from tests.looks import looks

SCREENSHOTS = ROOT / "build" / "screenshots"
"""What the pages of the journeys looked like in the last run."""

FARTHEST = 150
"""How often the Tab key is pressed for one thing at the most."""


@dataclass
class Traveller:
    """Whoever goes through pages.

    Args:
        page: the browser's tab.
        axe: the script that finds what cannot be used by everybody.
        has_scripts: whether scripts of pages run.
    """

    page: Page
    axe: str
    has_scripts: bool = True
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def follow_link_of(self, token: str) -> None:
        """Open the link that an instructor sent, and sign in with it."""
        self.page.goto(sign_in_link("", token))
        self.page.locator("main .go").click()

    def sign_in(self, token: str) -> None:
        """Type a token in."""
        self.page.goto("/sign-in")
        self.page.get_by_label("Your token").fill(token)
        self.page.locator("main .go").click()

    def fill(self, typed: dict[str, str]) -> None:
        """Type into the boxes of a form, by their names."""
        for name, text in typed.items():
            self.page.locator(f"#{name}").fill(text)

    def sees(self, text: str) -> None:
        """Be on a page that says this."""
        expect(self.page.locator("main")).to_contain_text(text)

    def press(self, button: str) -> None:
        """Press a button, or follow what looks like one."""
        place = self.page.locator("main")
        of_a_form = place.get_by_role("button", name=button, exact=True)
        of_an_address = place.get_by_role("link", name=button, exact=True)
        of_a_form.or_(of_an_address).first.click()

    def tab_to(self, selector: str) -> None:
        """Press the Tab key until something has the focus, which it shows."""
        for _ in range(FARTHEST):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                outline = "getComputedStyle(document.activeElement).outlineStyle"
                assert self.page.evaluate(outline) != "none", selector
                return
        raise AssertionError(f"the Tab key does not lead to {selector}")

    def look(self, name: str) -> None:
        """Look at a page, wide and narrow, light and dark: it fits, and everybody can use it.

        Without scripts there is nothing to look with.

        Args:
            name: of the pictures that are left of it.
        """
        if not self.has_scripts:
            return
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.evaluate(f"{self.axe};0")
        for width, scheme in looks():
            self.page.set_viewport_size({"width": width, "height": 800})
            self.page.emulate_media(color_scheme=scheme)
            assert self.page.evaluate("document.documentElement.scrollWidth") <= width, name
            found = self.page.evaluate(
                "asked => axe.run(asked).then(told => told.violations.map("
                "each => [each.id, each.nodes[0].html]))",
                ASKED,
            )
            assert found == [], (name, width, scheme)
            self.page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{scheme}.png", full_page=True)
        width, scheme = looks()[0]
        self.page.set_viewport_size({"width": width, "height": 800})
        self.page.emulate_media(color_scheme=scheme)
