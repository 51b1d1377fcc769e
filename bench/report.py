"""The benchmarks' table, and its place in README."""

import re
from pathlib import Path

BEGIN, END = "<!-- bench -->", "<!-- /bench -->"


def table(comparisons, machine):
    """Return the comparisons as a Markdown table, with the machine above it and the notes below."""
    lines = [
        f"{machine}. Times are medians; the ratio is the median of ratios taken in turns, with the middle half "
        "of them beside it. Both sides gave the same result.",
        "",
        "| What | Upstream | Against | Ratio | Asked for |",
        "|---|--:|---|--:|--:|",
    ]
    lines += [_row(each) for each in comparisons]
    notes = [each.note for each in comparisons if each.note]
    if notes:
        lines += ["", *(f"- {note}" for note in notes)]
    return "\n".join(lines)


def _row(each):
    low, high = each.middle_half
    spread = f" ({figure(low)}–{figure(high)})" if len(each.times) > 1 else ""
    asked = f"under {each.most:g}×" if each.most else ""
    return (
        f"| {each.what} | {seconds(each.ours_took)} | {each.other.name}: {seconds(each.other_took)} "
        f"| {figure(each.ratio)}×{spread} | {asked} |"
    )


def figure(ratio):
    """Return a ratio with as many digits as it is good for: "1.08", "0.014"."""
    return f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:.2g}"


def seconds(took):
    """Return a time in the unit one would say it in: "8.4 ms", "312 ms", "24.1 s"."""
    if took >= 10:
        return f"{took:.1f} s"
    if took >= 1:
        return f"{took:.2f} s"
    return f"{took * 1000:.1f} ms" if took < 0.1 else f"{took * 1000:.0f} ms"


def write(text, file):
    """Put `text` between the marks in `file`, in place of what stood there. Raise ValueError where they lack."""
    path = Path(file)
    before = path.read_text(encoding="utf-8")
    marked = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    if not marked.search(before):
        raise ValueError(f"{file} has no {BEGIN} … {END} to write between")
    path.write_text(marked.sub(lambda _: f"{BEGIN}\n{text}\n{END}", before, count=1), encoding="utf-8")
