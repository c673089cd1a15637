"""The tags and filters of the components: `{% load design %}`. The list, with examples: preau/design/README.md."""
# size: one short function per component; parted, a reader would have to guess the file of each tag.

import datetime
import html
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BaseFormSet
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html, format_html_join, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from preau.design import frame as frames
from preau.design import icons, text

register = template.Library()

TONES = {"info": "info", "success": "check", "warning": "warning", "error": "stop"}
# Circles fill up as an account comes to life; a diamond asks for a hand; a square is shut.
SHAPES = {
    "unnotified": "",
    "notified": "tag-notified",
    "expired": "tag-expired",
    "confirm": "tag-confirm",
    "temporary": "tag-confirm",
    "pending": "tag-confirm",
    "active": "tag-active",
    "blocked": "tag-blocked",
    "locked": "tag-blocked",
    "disabled": "tag-disabled",
    "closed": "tag-disabled",
}


def _inside(content: str) -> SafeString:
    """What stands between a tag and its end: drawn, hence escaped, by the template that holds it."""
    return mark_safe(content.strip())  # noqa: S308


def _piece(name: str, /, **context: Any) -> SafeString:
    return _inside(render_to_string(f"design/components/{name}.html", context))


# The frame ----------------------------------------------------------------------------------------------------------


@register.simple_tag
def frame() -> dict[str, Any]:
    """What stands around every page (preau.design.frame)."""
    return frames.frame()


