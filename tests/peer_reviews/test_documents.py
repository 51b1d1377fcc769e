"""What leaves the team as a file: it opens, is tagged, reads in the right order and holds exactly the agreed text."""

import re
import shutil
import subprocess
from io import BytesIO

import pytest
from docx import Document
from docx.oxml.ns import qn
from jinja2.exceptions import SecurityError, UndefinedError
from pptx import Presentation
from pptx.util import Inches

from peer_reviews.writers import (
    agreement_docx,
    agreement_pdf,
    report_docx,
    report_pdf,
    slides_pptx,
)
from peer_reviews.writers.slides import NoLayout
from tests.pdf import text_of

MARKUP = "<b>bold</b> <script>alert(1)</script> & &amp; ]]> <w:p/> $x$ #set page() *a* _b_ `c` \\input{x} [link](x)"
TEMPLATES = "{{ 7 * 7 }} {% for a in b %} {_{ one }_} {_% two %_} {# three #} ${four} _x0041_"
FORMULAS = "=cmd|'/c calc'!A1 +1 -1 @SUM(A1)"
CONTROLS = "nul\x00bell\x07tab\tfeed\x0cvertical\x0bescape\x1b half\ud83d pair \u202eturned\u202d"
EMOJI = "Children said 😀 👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿"
RIGHT_TO_LEFT = "שלום עולם مرحبا بالعالم"
LINES = "First line\nsecond line\r\nthird line\n\nfifth"
LONG = "word " * 9_999 + "end"
UNBROKEN = "x" * 50_000
HOSTILE = [MARKUP, TEMPLATES, FORMULAS, CONTROLS, EMOJI, RIGHT_TO_LEFT, LINES, LONG, UNBROKEN]
# What no office file can hold is left out; every other letter stays.
LEFT_OUT = re.compile("[\x00\x07\x0b\x0c\x1b\ud83d\u202d\u202e]")


def report(*texts):
    told = texts or ("Leaders know their practice.", "Supervision varies.", "Publish the audit.")
    kinds = ("strength", "consideration", "recommendation")
    paragraphs = [{"kind": "heading", "text": "Leadership"}, {"kind": "text", "text": "We met many people."}]
    paragraphs += [{"kind": kinds[place % 3], "text": text} for place, text in enumerate(told)]
    return {
        "title": "Peer challenge: report",
        "council": "Saltmarsh Council",
        "kind": "Peer challenge",
        "date": "2 November 2026",
        "language": "en-GB",
        "paragraphs": paragraphs,
    }


def slides(*texts):
    bullets = [{"kind": "strength", "text": text} for text in texts or ("Leaders know their practice.",)]
    return {
        "title": "Peer challenge: feedback",
        "council": "Saltmarsh Council",
        "date": "2 November 2026",
        "language": "en-GB",
        "slides": [
            {"title": "Peer challenge", "bullets": [{"kind": "text", "text": "Saltmarsh Council"}]},
            {"title": "Leadership: strengths", "bullets": bullets},
            {"title": "Recommendations", "bullets": [{"kind": "recommendation", "text": "Publish it."}]},
        ],
    }


def agreement(**more):
    return {
        "title": "Peer challenge: agreement",
        "reference": "PR-2026-0001",
        "council": "Saltmarsh Council",
        "kind": "Peer challenge",
        "language": "en-GB",
        "with_councils": ["Wexcombe"],
        "first_day": "2 November 2026",
        "last_day": "5 November 2026",
        "scope": "The front door.",
        "lines": [{"title": "Leaders", "question": "How well?"}, {"title": "Partners", "question": ""}],
        "team": [{"role": "Lead peer", "number": 1}],
        "steps": [{"step": "Draft report", "due": "30 November 2026"}],
        "subsidy": "Fully subsidised",
        "subsidy_basis": "Not inspected under the new framework.",
        "endorsed": [{"office": "Leader", "on": "1 October 2026"}],
        "agreed_by_council_on": "3 October 2026",
        "agreed_by_lga_on": "",
        **more,
    }


