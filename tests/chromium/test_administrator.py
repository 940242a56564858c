"""A day of an administrator: somebody new, a better definition, and the audit log of both."""

from __future__ import annotations

from collections.abc import Callable

from tests.chromium.visitor import Visitor

FIRST, OWN = "seven-quiet-lamps-92", "eleven-green-doors-35"
DEFINITION = "Somebody says or writes that the target will be killed."


def test_somebody_new_signs_in_and_a_term_is_defined(
    sample: str, visit: Callable[..., Visitor]
) -> None:
    admin = visit(sample)
    admin.sign_in("admin")
    admin.choose("Admin", "Users")
    admin.follow("New user", "main")
    admin.fill("User name", "dana")
    admin.fill("New password", FIRST)
    admin.click(admin.page.get_by_label("Staff", exact=True))
    admin.click(admin.page.get_by_label("Sample", exact=True))
    admin.press("Save", "main")
    assert admin.page.get_by_role("link", name="dana").count() == 1

    admin.choose("Reports", "Vocabulary")
    admin.load_by(admin.page.locator("a[href$='/incident_type/threat.death/edit']"))
    admin.fill("Definition", DEFINITION)
    admin.press("Save", "main")
    assert admin.page.get_by_text(DEFINITION).count() == 1

    admin.choose("Admin", "Audit log")
    entries = admin.page.locator("tbody").inner_text()
    assert "dana" in entries
    assert "threat.death" in entries

    dana = visit(sample)
    dana.sign_in("dana", FIRST)
    assert dana.page.get_by_role("heading", name="Choose a password").count() == 1
    dana.fill("New password", OWN)
    dana.press("Save password")
    dana.choose("Inbox")