@register.simple_tag
def home() -> str:
    """The address behind the mark."""
    return str(frames.frame()["home"]) or "/"


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon; a word always stands beside it."""
    return _inside(icons.draw(name))


@register.simple_tag
def frieze() -> SafeString:
    """The little yard, on arrival pages only."""
    return _piece("frieze")


@register.simple_tag
def back(url: str, label: str = "") -> SafeString:
    """« Retour »."""
    return _piece("back", url=url, label=label)


@register.simple_tag
def crumbs(entries: Sequence[Any]) -> SafeString:
    """The path from the top; the last entry has no url."""
    return _piece("crumbs", crumbs=entries)


@register.simple_tag
def tabs(entries: Sequence[Any], label: str = "") -> SafeString:
    """Sections as links: label, url, is_current."""
    return _piece("tabs", tabs=entries, label=label)


@register.simple_tag
def steps(entries: Sequence[Any]) -> SafeString:
    """« Étape 2 sur 4 »: title, is_done, is_current."""
    entries = list(entries)
    current = [place for place, entry in enumerate(entries, 1) if _get(entry, "is_current")]
    done = sum(1 for entry in entries if _get(entry, "is_done"))
    return _piece(
        "steps", steps=entries, number=current[0] if current else min(done + 1, len(entries)), total=len(entries)
    )


def _get(entry: Any, name: str) -> Any:
    return entry.get(name) if isinstance(entry, dict) else getattr(entry, name, None)


# Forms --------------------------------------------------------------------------------------------------------------


@register.simple_tag
def field(question: Any, label: str = "", hint: str = "", wide: str = "") -> SafeString:
    """One question with its label, hint and error. `wide`: xs, s, m, full."""
    if wide:
        question.wide = wide
    return _piece("field", field=question, label=label, hint=hint)


@register.simple_tag
def errors(forms: Any) -> SafeString:
    """The summary of what is wrong, in the words of the fields, each with a link to its answer."""
    entries = list(wrong_answers(forms))
    # One answer may be wrong twice: it is to be corrected once.
    return _piece("errors", entries=entries, number=len({entry["target"] or entry["words"] for entry in entries}))


def wrong_answers(forms: Any) -> Iterable[dict[str, str]]:
    """Each error of a form, of a formset or of a list of them: its words and the id of the answer to correct."""
    if isinstance(forms, (list, tuple, BaseFormSet)):
        if isinstance(forms, BaseFormSet):
            yield from ({"words": str(error), "target": ""} for error in forms.non_form_errors())
        for one in forms:
            yield from wrong_answers(one)
    elif isinstance(forms, BaseForm) and forms.errors:
        yield from ({"words": str(error), "target": ""} for error in forms.non_field_errors())
        for question in forms:
            for error in question.errors:
                target = getattr(question, "target", question.id_for_label)
                yield {"words": _named(str(question.label), str(error)), "target": target}


def _named(label: str, error: str) -> str:
    """« Yanis : le mois doit être… »; a word in capitals keeps them."""
    rest = error if len(error) > 1 and error[1].isupper() else error[:1].lower() + error[1:]
    return gettext("%(question)s : %(error)s") % {"question": label.rstrip(" ?:\u00a0\u202f"), "error": rest}


@register.simple_tag
def button(
    label: str,
    kind: str = "",
    href: str = "",
    name: str = "",
    value: str = "",
    type: str = "submit",
    icon: str = "",
    what: str = "",
    form: str = "",
    formaction: str = "",
    is_small: bool = False,
) -> SafeString:
    """`kind`: none (the way on), second, quiet, danger. With `href`, a link. `what`: for a screen reader."""
    css = " ".join(filter(None, ["button", kind and f"button-{kind}", "button-small" if is_small else ""]))
    return _piece(
        "button",
        label=label,
        href=href,
        css=css,
        name=name,
        value=value,
        type=type,
        icon_name=icon,
        what=what,
        form=form,
        formaction=formaction,
    )


# Telling ------------------------------------------------------------------------------------------------------------


@register.simple_block_tag
def notice(content: str, tone: str = "info", title: str = "", role: str = "") -> SafeString:
    """{% notice "warning" title="…" %}<p>…</p>{% endnotice %}; `role` status or alert only after an act."""
    return _piece("notice", tone=tone, icon_name=TONES[tone], title=title, body=_inside(content), role=role)


@register.simple_tag
def tag(shape: str, words: str) -> SafeString:
    """The state of an account: a word and a shape. An unknown shape keeps the empty circle."""
    return format_html('<span class="tag {}">{}</span>', SHAPES.get(str(shape).lower(), ""), words)


@register.simple_tag
def progress(title: str, done: int = 0, total: int = 0, left: str = "", where: str = "") -> SafeString:
    """Long work: what, how many, how long, and that one may leave."""
    return _piece("progress", title=title, done=done, total=total, left=left, where=where)


@register.simple_tag
def code(value: str, is_large: bool = False, size: int = 4) -> SafeString:
    """A secret or a ticket in groups of four, always left to right; copied without the gaps."""
    return _piece("code", groups=text.in_groups(str(value), size), is_large=is_large)


# Showing ------------------------------------------------------------------------------------------------------------


@register.simple_tag
def facts(rows: Sequence[Any]) -> SafeString:
    """« Vérifiez vos informations »: label, value, note, url, action, what."""
    return _piece("list", rows=rows)


@register.simple_tag
def links(entries: Sequence[Any]) -> SafeString:
    """What can be done, one wide link each: label, url, note."""
    return _piece("links", links=entries)


@register.simple_tag
def timeline(events: Sequence[Any]) -> SafeString:
    """What happened: when (words), datetime, words, is_done."""
    return _piece(
        "timeline", events=[{"is_done": True, **event} if isinstance(event, dict) else event for event in events]
    )


@register.simple_tag
def bars(entries: Sequence[Any]) -> SafeString:
    """A share per division: label, percent, is_low."""
    return _piece("bars", bars=entries)


@register.simple_tag
def chips(entries: Sequence[Any], clear_url: str = "") -> SafeString:
    """The filters in force: label, url without it."""
    return _piece("chips", chips=entries, clear_url=clear_url)


@register.simple_tag
def filters(form: Any, chips: Sequence[Any] = (), clear_url: str = "", words: str = "") -> SafeString:
    """Search at the desk: a GET form whose first question is wide, and the filters in force."""
    return _piece("filters", form=form, chips=chips, clear_url=clear_url, words=words)


@register.simple_block_tag
def card(content: str, title: str = "", line: str = "") -> SafeString:
    """{% card title="Inès Belkacem" line="5e B" %}…{% endcard %}."""
    head = (
        format_html("<div><h3>{}</h3>{}</div>", title, format_html('<p class="soft">{}</p>', line) if line else "")
        if title
        else ""
    )
    return format_html('<article class="card flow">{}{}</article>', head, _inside(content))


@register.simple_block_tag(takes_context=True)
def next(context: Context, content: str, title: str, id: str = "next") -> SafeString:
    """The one thing to do now: {% next "126 familles…" %}<p>…</p>{% acts %}…; one a page."""
    return format_html(
        '<section class="next" aria-labelledby="{id}"><div class="flow"><h2 id="{id}">{title}</h2>{body}</div>'
        "</section>",
        id=id,
        title=title,
        body=_inside(content),
    )


@register.simple_block_tag
def ticket(content: str, label: str, value: str) -> SafeString:
    """A number to give at the counter, large."""
    return format_html(
        '<div class="ticket"><p class="label">{}</p><p class="code" dir="ltr">{}</p>{}</div>',
        label,
        value,
        _inside(content),
    )


@register.simple_block_tag
def empty(content: str, title: str) -> SafeString:
    """Nothing found: why, and the way out."""
    return format_html('<div class="empty flow"><h2 class="empty-title">{}</h2>{}</div>', title, _inside(content))


@register.simple_block_tag
def bulk(content: str, count_words: str = "", detail: str = "") -> SafeString:
    """Acts on the ticked rows, stuck to the foot: {% bulk %}<buttons>{% endbulk %}; the script counts the ticks.

    `count_words` replaces the count by words of the page (« 126 choisis »), `detail` follows (« 80 par courriel »).
    """
    return _piece("bulk", count_words=count_words, detail=detail, body=_inside(content))


# Tables -------------------------------------------------------------------------------------------------------------


@register.simple_block_tag
def table(content: str, caption: str, columns: Sequence[Any], is_cards: bool = True, ticks: bool = False) -> SafeString:
    """{% table "Responsables" columns %}<tr role="row">…</tr>{% endtable %}: cards on a phone.

    `columns`: words, or {label, url (sorts), order (ascending, descending, none), css}. `ticks` adds « Tout cocher ».
    """
    return _piece(
        "table",
        caption=caption,
        columns=[column if isinstance(column, dict) else {"label": column} for column in columns],
        body=_inside(content),
        is_cards=is_cards,
        ticks=ticks,
    )


@register.simple_block_tag
def cell(content: str, label: str, css: str = "") -> SafeString:
    """{% cell "État" %}…{% endcell %}; empty, it shows a dash and hides on a phone."""
    inside = content.strip()
    if not inside:
        return format_html('<td role="cell" class="is-empty" data-label="{}">—</td>', label)
    return format_html(
        '<td role="cell"{} data-label="{}"><div>{}</div></td>',
        format_html(' class="{}"', css) if css else "",
        label,
        _inside(inside),
    )


@register.simple_block_tag
def rowhead(content: str, url: str = "", sub: str = "") -> SafeString:
    """The cell that names the row: {% rowhead url=… sub=username %}NOM Prénom{% endrowhead %}."""
    inside = _inside(content)
    name = format_html('<a href="{}">{}</a>', url, inside) if url else inside
    below = format_html('<span class="sub code"><bdi dir="ltr">{}</bdi></span>', sub) if sub else ""
    return format_html('<th role="rowheader" scope="row">{}{}</th>', name, below)


@register.simple_tag
def tick(name: str, value: Any, words: str, is_ticked: bool = False, form: str = "") -> SafeString:
    """The box at the head of a row; `words` names the row for a screen reader, `form` the id of its form."""
    return format_html(
        '<td role="cell" class="cell-tick"><label class="tick"><span class="hidden-visually">{}</span>'
        '<input type="checkbox" name="{}" value="{}"{}{}></label></td>',
        gettext("Choisir %(words)s") % {"words": words},
        name,
        value,
        mark_safe(" checked") if is_ticked else "",
        format_html(' form="{}"', form) if form else "",
    )


@register.simple_tag
def lines(rows: Iterable[Mapping[str, Any]]) -> SafeString:
    """Many lines of a table at once, for long lists: a template per cell would cost three times the query.

    Each row: `name`, `url`, `sub`, `cells` (label, words), and `tick` (name, value, words) for a box at its head.
    """
    drawn = []
    choose = _bare(gettext("Choisir %(words)s"))
    for row in rows:
        box = ""
        if row.get("tick"):
            name, value, words = map(_bare, row["tick"])
            box = _TICK % (choose % {"words": words}, name, value)
        url, sub, head = _bare(row.get("url", "")), _bare(row.get("sub", "")), _bare(row["name"])
        head = f'<a href="{url}">{head}</a>' if url else head
        below = f'<span class="sub code"><bdi dir="ltr">{sub}</bdi></span>' if sub else ""
        cells = [(_CELL if words else _NO_CELL) % (label, _bare(words)) for label, words in row["cells"]]
        drawn.append(f'<tr role="row">{box}<th role="rowheader" scope="row">{head}{below}</th>{"".join(cells)}</tr>')
    return mark_safe("".join(drawn))  # noqa: S308  (each piece is escaped by `_bare`)


# The markup of `tick` and `cell`, once more: a test compares.
_TICK = (
    '<td role="cell" class="cell-tick"><label class="tick"><span class="hidden-visually">%s</span>'
    '<input type="checkbox" name="%s" value="%s"></label></td>'
)
_CELL = '<td role="cell" data-label="%s"><div>%s</div></td>'
_NO_CELL = '<td role="cell" class="is-empty" data-label="%s">—%s</td>'


def _bare(value: Any) -> str:
    """`conditional_escape` without its laziness: a third of its cost."""
    return str(value) if hasattr(value, "__html__") else html.escape(str(value))


@register.simple_tag(takes_context=True)
def pages(context: Context, page: Page[Any], parameter: str = "page") -> SafeString:
    """« 1 2 3 … 21 Suivante », keeping the filters of the address; needs `request` in the context."""
    query = context["request"].GET.copy()

    def url(number: int) -> str:
        query[parameter] = str(number)
        return f"?{query.urlencode()}"

    elided = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    entries = [
        {"number": number, "url": url(number), "is_current": number == page.number} if isinstance(number, int) else None
        for number in elided
    ]
    before = url(page.previous_page_number()) if page.has_previous() else ""
    after = url(page.next_page_number()) if page.has_next() else ""
    return _piece("pages", page=page, entries=entries, before=before, after=after)


# Words --------------------------------------------------------------------------------------------------------------


@register.filter
def displayable(value: Any) -> str:
    """A received name without control characters nor anything that reverses its reading."""
    return text.displayable(str(value))


@register.filter
def desk_name(person: Any) -> SafeString:
    """« NOM Prénom », isolated from the direction around: a person with first_name and used_name or birth_name."""
    return format_html("<bdi>{}</bdi>", text.desk_name(_last_name(person), str(_get(person, "first_name") or "")))


@register.filter
def person_name(person: Any) -> SafeString:
    """« Prénom Nom »: a person of the directory, or one in OpenID Connect's words (given_name, family_name)."""
    first = str(_get(person, "first_name") or _get(person, "given_name") or "")
    return format_html("<bdi>{}</bdi>", text.person_name(first, _last_name(person)))


