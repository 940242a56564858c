"""Pages as newsrooms save them, of all the kinds that are hard to read, with expected results."""

from __future__ import annotations

import html
import json
from typing import NamedTuple

TITLES = {
    "en": "Three men ask a village who writes about its water",
    "ru": "Трое спрашивали в селе, кто пишет про их воду",
    "kk": "Үш адам ауылда су туралы кім жазатынын сұрады",
}
BODIES = {
    "en": [
        "Three men came to the village of Karasu on Monday and asked in both shops where the woman lives who writes about the water.",
        "They did not say who had sent them. The shopkeeper, who has known the reporter since school, told them that she had moved away.",
        "“They were polite, and they knew the colour of her gate,” she said.",
        "The reporter, Dana Orlova, has published four articles since spring on wells that were drilled beside a tailings pond. In the last of them she named the owner of the pond.",
        "The district police said that “no officers were sent to the village on that day”, and that a complaint had been registered under number 418.",
        "The owner of the pond said that he had read the articles and had nothing to add to them.",
        "Orlova sleeps at her sister’s. She says that the fifth article will appear on Friday, as planned.",
    ],
    "ru": [
        "В понедельник в село Карасу приехали трое мужчин и в обоих магазинах спросили, где живёт женщина, которая пишет про воду.",
        "Кто их прислал, они не сказали. Продавщица, знающая журналистку со школы, ответила, что та переехала.",
        "«Вежливые такие, и знали, какого цвета у неё калитка», — говорит она.",
        "Журналистка Дана Орлова с весны выпустила четыре текста о скважинах, пробурённых рядом с хвостохранилищем. В последнем она назвала владельца.",
        "В районном отделе полиции сообщили, что «в тот день сотрудники в село не направлялись», а заявление зарегистрировано под номером 418.",
        "Владелец хвостохранилища сказал, что статьи читал и добавить ему нечего.",
        "Орлова ночует у сестры. Пятый текст, по её словам, выйдет в пятницу, как и собирались.",
    ],
    "kk": [
        "Дүйсенбі күні Қарасу ауылына үш ер адам келіп, екі дүкеннен де су туралы жазатын әйелдің қайда тұратынын сұраған.",
        "Кім жібергенін айтпаған. Тілшіні мектептен білетін сатушы оның көшіп кеткенін айтқан.",
        "«Сыпайы екен, қақпасының түсін де біледі», — дейді ол.",
        "Тілші Дана Орлова көктемнен бері қалдық қоймасының қасында бұрғыланған ұңғымалар туралы төрт мақала жариялады. Соңғысында қойманың иесін атады.",
        "Аудандық полиция бөлімі «ол күні ауылға қызметкер жіберілген жоқ» деді, арыз 418 нөмірімен тіркелген.",
        "Қойма иесі мақалаларды оқығанын, қосары жоғын айтты.",
        "Орлова апасының үйінде түнейді. Бесінші мақала, оның айтуынша, жұма күні шығады.",
    ],
}
OTHERS = {
    "en": [
        "Minister opens a bridge over the river",
        "Rain is expected at the weekend in the north",
        "Dollar gains three tenge in a day",
        "Who plays for Aktobe this season: the full list",
    ],
    "ru": [
        "Министр открыл мост через реку",
        "На выходных на севере ждут дождь",
        "Доллар подорожал за день на три тенге",
        "Кто сыграет за «Актобе» в этом сезоне: полный список",
    ],
    "kk": [
        "Министр өзен үстіндегі көпірді ашты",
        "Демалыста солтүстікте жаңбыр күтіледі",
        "Доллар бір күнде үш теңгеге қымбаттады",
        "«Ақтөбе» сапында биыл кім ойнайды: толық тізім",
    ],
}
WORDS = {
    "en": {"menu": ["Home", "Politics", "Economy", "Sport"], "latest": "Latest news", "also": "Read also", "share": "Share", "views": "3,412 views", "rights": "All rights reserved.", "day": "4 June 2025", "comments": "Comments (2)", "subscribe": "Subscribe to our channel and read the news first", "cookies": "We use cookies and similar means to store what you do here, and so do 412 partners of ours, whose names you find in the list of partners."},
    "ru": {"menu": ["Главная", "Политика", "Экономика", "Спорт"], "latest": "Последние новости", "also": "Читайте также", "share": "Поделиться", "views": "3 412 просмотров", "rights": "Все права защищены.", "day": "4 июня 2025", "comments": "Комментарии (2)", "subscribe": "Подписывайтесь на наш канал и читайте новости первыми", "cookies": "Мы используем файлы cookie и сохраняем, что вы здесь делаете, и так же поступают 412 наших партнёров, имена которых вы найдёте в списке."},
    "kk": {"menu": ["Басты бет", "Саясат", "Экономика", "Спорт"], "latest": "Соңғы жаңалықтар", "also": "Сондай-ақ оқыңыз", "share": "Бөлісу", "views": "3 412 рет оқылды", "rights": "Барлық құқықтар қорғалған.", "day": "2025 жылғы 4 маусым", "comments": "Пікірлер (2)", "subscribe": "Жазылыңыз: жаңалықтарды бірінші болып оқыңыз", "cookies": "Біз cookie файлдарын пайдаланамыз және мұнда не істегеніңізді сақтаймыз, тізімдегі 412 серіктесіміз де солай істейді, олардың атын тізімнен табасыз."},
}  # fmt: skip
DAY = "2025-06-04"


