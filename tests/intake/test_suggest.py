"""What is suggested points into the text as people cite it."""

from __future__ import annotations

from tracker.articles.codes import Language
from tracker.intake.drafting import drafts_of
from tracker.intake.reading.text import Reading
from tracker.intake.suggest import suggest

TEXT = """Editor beaten in Almaty
Asem Tulegenova, editor of Dala News, went home on Monday.
Read also: Court fines a blogger in Taraz
Two men beat the editor Asem Tulegenova in the yard of her house on Tuesday.
Police said they had opened an investigation."""


def test_a_headline_that_was_pasted_along_moves_no_number() -> None:
    reading = Reading(text=TEXT, language=Language.EN, title="Editor beaten in Almaty")
    found = suggest(reading)

    assert found.is_incident
    assert "Read also" in reading.lines[2].sentence.text
    cited = {act.passage.words: act.passage.number for act in found.aimed.acts}
    assert cited["beat the editor"] == 4
    for drafted in drafts_of(reading, found).incidents:
        assert drafted.quote in {"1", "4", "1, 4"}
    (response,) = found.responses
    assert [act.quote.number for act in response.acts] == [5]