def _last_name(person: Any) -> str:
    return str(_get(person, "used_name") or _get(person, "birth_name") or _get(person, "family_name") or "")


@register.filter
def division(label: Any) -> SafeString:
    """« 5E B » → 5<sup>e</sup> B, kept on one line."""
    figure, raised, rest = text.division_parts(str(label or ""))
    if not figure:
        return conditional_escape(rest)
    return format_html('<span class="nowrap">{}<sup>{}</sup>{}</span>', figure, raised, f" {rest}" if rest else "")


@register.filter
def masked_phone(phone: Any) -> SafeString:
    """« 06 •• •• •• 40 »; a screen reader hears where it ends."""
    if not phone:
        return mark_safe("")
    masked = text.masked_phone(str(phone))
    spoken = gettext("numéro qui finit par %(end)s") % {"end": masked[-2:]}
    return format_html(
        '<span class="nowrap num" dir="ltr"><span aria-hidden="true">{}</span>'
        '<span class="hidden-visually">{}</span></span>',
        masked,
        spoken,
    )


@register.filter
def phone(value: Any) -> SafeString:
    """« 01 99 00 12 34 »."""
    return format_html('<span class="nowrap num" dir="ltr">{}</span>', text.phone_in_pairs(str(value or "")))


@register.filter
def phone_text(value: Any) -> str:
    """The same in plain text, for messages."""
    return text.phone_in_pairs(str(value or ""))


