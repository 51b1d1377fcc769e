"""Reports, letters and agreements in Word, from a template of the LGA's or Upstream's own.

A template is a Word file with marks such as `{{ title }}` and `{%p for paragraph in paragraphs %}`. A template is
code: it runs in a sandbox, and what is put into it is escaped. Upstream's own is made here, so that no file that
nobody can read stands in the project.
"""

from functools import lru_cache
from io import BytesIO

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from peer_reviews.writers.text import LEADS, fitted

INK, ACCENT, QUIET = RGBColor(0x0B, 0x0C, 0x0C), RGBColor(0x0B, 0x4F, 0x5B), RGBColor(0x50, 0x5A, 0x5F)
TYPEFACE = "Arial"


def report_docx(content, template=None):
    """Return a report or letter as the bytes of a Word file: every paragraph in its order, in its own style.

    Raises what the template raises: a mark that it has wrong, a name that it doesn't know.
    """
    return _rendered(content, template, report_template)


def agreement_docx(review, content, template=None):
    """Return the agreement about a review as the bytes of a Word file. Raises as `report_docx` does."""
    return _rendered(content, template, agreement_template)


def _rendered(content, template, otherwise):
    document = DocxTemplate(template if template is not None else BytesIO(otherwise()))
    # An undefined name is a mistake in the template, to be heard of when it is put here.
    sandbox = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    document.render(_marked(fitted(content)), jinja_env=sandbox, autoescape=True)
    document.docx.core_properties.title = _property(content["title"])
    document.docx.core_properties.language = content.get("language", "en-GB")
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def _marked(value):
    """Return content whose texts are escaped, and safe from what docxtpl does to text after it is put in its place.

    It would make "{_{" a mark, and a bell or a form feed a break.
    """
    if isinstance(value, dict):
        return {key: _marked(each) for key, each in value.items()} | _lead(value)
    if isinstance(value, list):
        return [_marked(each) for each in value]
    return Markup(str(escape(value)).replace("_", "&#95;")) if isinstance(value, str) else value


def _lead(value):
    """Give a finding the word that leads it, so that what it is doesn't rest on its style alone."""
    return {"lead": LEADS.get(value["kind"], "")} if set(value) == {"kind", "text"} else {}


def _property(text):
    return fitted(text)[:255]


@lru_cache(maxsize=1)
def report_template():
    """Return Upstream's own template of a report or letter, as the bytes of a Word file."""
    document = _begun()
    document.add_paragraph("{{ title }}", style="Title")
    document.add_paragraph("{{ council }}, {{ date }}", style="Subtitle")
    document.add_paragraph("{%p for paragraph in paragraphs %}")
    document.add_paragraph('{%p if paragraph.kind == "heading" %}')
    document.add_paragraph("{{ paragraph.text }}", style="Heading 1")
    for kind, style in (
        ("strength", "Strength"),
        ("consideration", "Area for further consideration"),
        ("recommendation", "Recommendation"),
    ):
        document.add_paragraph(f'{{%p elif paragraph.kind == "{kind}" %}}')
        finding = document.add_paragraph(style=style)
        finding.add_run("{{ paragraph.lead }}: ").bold = True
        finding.add_run("{{ paragraph.text }}")
    document.add_paragraph("{%p else %}")
    document.add_paragraph("{{ paragraph.text }}", style="Body Text")
    document.add_paragraph("{%p endif %}")
    document.add_paragraph("{%p endfor %}")
    return _saved(document)


@lru_cache(maxsize=1)
def agreement_template():
    """Return Upstream's own template of an agreement, of one page, as the bytes of a Word file."""
    document = _begun()
    document.add_paragraph("{{ title }}", style="Title")
    document.add_paragraph("{{ council }}, {{ reference }}", style="Subtitle")
    facts = (
        ("On site", "{{ first_day }} to {{ last_day }}", "first_day"),
        ("Together with", '{{ with_councils | join(", ") }}', "with_councils"),
        ("Scope", "{{ scope }}", "scope"),
        ("Cost", "{{ subsidy }}. {{ subsidy_basis }}", "subsidy"),
    )
    for words, mark, needed in facts:
        document.add_paragraph(f"{{%p if {needed} %}}")
        document.add_paragraph(words, style="Heading 1")
        document.add_paragraph(mark, style="Body Text")
        document.add_paragraph("{%p endif %}")
    for words, name, mark in (
        (
            "Key lines of enquiry",
            "lines",
            "{{ one.title }}{% if one.question %}: {{ one.question }}{% endif %}",
        ),
        ("Team", "team", "{{ one.number }} × {{ one.role }}"),
        ("When", "steps", "{{ one.step }}: {{ one.due }}"),
        ("Endorsed by", "endorsed", "{{ one.office }}, {{ one.on }}"),
    ):
        document.add_paragraph(f"{{%p if {name} %}}")
        document.add_paragraph(words, style="Heading 1")
        document.add_paragraph(f"{{%p for one in {name} %}}")
        document.add_paragraph(mark, style="List Bullet")
        document.add_paragraph("{%p endfor %}")
        document.add_paragraph("{%p endif %}")
    document.add_paragraph("Agreed", style="Heading 1")
    for side, mark in (("the council", "agreed_by_council_on"), ("the LGA", "agreed_by_lga_on")):
        document.add_paragraph(
            f"By {side}: {{% if {mark} %}}{{{{ {mark} }}}}{{% else %}}not yet{{% endif %}}", style="Body Text"
        )
    return _saved(document)


def _begun():
    """Begin a file in British English, with our typeface, and styles named for what stands in them."""
    document = Document()
    styles = document.styles
    language = styles.element.find(f".//{qn('w:lang')}")
    if language is None:
        language = OxmlElement("w:lang")
        styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}").append(language)
    language.set(qn("w:val"), "en-GB")
    for name, size, colour, space in (
        ("Normal", 11, INK, 6),
        ("Body Text", 11, INK, 8),
        ("List Bullet", 11, INK, 4),
        ("Title", 22, ACCENT, 4),
        ("Subtitle", 12, QUIET, 14),
        ("Heading 1", 15, ACCENT, 6),
    ):
        _drawn(styles[name], size, colour, space)
    for name in ("Strength", "Area for further consideration", "Recommendation"):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles["List Bullet"]
        style.paragraph_format.space_after = Pt(6)
    return document


def _drawn(style, size, colour, space):
    style.font.name = TYPEFACE
    # A theme's typeface would win over the named one, in whatever script.
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:cs"), TYPEFACE)
    style.font.size, style.font.color.rgb, style.font.italic = Pt(size), colour, False
    style.paragraph_format.space_after = Pt(space)


def _saved(document):
    written = BytesIO()
    document.save(written)
    return written.getvalue()