class Made(NamedTuple):
    """A page, and the expected lines, title and date."""

    page: bytes
    lines: list[str]
    title: str
    day: str | None


def paragraphs(lines: list[str]) -> str:
    return "".join(f"<p>{html.escape(line)}</p>" for line in lines)


class Site:
    """The parts of which pages in one language are made."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.title, self.body = TITLES[language], BODIES[language]
        self.others, self.words = OTHERS[language], WORDS[language]
        items = "".join(f'<li><a href="/{item}">{item}</a></li>' for item in self.words["menu"])
        self.menu = f'<div class="m"><ul>{items}</ul></div>'
        self.heading, self.day = f"<h1>{self.title}</h1>", f"<div>{self.words['day']}</div>"
        hours = "".join(
            f'<li>1{n}:20 <a href="/{n}">{one}</a></li>' for n, one in enumerate(self.others)
        )
        self.latest = f'<div class="b"><h3>{self.words["latest"]}</h3><ul>{hours}</ul></div>'
        self.cards = "".join(
            f'<div class="k"><a href="/{n}"><h4>{one}</h4></a><p>{self.words["cookies"][:110]}…</p></div>'
            for n, one in enumerate(self.others)
        )
        self.share = f'<div class="s">{self.words["share"]}: <a>Facebook</a> <a>Telegram</a> <a>WhatsApp</a></div>'
        self.foot = f"<div><p>© 2019–2025 Gazeta. {self.words['rights']}</p></div>"

    def make(
        self,
        body: str,
        *,
        head: str = "",
        encoding: str = "utf-8",
        lines: list[str] | None = None,
        title: str | None = None,
        page_title: str | None = None,
        day: str | None = DAY,
    ) -> Made:
        filler = "<script>" + "var filler = 1; " * 500 + "</script>"
        named = page_title or f"{self.title} | Gazeta"
        page = (
            f'<!doctype html><html lang="{self.language}"><head><meta charset="{encoding}"><title>{named}'
            f"</title>{head}{filler}</head><body>{self.menu}{body}{self.foot}</body></html>"
        )
        content = page.encode(encoding, "xmlcharrefreplace")
        return Made(content, self.body if lines is None else lines, title or self.title, day)


def in_tables(site: Site) -> Made:
    news = "".join(f'<a href="/{n}">{one}</a><br>' for n, one in enumerate(site.others))
    text = "<br><br>".join(site.body)
    return site.make(
        f"<table><tr><td>{news}</td><td><font><b>{site.title}</b></font><br><i>{site.words['day']}</i><br><br>"
        f"{text}<br><br>{site.share}</td><td>{site.cards}</td></tr></table>",
        encoding="windows-1251" if site.language == "ru" else "utf-8",
        page_title=f"{site.title} - Gazeta",
    )


def in_lines(site: Site) -> Made:
    link = f'<br>{site.words["also"]}: <a href="/1">{site.others[1]}</a>'
    return site.make(
        f"<div>{site.heading}{site.day}<div>{'<br>'.join(site.body)}{link}</div></div>{site.latest}"
    )


def in_boxes(site: Site) -> Made:
    boxes = "".join(f'<div class="t">{line}</div>' for line in site.body)
    return site.make(f"<div>{site.heading}{site.day}{boxes}</div>{site.cards}")


def amp(site: Site) -> Made:
    told = {
        "@type": "NewsArticle",
        "headline": site.title,
        "datePublished": DAY + "T09:30:00+05:00",
    }
    return site.make(
        f"<article><header>{site.heading}</header>{paragraphs(site.body[:3])}<amp-ad></amp-ad>"
        f"{paragraphs(site.body[3:])}<amp-list>{site.latest}</amp-list></article>",
        head=f'<script type="application/ld+json">{json.dumps(told)}</script>',
    )


def post_of_a_channel(site: Site) -> Made:
    text = "<br/><br/>".join([site.title, *site.body])
    return site.make(
        f'<div class="w"><div>Gazeta</div><div class="message_text">{text}</div>'
        f'<div><span>3.4K</span> <a><time datetime="{DAY}T10:00:00+00:00">10:00</time></a></div></div>',
        head=f'<meta property="og:title" content="Gazeta"><meta property="og:description" content="{site.title}">',
        page_title="View @gazeta",
    )


def live(site: Site) -> Made:
    told = {
        "@type": "LiveBlogPosting", "headline": site.title, "datePublished": DAY + "T06:00:00+05:00",
        "liveBlogUpdate": [{"@type": "BlogPosting", "datePublished": "2025-06-09T10:00:00Z"}],
    }  # fmt: skip
    news = "".join(
        f'<article class="n"><time datetime="2025-06-0{9 - n}T10:20">1{n}:20</time><p>{line}</p></article>'
        for n, line in enumerate(site.body[1:])
    )
    return site.make(
        f"<main>{site.heading}<p>{site.body[0]}</p><div>{news}</div></main><aside>{site.latest}</aside>",
        head=f'<script type="application/ld+json">{json.dumps(told)}</script>',
    )


def nested_articles(site: Site) -> Made:
    others = "".join(
        f'<article><a href="/{n}"><h3>{one}</h3></a></article>' for n, one in enumerate(site.others)
    )
    return site.make(
        f'<article>{site.heading}<time datetime="{DAY}">{site.words["day"]}</time>{paragraphs(site.body[:3])}'
        f'<article><a href="/x">{site.others[0]}</a></article>{paragraphs(site.body[3:])}'
        f"<section><h2>{site.words['latest']}</h2>{others}</section></article>"
    )


def behind_a_wall(site: Site) -> Made:
    wall = f"<p>{site.words['cookies']}</p>" * 3
    return site.make(
        f"<div><h2>Cookies</h2>{wall}<button>OK</button></div><div>{site.heading}{site.day}"
        f"{paragraphs(site.body)}</div>"
    )


def with_lists_inside(site: Site) -> Made:
    items = "".join(f'<li><a href="/{n}">{one}</a></li>' for n, one in enumerate(site.others))
    return site.make(
        f"<div>{site.heading}<p><small>{site.words['day']} | {site.words['views']}</small></p>"
        f"{paragraphs(site.body[:2])}<p><b>{site.words['also']}:</b></p><ul>{items}</ul>{paragraphs(site.body[2:4])}"
        f'<p><b>{site.words["also"]}: <a href="/y">{site.others[1]}</a></b></p>{paragraphs(site.body[4:])}'
        f"<p>{site.words['subscribe']}</p>{site.share}</div>{site.latest}"
    )


def named_like_furniture(site: Site) -> Made:
    return site.make(
        f'<div class="content-with-sidebar"><div class="widget elated tag-press">{site.heading}'
        f'<div class="article__body has-share-bar">{paragraphs(site.body)}</div></div></div>{site.cards}',
        head=f'<meta itemprop="datePublished" content="{DAY}">',
    )


def under_many_comments(site: Site) -> Made:
    comments = "".join(
        f'<div class="c"><b>reader{n}</b><p>{site.words["cookies"]}</p></div>' for n in range(8)
    )
    return site.make(
        f"<div>{site.heading}{site.day}<div>{paragraphs(site.body)}</div></div>"
        f"<div><h3>{site.words['comments']}</h3>{comments}</div>"
    )


def full_of_links(site: Site) -> Made:
    linked = [
        " ".join(
            f'<a href="/{n}">{word}</a>' if n % 3 == 0 else word
            for n, word in enumerate(line.split())
        )
        for line in site.body
    ]
    text = "".join(f"<p>{line}</p>" for line in linked)
    return site.make(f"<div>{site.heading}{site.day}<div>{text}</div></div>{site.latest}")


def told_to_machines_alone(site: Site) -> Made:
    told = {
        "@graph": [
            {"@type": "WebSite", "name": "Gazeta"},
            {
                "@type": ["NewsArticle"], "headline": site.title, "datePublished": DAY + "T09:30:00+05:00",
                "articleBody": "\n\n".join(site.body),
            },
        ]
    }  # fmt: skip
    return site.make(
        '<div id="root"></div><noscript>JavaScript</noscript>',
        head=f'<script type="application/ld+json">{json.dumps(told)}</script>',
    )


def wrapped_one_by_one(site: Site) -> Made:
    wrapped = "".join(
        f'<div class="x{n}"><div><p>{line}</p></div></div><div class="ad"><div>Ad</div></div>'
        for n, line in enumerate(site.body)
    )
    return site.make(
        f"<main><div>{site.heading}<time>{site.words['day']}</time></div>{wrapped}"
        f"<div><h3>{site.words['latest']}</h3><div>{site.cards}</div></div></main>"
    )


def without_end(site: Site) -> Made:
    other = Site({"en": "ru", "ru": "kk", "kk": "en"}[site.language])
    stories = [
        f'<div class="story">{one.heading}{one.day}<div>{paragraphs(one.body)}</div></div>'
        for one in (site, other)
    ]
    return site.make(f'<div class="stream">{"".join(stories)}</div>')


def with_its_beginning_apart(site: Site) -> Made:
    return site.make(
        f'<div>{site.heading}<p class="standfirst">{site.body[0]}</p><time datetime="{DAY}T10:00">'
        f"{site.words['day']}</time></div><div><div>{paragraphs(site.body[1:])}</div>"
        f"<div>{site.latest}{site.cards}</div></div>"
    )


def hardly_marked(site: Site) -> Made:
    return site.make(f"{site.heading}{site.words['day']}<p>{'<p>'.join(site.body)}")


KINDS = (
    in_tables, in_lines, in_boxes, amp, post_of_a_channel, live, nested_articles, behind_a_wall,
    with_lists_inside, named_like_furniture, under_many_comments, full_of_links,
    told_to_machines_alone, wrapped_one_by_one, without_end, with_its_beginning_apart, hardly_marked,
)  # fmt: skip
MADE = {
    f"{kind.__name__} {language}": kind(Site(language)) for kind in KINDS for language in TITLES
}
PAGES = {name: made.page for name, made in MADE.items()}