@register.filter
def number(value: Any) -> str:
    """« 1 043 »."""
    return text.number(value) if isinstance(value, (int, float)) else str(value)


@register.filter
def unlocalized(value: Any) -> str:
    """A number as HTML wants it."""
    return str(value)


@register.filter
def day(value: datetime.date | None) -> SafeString:
    """« 23 novembre 2026 », « 1<sup>er</sup> septembre »; another language writes its own."""
    return _date(value, is_short=False)


@register.filter
def short_day(value: datetime.date | None) -> SafeString:
    """« 23 nov. 2026 »."""
    return _date(value, is_short=True)


def _date(value: datetime.date | None, *, is_short: bool) -> SafeString:
    if not value:
        return mark_safe("")
    date = timezone.localtime(value).date() if isinstance(value, datetime.datetime) else value
    if not (translation.get_language() or "fr").startswith("fr"):
        return conditional_escape(date_format(date, "SHORT_DATE_FORMAT" if is_short else "DATE_FORMAT"))
    words = text.date_in_words(date, is_short=is_short)
    if date.day == 1:
        return format_html('<span class="nowrap">1<sup>er</sup></span>{}', words.removeprefix("1er"))
    return conditional_escape(words)


@register.filter
def moment(value: datetime.datetime | None, at: datetime.datetime | None = None) -> SafeString:
    """« aujourd’hui, 18 h 42 » when `at` is given and says so, else « 20 novembre 2026, 9 h 15 »."""
    if not value:
        return mark_safe("")
    local = timezone.localtime(value)
    today = timezone.localtime(at).date() if at else None
    if today == local.date():
        date: str = gettext("aujourd’hui")
    elif today and local.date() == today - datetime.timedelta(days=1):
        date = gettext("hier")
    else:
        date = _date(local, is_short=False)
    hour = (
        text.hour_in_words(local)
        if (translation.get_language() or "fr").startswith("fr")
        else date_format(local, "TIME_FORMAT")
    )
    return format_html("{}, {}", date, hour)


@register.filter
def until(value: datetime.datetime | None, at: datetime.datetime | None = None) -> SafeString:
    """« jusqu’à aujourd’hui, 18 h 42 », « jusqu’au 2 décembre 2026, 9 h 15 »: French contracts before a date only."""
    if not value:
        return mark_safe("")
    words = moment(value, at)
    sentence = gettext("jusqu’au {moment}") if strip_tags(words)[:1].isdigit() else gettext("jusqu’à {moment}")
    return format_html(sentence, moment=words)


@register.filter
def listed(values: Iterable[Any]) -> SafeString:
    """« Inès, Hugo et Zoé »."""
    *first, last = list(values) or [""]
    if not first:
        return conditional_escape(last)
    return format_html("{}{}{}", format_html_join(", ", "{}", ((one,) for one in first)), gettext(" et "), last)