def as_kept(text):
    return LEFT_OUT.sub("", text.replace("\r\n", "\n"))


def word_paragraphs(written):
    return [(one.style.name, one.text) for one in Document(BytesIO(written)).paragraphs if one.text.strip()]


def slide_texts(written):
    """Return of every slide its title and its lines, in the order of its shapes, which is that of reading."""
    told = []
    for slide in Presentation(BytesIO(written)).slides:
        shapes = [shape for shape in slide.shapes if shape.has_text_frame]
        assert shapes[0] == slide.shapes.title
        body = [one.text.replace("\x0b", "\n") for shape in shapes[1:] for one in shape.text_frame.paragraphs]
        told.append((slide.shapes.title.text_frame.text, body))
    return told


# Word


def test_a_report_in_word_holds_its_paragraphs_in_order_each_in_a_style_that_says_what_it_is():
    assert word_paragraphs(report_docx(report())) == [
        ("Title", "Peer challenge: report"),
        ("Subtitle", "Saltmarsh Council, 2 November 2026"),
        ("Heading 1", "Leadership"),
        ("Body Text", "We met many people."),
        ("Strength", "Strength: Leaders know their practice."),
        ("Area for further consideration", "Area for further consideration: Supervision varies."),
        ("Recommendation", "Recommendation: Publish the audit."),
    ]


def test_a_word_file_says_its_language_and_its_title():
    document = Document(BytesIO(report_docx(report())))
    assert document.styles.element.find(f".//{qn('w:lang')}").get(qn("w:val")) == "en-GB"
    assert document.core_properties.title == "Peer challenge: report"
    assert document.core_properties.language == "en-GB"


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
def test_a_hostile_text_stands_in_word_as_it_was_agreed(text):
    written = word_paragraphs(report_docx(report(text)))
    assert written[4] == ("Strength", f"Strength: {as_kept(text)}")
    assert len(written) == 5


def test_an_agreement_in_word_says_what_both_sides_agreed_and_who_has_not_yet():
    told = [text for _style, text in word_paragraphs(agreement_docx(None, agreement()))]
    assert (
        "Leaders: How well?" in told and "1 × Lead peer" in told and "Draft report: 30 November 2026" in told
    )
    assert told[-2:] == ["By the council: 3 October 2026", "By the LGA: not yet"]
    without = [text for _style, text in word_paragraphs(agreement_docx(None, agreement(with_councils=[])))]
    assert "Together with" in told and "Together with" not in without


def template_saying(*lines):
    document, written = Document(), BytesIO()
    for line in lines:
        document.add_paragraph(line)
    document.save(written)
    return BytesIO(written.getvalue())


def test_a_template_of_the_lga_takes_the_place_of_ours():
    given = template_saying(
        "Our house style: {{ title }}", "{%p for one in paragraphs %}", "{{ one.text }}", "{%p endfor %}"
    )
    told = [text for _style, text in word_paragraphs(report_docx(report(MARKUP), given))]
    assert told == ["Our house style: Peer challenge: report", "Leadership", "We met many people.", MARKUP]


def test_a_template_that_reaches_beyond_its_content_is_refused():
    with pytest.raises(SecurityError):
        report_docx(report(), template_saying("{{ title.__class__.__mro__[1].__subclasses__() }}"))
    with pytest.raises(UndefinedError):
        report_docx(report(), template_saying("{{ tittle }}"))


# PowerPoint


def test_slides_hold_the_agreed_text_and_are_read_title_first():
    assert slide_texts(slides_pptx(slides())) == [
        ("Peer challenge", ["Saltmarsh Council"]),
        ("Leadership: strengths", ["Strength: Leaders know their practice."]),
        ("Recommendations", ["Recommendation: Publish it."]),
    ]


