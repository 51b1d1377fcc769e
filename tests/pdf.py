"""Reading a PDF that Upstream wrote, without a library: its text as a reader would copy it.

Enough of the format for what typst writes: fonts with two-byte glyphs, each with its table of letters.
"""

import re
import zlib

_OBJECT = re.compile(rb"(?<!\d)(\d+) 0 obj\b(.*?)\bendobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*)\r?\nendstream", re.DOTALL)
# What sets the font, and where a string of glyphs begins.
_MARK = re.compile(rb"/([A-Za-z]\w*) [\d.]+ Tf|\(|<([0-9a-fA-F]+)>")
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def text_of(pdf):
    """Return the text of every page, in the order drawn, without the spaces between words that only look so."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    pages = [body for body in objects.values() if re.search(rb"/Type\s*/Page\b(?!s)", body)]
    return "".join(_text_of_page(page, objects) for page in pages)


def stream_of(body):
    """Return what the stream of an object holds."""
    held = _STREAM.search(body)[1]
    return zlib.decompress(held) if b"/FlateDecode" in body else held


def _text_of_page(page, objects):
    fonts = _fonts_of(page, objects)
    drawn = b"\n".join(
        stream_of(objects[int(number)]) for number in re.findall(rb"/Contents\s+(\d+) 0 R", page)
    )
    shown, letters, at = [], {}, 0
    while found := _MARK.search(drawn, at):
        at = found.end()
        if found[1]:
            letters = fonts.get(found[1].decode(), letters)
            continue
        if found[2]:
            glyphs = bytes.fromhex(found[2].decode())
        else:
            at = _end_of_string(drawn, at)
            glyphs = _unescaped(drawn[found.end() : at - 1])
        shown += [letters.get(int.from_bytes(glyphs[n : n + 2]), "") for n in range(0, len(glyphs), 2)]
    return "".join(shown)


def _end_of_string(drawn, at):
    """Return where the string that began before `at` has ended: one may hold brackets that match."""
    depth = 1
    while depth:
        letter = drawn[at : at + 1]
        at += 2 if letter == b"\\" else 1
        depth += {b"(": 1, b")": -1}.get(letter, 0)
    return at


def _fonts_of(page, objects):
    """Return {name: {glyph: letters}} of the fonts that a page names."""
    resources = page
    referred = re.search(rb"/Resources\s+(\d+) 0 R", page)
    if referred:
        resources = objects[int(referred[1])]
    fonts = {}
    for name, number in re.findall(rb"/([A-Za-z]\w*)\s+(\d+) 0 R", resources):
        table = re.search(rb"/ToUnicode\s+(\d+) 0 R", objects.get(int(number), b""))
        if table:
            fonts[name.decode()] = _letters(stream_of(objects[int(table[1])]))
    return fonts


def _letters(table):
    letters = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for glyph, text in re.findall(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>", block):
            letters[int(glyph, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
    return letters


def _unescaped(text):
    def letter(found):
        code = found[1]
        return bytes([int(code, 8) % 256]) if code.isdigit() else _ESCAPES.get(code, code)

    return re.sub(rb"\\([0-7]{1,3}|.)", letter, text, flags=re.DOTALL)
