"""Articles that staff take in during the journeys, one in each language; all of it is invented."""

from __future__ import annotations

# As long, and with as much to record, as the article for which the sample case was made: threats, men
# who posed as police, fake accounts, a hoax, and a minister's answer.
ENGLISH = """Minister Asked About Threats to a Newsroom

The Minister of Culture and Information of the Republic of Kazakhstan, Aigerim Sadykova, spoke on \
Monday about threats that journalists receive, Dala News reports.
The minister said that whoever sends them wants to weaken the state itself.
"New technologies ask for new ways of working. I will say again that orders to block such pages are \
prepared around the clock, and that every agency takes part in this work," Sadykova said.
Asked about the threats against journalists, among them Asem Tulegenova and Daniyar Omarov, she \
answered:
"I condemn these threats. They are made to discredit not one or two journalists but the whole \
country, and we must fight those who make them."
Sadykova noted that law enforcement agencies are investigating the threats.
Journalists, among them editor-in-chief Asem Tulegenova, have faced threats and harassment for the \
past six months. Men who claimed to be police officers came to the homes of staff members, \
questioned neighbors and circulated photofits, claiming that the journalists were wanted.
Fake social media accounts were created with the names and photographs of the journalists. These \
accounts spread false information, including reports of the death of Asem Tulegenova.
Author: Saule Akhmetova
Latest news
- Rain Expected in the South
- Court in Taraz Sentences a Former Bank Manager
- Bus Fares in Two Cities to Rise in Autumn
"""
RUSSIAN = """Журналистке газеты «Дала» угрожают

Журналистка газеты «Дала» Асем Тулегенова из Алматы получает угрозы убийством, сообщила редакция.
12 мая 2026 года неизвестные разбили окна в доме Асем Тулегеновой в Алматы.
В социальных сетях создали фейковый аккаунт с именем и фотографией журналистки.
Министерство внутренних дел Казахстана сообщило, что начато досудебное расследование.
"""
KAZAKH = """«Дала» газетінің журналисіне қоқан-лоққы жасалды

«Дала» газетінің журналисі Әсем Төлегеноваға белгісіз біреулер өлтіреміз деп қоқан-лоққы жасады, деп \
хабарлады редакция.
2026 жылғы 12 мамырда Алматыда белгісіз адамдар журналист Әсем Төлегенованы ұрып кетті.
Қазақстан Ішкі істер министрлігі сотқа дейінгі тергеп-тексеру басталғанын мәлімдеді.
"""
ARTICLES = {"en": ENGLISH, "ru": RUSSIAN, "kk": KAZAKH}
