"""Feedback slides in PowerPoint, on the layouts of a template of the LGA's or Upstream's own.

A template is a PowerPoint file: its first layout with a title stands behind the first slide, the first with a title
and a body behind the others. Slides that stand in it already are left where they are, before ours.
"""

import re
from functools import lru_cache
from io import BytesIO

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.util import Emu, Pt

from peer_reviews.writers.text import LEADS, fitted

WIDE = Emu(12192000)
INK, ACCENT = RGBColor(0x0B, 0x0C, 0x0C), RGBColor(0x0B, 0x4F, 0x5B)
TITLES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE)
BODIES = (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT, PP_PLACEHOLDER.SUBTITLE)
# What fits a slide at the size that people read from the back of a room.
LETTERS_ON_A_SLIDE = 460
_PIECE = re.compile(rf"(?s).{{1,{LETTERS_ON_A_SLIDE}}}(?:\s|$)|.{{1,{LETTERS_ON_A_SLIDE}}}")


class NoLayout(ValueError):
    """The template has no layout with a title and a body."""


def slides_pptx(content, template=None):
    """Return the slides as the bytes of a PowerPoint file: their words exactly, in the order they are read aloud.

    What is too long for a slide goes on on the next, whose title says so. Raises NoLayout.
    """
    content = fitted(content)
    presentation = Presentation(template if template is not None else BytesIO(slides_template()))
    first, other = _layouts(presentation)
    for number, told in enumerate(content["slides"]):
        parts = _parts(told["bullets"])
        for place, bullets in enumerate(parts, start=1):
            title = told["title"] if len(parts) == 1 else f"{told['title']} – part {place} of {len(parts)}"
            _add(presentation, first if number == 0 else other, title, bullets, content["language"])
    presentation.core_properties.title = content["title"][:255]
    presentation.core_properties.subject = content["council"][:255]
    presentation.core_properties.language = content["language"]
    written = BytesIO()
    presentation.save(written)
    return written.getvalue()


@lru_cache(maxsize=1)
def slides_template():
    """Return Upstream's own template, without slides: the library's plain one made wide, with our colours."""
    presentation = Presentation()
    factor = WIDE / presentation.slide_width
    presentation.slide_width = WIDE
    master = presentation.slide_master
    for shapes in (master.placeholders, *(layout.placeholders for layout in master.slide_layouts)):
        for shape in shapes:
            if shape.element.spPr.find(".//{*}off") is not None:
                shape.left, shape.width = Emu(int(shape.left * factor)), Emu(int(shape.width * factor))
    written = BytesIO()
    presentation.save(written)
    return written.getvalue()


def _layouts(presentation):
    """Return the layout of the first slide and that of the others."""
    usable = [
        layout
        for layout in presentation.slide_layouts
        if _placeholder(layout, TITLES) is not None and _placeholder(layout, BODIES) is not None
    ]
    if not usable:
        raise NoLayout("No layout of this file has a title and a body: add one in its slide master.")
    others = [layout for layout in usable if _placeholder(layout, BODIES[:2]) is not None]
    return usable[0], (others or usable)[0]


def _placeholder(slide, kinds):
    return next((one for one in slide.placeholders if one.placeholder_format.type in kinds), None)


def _add(presentation, layout, title, bullets, language):
    slide = presentation.slides.add_slide(layout)
    head, body = _placeholder(slide, TITLES), _placeholder(slide, BODIES)
    _write(head.text_frame.paragraphs[0], "", title, language, ACCENT, Pt(30))
    frame = body.text_frame
    frame.word_wrap = True
    for place, bullet in enumerate(bullets):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        _write(paragraph, bullet["lead"], bullet["text"], language, INK, Pt(20))
    # An empty one would be read aloud as "click to add text".
    for shape in list(slide.placeholders):
        if shape.has_text_frame and not shape.text_frame.text:
            shape.element.getparent().remove(shape.element)


def _write(paragraph, lead, text, language, colour, size):
    """Write text into a paragraph, a line break for each of its lines, each run in its language."""
    if lead:
        run = paragraph.add_run()
        run.text, run.font.bold = f"{lead}: ", True
    for place, line in enumerate(text.split("\n")):
        if place:
            paragraph.add_line_break()
        run = paragraph.add_run()
        run.text = line
    for run in paragraph.runs:
        run.font.size, run.font.color.rgb = size, colour
        run._r.get_or_add_rPr().set("lang", language)


def _parts(bullets):
    """Return the bullets in as many parts as slides are needed; one that is too long goes on in the next."""
    parts, room = [[]], LETTERS_ON_A_SLIDE
    for bullet in bullets:
        for place, piece in enumerate(_pieces(bullet["text"])):
            # A line takes the room of some sixty letters, however short it is.
            needed = max(len(piece), 60 * (piece.count("\n") + 1))
            if needed > room and parts[-1]:
                parts.append([])
                room = LETTERS_ON_A_SLIDE
            parts[-1].append({"lead": LEADS.get(bullet["kind"], "") if place == 0 else "", "text": piece})
            room -= needed
    return parts


def _pieces(text):
    return _PIECE.findall(text) or [""]
