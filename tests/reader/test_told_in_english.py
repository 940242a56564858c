"""What English newsrooms tell without the usual words, and what only sounds like an incident."""

import pytest

from tracker.articles.codes import Language
from tracker.reader.acts.finding import find_acts
from tracker.reader.found import Reality
from tracker.reader.suggest import Suggestions, suggest
from tracker.reader.text import ArticleText


def told(text: str) -> Suggestions:
    paragraphs = "\n\n".join(text.strip().splitlines())
    return suggest(ArticleText(text=paragraphs, language=Language.EN))


def happened(text: str) -> set[str]:
    acts = find_acts(ArticleText(text=text, language=Language.EN))
    return {act.code for act in acts if act.reality is Reality.HAPPENED}


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("threat.death", "He was told that he would end up in the river like the others."),
        ("threat.death", "A leaflet offered five thousand dollars for the reporter's head."),
        ("threat.physical", "He was advised to stop if he wanted to keep his legs."),
        ("threat.legal", "The chief said he would find an article of the code for her."),
        ("threat.other", "The mayor said the portal would regret its curiosity."),
        ("impersonation.official", "The prosecutor's office said it employed nobody of that name."),
        ("impersonation.journalist", "Someone is introducing himself as our correspondent."),
        ("disinformation.fabricated", "The screenshot which shows the transfer was faked."),
        ("smear.official", "The governor told the reporter to see a psychiatrist."),
        ("harassment.doxxing", "They posted where his children go to judo."),
        ("harassment.flooding", "Her telephone has rung every four minutes; nobody speaks."),
        ("digital.account_attack", "She was thrown out of all her devices at 4.10."),
        ("digital.ddos", "Engineers of the site counted 900,000 visits a second."),
        ("digital.spyware", "Officers read aloud to him from his own chat."),
        ("surveillance.physical", "The neighbour was paid to write down who comes to her."),
        ("intimidation.visit", "Three sportsmen were sitting on the bench at his entrance."),
        ("intimidation.contacts", '"Tell your sister to calm down," the officer said.'),
        ("physical.attempt", "A bottle with petrol was thrown through the window of the flat."),
        ("physical.assault", "The cameraman was slammed against the gate."),
        ("physical.kidnapping", "Downstairs he was put in an unmarked van."),
        ("legal.detention", "The judge gave the reporter twelve days."),
        ("legal.civil", "He wants twenty million tenge for moral harm."),
        ("legal.economic", "The accounts of the newspaper were frozen."),
        ("access.denied", "The reporter was told that there was no chair for her."),
        ("access.obstruction", "Ushers held their coats in front of the lens."),
        ("censorship.removal", "The film was taken out of the programme an hour before."),
        ("censorship.blocking", "Readers see a grey square instead of the page."),
        ("employment.dismissal", "She found a substitute in her chair."),
    ],
)
def test_acts_are_told_as_scenes(code: str, sentence: str) -> None:
    assert code in happened(sentence)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("access.denied", "The withdrawal of two reporters' accreditation was announced."),
        ("access.information", "A request by the weekly for the contract was left without reply."),
        ("censorship.blocking", "The magazine's website was made inaccessible in April."),
        ("employment.dismissal", "The contract of the presenter was terminated in May."),
        ("harassment.doxxing", "The home address of the blogger was published on a channel."),
        ("legal.border", "The correspondent was refused entry to the country in April."),
        ("legal.detention", "The detention of the photographer was prolonged by two months."),
        ("legal.search", "The premises of the radio station were searched by police."),
        ("legal.summons", "The columnist was required to appear before an investigator."),
        ("physical.assault", "Blows to the head were dealt to the cameraman by two men."),
        ("surveillance.physical", "The movements of the journalist were monitored for weeks."),
        ("threat.death", "Letters announcing that she would be killed reached the reporter."),
    ],
)
def test_acts_are_told_in_the_prose_of_reports(code: str, sentence: str) -> None:
    assert code in happened(sentence)


def test_an_arrest_does_not_hide_what_was_done_to_whoever_was_arrested() -> None:
    found = happened("The correspondent was detained and tortured.")
    assert {"legal.detention", "physical.torture"} <= found


