"""From page to page of the hostile site: what each says, how it looks, and what happens when it is used."""

import re
from collections.abc import Iterable
from typing import Any

from playwright.sync_api import ViewportSize

from registry.site_check.page import visible
from tests.hostile.attack import Attack
from tests.hostile.catalogue import front_matter
from tests.hostile.watching import Watch

WIDE: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 360, "height": 740}
READ = """() => ({
  text: document.body.textContent, html: document.documentElement.outerHTML, title: document.title,
  heading: document.querySelector("h1")?.textContent ?? "",
  links: [...document.querySelectorAll("a[href]")].map((link) => link.getAttribute("href")),
})"""
UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
USE = """async () => {
  const settled = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  for (const box of document.querySelectorAll("details")) box.open = true;
  for (const button of [...document.querySelectorAll("main button")].slice(0, 8)) {
    button.click();
    await settled();
  }
  const shot = document.querySelector("main .shots a, main [data-lightbox]");
  shot?.addEventListener("click", (event) => event.preventDefault());
  shot?.click();
  await settled();
  for (const box of document.querySelectorAll("dialog[open]")) box.close();
  document.querySelector("#q")?.focus();
}"""
"""Opens what can be opened, presses what can be pressed: scripts of ours run on what the attack wrote."""


def squeezed(text: str) -> str:
    """Return the text as it looks: a run of spaces is one, what cannot be seen or only turns is not there."""
    return re.sub(r"\s+", " ", UNSEEN.sub("", visible(text))).strip()


def tour(watched: Watch, attacks: Iterable[Attack]) -> dict[str, list[str]]:
    """Open the page of each attack; return name -> what is wrong, of those where anything is."""
    found = {attack.name: stop(watched, attack) for attack in attacks}
    return {name: faults for name, faults in found.items() if faults}


def stop(watched: Watch, attack: Attack) -> list[str]:
    """Open and use the page of one attack; return what is wrong with it."""
    faults = watched.visit(f"/plugins/{attack.page}/")
    faults += told(watched.page.evaluate(READ), attack)
    watched.told.clear()
    watched.page.evaluate(USE)
    # Where it has the focus, the search may take the place of the site's name.
    watched.page.evaluate("document.activeElement.blur()")
    watched.page.set_viewport_size(NARROW)
    faults += [f"narrow: {fault}" for fault in [*watched.told, *watched.intact()]]
    watched.page.set_viewport_size(WIDE)
    return faults


def told(page: dict[str, Any], attack: Attack) -> list[str]:
    """Return what the page does not say as it was written, and what it says that it should not."""
    faults = []
    title = front_matter(attack)["title"]
    title = visible(title) if isinstance(title, str) else ""
    title = title or (attack.shows[0] if attack.aim == "title" else attack.page)
    if squeezed(page["heading"]) != squeezed(title):
        faults.append(f"its heading is {page['heading'][:100]!r}")
    if not squeezed(page["title"]).startswith(squeezed(title)[:60]):
        faults.append(f"its title is {page['title'][:100]!r}")
    text = squeezed(page["text"])
    faults += [f"does not say {item[:100]!r}" for item in attack.shows if squeezed(item) not in text]
    faults += [f"holds {item[:100]!r}" for item in attack.hides if item in page["html"]]
    faults += [f"does not link to {link!r}" for link in attack.links if link not in page["links"]]
    return faults
