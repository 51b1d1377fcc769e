"""The text of a report: what its digest holds, how paragraphs are numbered, how one version became the next."""

from hypothesis import given
from hypothesis import strategies as some

from cases.comparing import Kept
from peer_reviews.rules.report_text import (
    Became,
    Text,
    compare,
    digest_of,
    numbered,
    recommendations_numbered,
)

KINDS = ("heading", "text", "strength", "consideration", "recommendation")
TEXTS = some.builds(
    Text,
    some.integers(0, 12),
    some.sampled_from(KINDS),
    some.lists(some.sampled_from(["one", "two", "three\n", "four."]), min_size=1, max_size=6).map(" ".join),
)
VERSIONS = some.lists(TEXTS, max_size=9, unique_by=lambda one: one.key)


@given(VERSIONS, VERSIONS)
def test_what_was_kept_and_added_is_the_later_version_and_what_was_kept_and_removed_the_earlier(
    before, after
):
    changes = compare(before, after)
    now = [one for one in changes if one.became != Became.REMOVED]
    assert [one.key for one in now] == [one.key for one in after]
    for change, one in zip(now, after, strict=True):
        assert "".join(words for kept, words in change.words if kept != Kept.DELETED) == one.text
    gone = {one.key for one in changes if one.became == Became.REMOVED}
    assert gone == {one.key for one in before} - {one.key for one in after}
    added = {one.key for one in changes if one.became == Became.ADDED}
    assert added == {one.key for one in after} - {one.key for one in before}


@given(VERSIONS)
def test_a_version_compared_with_itself_has_no_change(version):
    assert all(one.became == Became.SAME and not one.moved for one in compare(version, version))


@given(VERSIONS.filter(lambda version: len(version) > 1), some.data())
def test_one_paragraph_that_moved_is_told_as_moved_and_the_others_as_the_same(version, data):
    here = data.draw(some.integers(0, len(version) - 1))
    there = data.draw(some.integers(0, len(version) - 1))
    moved = [one for one in version if one is not version[here]]
    moved.insert(there, version[here])
    changes = compare(version, moved)
    assert {one.became for one in changes} == {Became.SAME}
    assert sum(one.moved for one in changes) == (1 if moved != version else 0)


def test_a_removed_paragraph_is_told_where_it_stood():
    a, b, c = Text(1, "text", "one"), Text(2, "text", "two"), Text(3, "text", "three")
    assert [(one.key, one.became) for one in compare([a, b, c], [a, c])] == [
        (1, Became.SAME),
        (2, Became.REMOVED),
        (3, Became.SAME),
    ]


@given(VERSIONS, VERSIONS)
def test_the_digest_tells_two_texts_apart_and_one_from_nothing_else(one, other):
    def said(version):
        return [(each.kind, each.text) for each in version]

    assert (digest_of("T", one) == digest_of("T", other)) == (said(one) == said(other))
    assert digest_of("T", one) != digest_of("U", one)


def test_the_digest_is_not_that_of_the_same_words_parted_otherwise():
    assert digest_of("T", [Text(1, "text", "a"), Text(2, "text", "b")]) != digest_of(
        "T", [Text(1, "text", "ab")]
    )


def test_headings_have_no_number_and_recommendations_one_of_their_own():
    told = [Text(n, kind, "x") for n, kind in enumerate(["heading", "text", "recommendation", "heading"])]
    told.append(Text(9, "recommendation", "y"))
    assert numbered(told) == {1: 1, 2: 2, 9: 3}
    assert recommendations_numbered(told) == {2: 1, 9: 2}