@pytest.mark.parametrize(
    "sentence",
    [
        "The reporter's phone rang during the concert.",
        "Their car broke down on the way to the interview.",
        "The site was unavailable because of an upgrade of the servers.",
        "The editor was summoned to the stage to receive the diploma.",
        "The minister, stopped by reporters at the door, took it lightly.",
        "She was taken to the cardiology department.",
        "Her lawyer asked for a suspended sentence.",
        "The editor asked contributors to leave their phones in the hall.",
        "On Monday I took a statement to the city police department.",
        "The blogger was hit by the flu and cancelled the stream.",
        "The newspaper has closed its regional office to save money.",
        "The police officer held the microphone and introduced the recruits.",
        "The minister apologised to journalists for being late.",
        "He slapped the horse and laughed.",
        "The teacher asked not to be named.",
    ],
)
def test_everyday_sentences_tell_no_act(sentence: str) -> None:
    assert happened(sentence) == set()


def test_may_is_a_month_beside_a_day() -> None:
    assert "physical.assault" in happened("On 15 May guards beat the cameraman at the dump.")


def test_who_is_named_late_was_aimed_at_where_the_act_stands_beside_the_name() -> None:
    found = told(
        """
        Cameraman beaten at quarry
        Cameraman Ruslan Temirov was beaten by guards at the quarry on Monday.
        Temirov has eleven stitches above the ear.
        The owner of the quarry did not answer calls.
        Residents have complained about the dust for years.
        Aliya Sarova, the reporter who worked with him, was put into a police van.
        """
    )
    assert {one.name for one in found.targeting.people} == {"Ruslan Temirov", "Aliya Sarova"}


def test_he_was_names_whom_the_story_is_about() -> None:
    found = told(
        """
        Two held after shooting at stall
        Deputy Murat Ospan called it a shame for the region.
        The man at the stall had ordered two glasses of juice. He was shot five times.
        He was Daulet Imanov, 44, for nineteen years the correspondent of the weekly Tau.
        """
    )
    assert [one.name for one in found.targeting.people] == ["Daulet Imanov"]


def test_what_is_asked_of_her_sons_teacher_is_done_to_her() -> None:
    found = told(
        """
        Reporter followed for three weeks
        Reporter Aliya Sarova has been followed by a white van for three weeks.
        On Friday somebody walked into her son's kindergarten and asked the teacher who picks him up.
        """
    )
    assert "intimidation.contacts" in {act.code for act in found.targeting.acts}


def test_a_name_with_its_newsroom_is_a_journalist() -> None:
    found = told(
        """
        Seats taken
        Madina Ospan of the weekly Tau was not let into the session hall on Monday.
        Ospan was told that there was no chair for her.
        """
    )
    assert [one.name for one in found.targeting.people] == ["Madina Ospan"]


def test_headlines_with_bullets_are_no_part_of_an_article() -> None:
    found = told(
        """
        Bridge opened after repairs
        The bridge over the Ural was opened on Monday. The mayor cut a ribbon.
        Residents had waited for two years for the repairs to end.
        • Journalist Marat Ivin followed by men in civvies
        • Editor Aliya Sarova summoned over photographs
        """
    )
    assert not found.is_incident


@pytest.mark.parametrize(
    "text",
    [
        """
        Man with home-made press card gets four years
        A court found Maksat Orun guilty of extortion and sentenced him to four years in prison.
        Orun visited cafes with a forged press card and stated that he was a journalist.
        No such newspaper exists, a real journalist told the court.
        """,
        """
        Press Council: portal must apologise to family
        The Press Council has found that the portal Tau broke the code of ethics.
        It ordered the portal to print an apology and to carry the right of reply.
        "We were wrong," editor Marat Ivin said. The portal apologised to the family.
        """,
        """
        Reporter takes prize for series on the price of fish
        Aliya Sarova of the weekly Tau won the first prize of the jury with five articles.
        The work had led to the arrest of two officials. Fishermen had been threatened.
        The second prize went to a photographer. The ceremony was held on Friday.
        """,
        """
        Why news sites did not open on Thursday
        For two hours subscribers of the provider Almatelnet could not open eleven sites.
        An engineer had made a mistake in a routing table, the provider explained.
        There was no order from anybody. Access was restored at 10.40.
        """,
    ],
)
def test_impostors_rulings_prizes_and_faults_are_no_incidents(text: str) -> None:
    assert not told(text).is_incident