def test_every_run_of_the_slides_says_its_language():
    for slide in Presentation(BytesIO(slides_pptx(slides(EMOJI, LINES)))).slides:
        runs = [
            run
            for shape in slide.shapes
            for paragraph in shape.text_frame.paragraphs
            for run in paragraph.runs
        ]
        assert runs and all(run._r.rPr.get("lang") == "en-GB" for run in runs)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
def test_a_hostile_text_stands_on_the_slides_as_it_was_agreed_over_as_many_as_it_needs(text):
    told = slide_texts(slides_pptx(slides(text)))[1:-1]
    whole = "".join(line for _title, lines in told for line in lines)
    assert whole == f"Strength: {as_kept(text)}"
    titles = [title for title, _lines in told]
    assert len(set(titles)) == len(titles)
    assert all(len(line) <= 480 for _title, lines in told for line in lines)


def test_slides_on_a_template_without_a_body_are_refused_in_words():
    presentation = Presentation()
    for layout in list(presentation.slide_layouts):
        for shape in list(layout.placeholders):
            shape.element.getparent().remove(shape.element)
    written = BytesIO()
    presentation.save(written)
    with pytest.raises(NoLayout, match="title and a body"):
        slides_pptx(slides(), BytesIO(written.getvalue()))


def test_our_slides_are_wide():
    assert Presentation(BytesIO(slides_pptx(slides()))).slide_width > Inches(13)


# PDF


def squeezed(text):
    """Return the text without what only lays it out, for a PDF breaks lines where it likes."""
    return re.sub(r"[\s\u200b]", "", text)


def test_a_report_as_pdf_is_tagged_in_english_with_its_title_and_reads_in_order():
    written = report_pdf(report())
    assert b"/Marked true" in written and b"/StructTreeRoot" in written
    assert b"/Lang (en-GB)" in written or b"(en-GB)" in written
    told = squeezed(text_of(written))
    places = [
        told.index(squeezed(text))
        for text in (
            "Peer challenge: report",
            "We met many people.",
            "Strength: Leaders know their practice.",
            "Area for further consideration: Supervision varies.",
            "Recommendation: Publish the audit.",
        )
    ]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "text", [MARKUP, TEMPLATES, FORMULAS, LINES, LONG[:2000]], ids=lambda text: text[:12]
)
def test_a_hostile_text_stands_in_the_pdf_as_it_was_agreed(text):
    assert squeezed(f"Strength: {as_kept(text)}") in squeezed(text_of(report_pdf(report(text))))


@pytest.mark.parametrize("text", [CONTROLS, EMOJI, RIGHT_TO_LEFT, LONG, UNBROKEN], ids=lambda text: text[:12])
def test_no_text_keeps_the_pdf_from_being_written(text):
    assert report_pdf(report(text)).startswith(b"%PDF-")
    assert agreement_pdf(None, agreement(scope=text)).startswith(b"%PDF-")


def test_an_agreement_as_pdf_fits_one_page():
    written = agreement_pdf(None, agreement())
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", written)) == 1
    assert squeezed("By the LGA: not yet") in squeezed(text_of(written))


# LibreOffice


@pytest.mark.office
@pytest.mark.parametrize(
    "name, write",
    [
        ("report.docx", lambda: report_docx(report(*HOSTILE))),
        ("agreement.docx", lambda: agreement_docx(None, agreement(scope=MARKUP + RIGHT_TO_LEFT))),
        ("feedback.pptx", lambda: slides_pptx(slides(*HOSTILE))),
    ],
)
def test_libreoffice_opens_it_and_reads_what_was_agreed(name, write, tmp_path):
    soffice = shutil.which("soffice")
    assert soffice, "LibreOffice is not installed"
    (tmp_path / name).write_bytes(write())
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    convert = [
        soffice,
        profile,
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(tmp_path),
        str(tmp_path / name),
    ]
    done = subprocess.run(convert, capture_output=True, timeout=180, check=False)
    made = (tmp_path / name).with_suffix(".pdf")
    assert made.exists(), done.stderr.decode()
    assert made.read_bytes().startswith(b"%PDF-") and made.stat().st_size > 5_000
