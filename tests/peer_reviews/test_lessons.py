"""What the sector may learn: anonymised, agreed by its council, found by whoever signs in, and never whose it is."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.permissions import Role
from accounts.viewer import Viewer
from cases.refusals import Refused, Stale
from councils.models import Council, CouncilName, PostHolder
from history.models import Event
from peer_reviews.actions import findings, lessons
from peer_reviews.models import Finding, Lesson, PeerWord, Stage
from peer_reviews.presenters.lessons import lesson_shown
from peer_reviews.queries.lessons import found, what_gives_away
from peer_reviews.rules.anonymity import gives_away, still_given_away
from tests.constraints import broken
from tests.factories import TODAY, CouncilFactory, RegionFactory, person_with
from tests.peer_reviews.reviews import make_review
from tests.peer_reviews.test_findings import NOW

pytestmark = pytest.mark.django_db

TEXT = "Practitioners met every fortnight with a consultant, and children were seen more often."


@pytest.fixture
def region():
    return RegionFactory(name="The Marshes")


@pytest.fixture
def council(region):
    made = CouncilFactory(
        name="Millbrook and Ashfen", official_name="Millbrook and Ashfen Council", region=region
    )
    CouncilName.objects.create(council=made, alias="Millbrook Town", folded="millbrook town")
    PostHolder.objects.create(
        council=made, office="dcs", name="Ann Otherway", terms="permanent", from_on=TODAY
    )
    return made


@pytest.fixture
def adviser(council):
    return Viewer.of(person_with(Role.LGA_ADVISER, council=council), TODAY)


@pytest.fixture
def approver(council):
    return Viewer.of(person_with(Role.COUNCIL_APPROVER, council=council), TODAY)


@pytest.fixture
def anybody():
    return Viewer.of(person_with(Role.COUNCIL_CONTRIBUTOR, council=CouncilFactory()), TODAY)


def write(council, adviser, *, title="Group supervision", text=TEXT, **more):
    return lessons.write_lesson(council, title=title, text=text, by=adviser, on=TODAY, **more)


def send(lesson, adviser, **more):
    return lessons.send_to_council(lesson, by=adviser, on=TODAY, revision=lesson.revision, **more)


def answer(lesson, approver, *, agrees=True, **more):
    return lessons.answer_lesson(
        lesson, agrees=agrees, by=approver, on=TODAY, revision=lesson.revision, **more
    )


def withdraw(lesson, by):
    return lessons.withdraw_lesson(lesson, by=by, on=TODAY, revision=lesson.revision)


def told(council, adviser, approver, **more):
    harmless = more.pop("harmless", ())
    return answer(send(write(council, adviser, **more), adviser, harmless=harmless), approver)


# What gives a council away


@pytest.mark.parametrize(
    ("text", "found_in_it"),
    [
        ("In Millbrook, children", ["Millbrook"]),
        ("as MILLBROOK’s social workers say", ["MILLBROOK’s"]),
        ("see www.millbrook-and-ashfen.gov.uk", ["millbrook-and-ashfen"]),
        ("write to info@millbrookandashfen.gov.uk", ["millbrookandashfen"]),
        ("Ashfen does; Ashfen did", ["Ashfen"]),
        ("Millbrookshire is elsewhere", []),
        ("Ms Otherway, then Ann  Otherway", ["Otherway", "Ann  Otherway"]),
        ("the council and its services", []),
        ("across the South-East", ["South-East"]),
        ("a move to the east", []),
    ],
)
def test_names_are_found_however_they_are_written_and_words_within_words_are_not(text, found_in_it):
    places = ["Millbrook and Ashfen Council", "South East", "Borough of Ashfen"]
    assert gives_away(text, places=places, people=["Ann Otherway"]) == found_in_it


def test_a_long_text_with_many_names_is_read_at_once():
    places = [f"Place{number} and Town{number} Borough Council" for number in range(200)]
    assert gives_away("a and b of " * 1000, places=places) == []


def test_a_confirmed_word_is_confirmed_wherever_it_stands():
    assert still_given_away(["Bury", "BURY’s", "Hull"], ["bury"]) == ["Hull"]


def test_the_check_knows_names_old_names_post_holders_the_region_and_what_lies_in_it(council, region):
    CouncilFactory(name="Nextdoor", official_name="Nextdoor City Council", region=region)
    CouncilFactory(name="Faraway", official_name="Faraway City Council")
    text = "Millbrook Town, Ashfen, Ann Otherway, The Marshes, Nextdoor, Faraway"
    assert what_gives_away(council, "", text) == [
        "Millbrook Town",
        "Ashfen",
        "Ann Otherway",
        "The Marshes",
        "Nextdoor",
    ]


# From a draft to the sector


def test_a_lesson_is_not_sent_while_it_names_the_council(council, adviser):
    lesson = write(council, adviser, text="In Millbrook, children were seen.")
    with pytest.raises(Refused, match="“Millbrook”"):
        send(lesson, adviser)
    sent = send(lesson, adviser, harmless=["Millbrook"])
    assert (sent.stage, sent.harmless) == ("with-council", ["Millbrook"])


def test_what_has_come_to_name_a_post_holder_since_is_not_told(council, adviser, approver):
    sent = send(write(council, adviser, text="Led by a Longbottom of a manager"), adviser)
    PostHolder.objects.create(
        council=council, office="leader", name="Bo Longbottom", terms="permanent", from_on=TODAY
    )
    with pytest.raises(Refused, match="Longbottom"):
        answer(sent, approver)


def test_the_council_agrees_or_refuses_with_a_reason(council, adviser, approver):
    sent = send(write(council, adviser), adviser)
    with pytest.raises(Refused, match="why the council does not agree"):
        answer(sent, approver, agrees=False)
    refused = answer(sent, approver, agrees=False, reason="Too early")
    assert (refused.stage, refused.told_on, refused.answer_reason) == ("refused", None, "Too early")
    again = lessons.change_lesson(
        refused, title="Later", text=TEXT, by=adviser, on=TODAY, revision=refused.revision
    )
    assert (again.stage, again.answered_on, again.anonymised_on) == ("draft", None, None)
    assert answer(send(again, adviser), approver).told_on == TODAY


def test_what_the_council_reads_or_has_agreed_does_not_change_under_it(council, adviser, approver):
    lesson = told(council, adviser, approver)
    with pytest.raises(Refused, match="Withdraw it first"):
        lessons.change_lesson(
            lesson, title="Other", text=TEXT, by=adviser, on=TODAY, revision=lesson.revision
        )


@pytest.mark.parametrize("side", ["adviser", "approver"])
def test_either_side_withdraws_what_was_told(request, council, adviser, approver, anybody, side):
    lesson = told(council, adviser, approver)
    assert list(found("supervision")) == [lesson]
    withdraw(lesson, request.getfixturevalue(side))
    assert list(found("supervision")) == []
    assert not Lesson.objects.visible_to(anybody).exists()


def test_each_does_what_is_theirs_and_nothing_else(council, adviser, approver, anybody):
    with pytest.raises(PermissionDenied):
        write(council, approver)
    elsewhere = Viewer.of(person_with(Role.LGA_ADVISER, council=CouncilFactory()), TODAY)
    with pytest.raises(PermissionDenied):
        write(council, elsewhere)
    lesson = write(council, adviser)
    with pytest.raises(PermissionDenied):
        withdraw(lesson, approver)  # a draft of which the council doesn't know
    sent = send(lesson, adviser)
    for act in (
        lambda: answer(sent, adviser),
        lambda: answer(sent, anybody),
        lambda: withdraw(sent, anybody),
        lambda: answer(sent, Viewer.of(person_with(Role.COUNCIL_CONTRIBUTOR, council=council), TODAY)),
        lambda: answer(sent, Viewer.of(person_with(Role.NATIONAL_LEAD), TODAY)),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_the_second_of_two_who_change_at_once_is_told(council, adviser, approver):
    sent = send(write(council, adviser), adviser)
    withdraw(sent, adviser)
    with pytest.raises(Stale):
        lessons.answer_lesson(sent, agrees=True, by=approver, on=TODAY, revision=sent.revision - 1)


def test_a_lesson_comes_from_an_agreed_finding_once_the_report_is_final():
    made = make_review()
    peer, manager = made.viewer(made.peers[0]), made.viewer(made.manager)
    finding = findings.add_finding(
        made.review, kind="strength", wording="They listen", by=peer, on=TODAY, now=NOW
    )
    with pytest.raises(Refused, match="agreed finding"):
        write(made.council, manager, finding=finding.pk)
    findings.agree_wording(finding, by=peer, on=TODAY, revision=1)
    with pytest.raises(Refused, match="agreed finding"):
        write(made.council, manager, finding=finding.pk)
    made.review.stage, made.review.final_on = Stage.FINAL, TODAY
    made.review.save()
    lesson = write(made.council, manager, finding=finding.pk, text=f"As in {made.review.reference}")
    assert (lesson.finding, lesson.review) == (finding, made.review)
    with pytest.raises(Refused, match=made.review.reference):
        send(lesson, manager)


def test_what_identifies_a_child_is_refused(council, adviser):
    with pytest.raises(Refused, match="date of birth"):
        write(council, adviser, text="One child (DOB 12/03/2014) said so")


def test_the_database_tells_nothing_that_was_not_agreed(council):
    with broken("lesson_told_once_anonymised_and_agreed"):
        Lesson.objects.create(council=council, title="T", text="X", written_on=TODAY, stage="told")


def test_events_name_neither_the_council_nor_a_word_of_the_lesson(council, adviser, approver):
    lesson = told(council, adviser, approver, text="In Millbrook they met", harmless=["Millbrook"])
    events = list(Event.objects.filter(kind__startswith="review-lesson"))
    assert [event.kind for event in reversed(events)] == [
        "review-lesson-written",
        "review-lesson-sent",
        "review-lesson-told",
    ]
    for event in events:
        assert (event.council_code, event.case_reference, event.subject_id) == ("", "", lesson.pk)
        assert "illbrook" not in str(event.data) and "upervision" not in str(event.data)


# Found by words


def titles(words, **more):
    return [lesson.title for lesson in found(words, **more)]


def test_a_word_in_the_title_counts_for_more_than_one_in_the_text(council, adviser, approver):
    told(council, adviser, approver, title="About meetings", text="Supervision of practice")
    told(council, adviser, approver, title="Supervision of practice", text="About meetings")
    assert titles("supervision practice") == ["Supervision of practice", "About meetings"]


def test_every_word_must_occur_and_drafts_are_not_found(council, adviser, approver):
    told(council, adviser, approver, title="Fostering", text="Carers met")
    write(council, adviser, title="Fostering later", text="Carers met")
    assert titles("fostering carers") == ["Fostering"]
    assert titles("fostering mentors") == []
    assert titles("") == ["Fostering"]


def test_lessons_are_narrowed_by_theme_enabler_and_stage_of_improvement(council, adviser, approver):
    theme = PeerWord.objects.get_or_create(kind="expertise", slug="a-theme", defaults={"name": "A theme"})[0]
    told(
        council,
        adviser,
        approver,
        title="One",
        themes=[theme.pk],
        enabler="workforce",
        journey="poor-to-fair",
    )
    told(council, adviser, approver, title="Two", enabler="partners")
    assert titles("", theme=theme) == ["One"]
    assert titles("", enabler="partners") == ["Two"]
    assert titles("children", journey="poor-to-fair") == ["One"]
    assert titles("", journey="good-to-great") == []


@pytest.mark.postgres
def test_words_are_stemmed_quotes_keep_together_and_minus_leaves_out(council, adviser, approver):
    told(council, adviser, approver, title="Supervising", text="Managers supervised each social worker")
    told(council, adviser, approver, title="Working", text="Work that is social")
    assert titles("supervision") == ["Supervising"]
    assert titles('"social worker"') == ["Supervising"]
    assert titles("social -managers") == ["Working"]


@pytest.mark.postgres
def test_the_search_uses_its_index(council, adviser, approver):
    told(council, adviser, approver)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
    assert "lesson_words" in found("supervision").order_by().explain()


@pytest.mark.parametrize(
    "words", ["'", '"', "a & | !", "%_\\", "\x00", ":*", "<script>", "supervision'; --", "é" * 300]
)
def test_whatever_is_typed_is_searched_for_and_breaks_nothing(client, council, adviser, approver, words):
    told(council, adviser, approver)
    client.force_login(adviser.person)
    assert client.get(reverse("lessons"), {"q": words}).status_code == 200


def test_what_is_found_is_marked_and_the_text_stays_text(council, adviser, approver):
    hostile = "<script>alert(1)</script> supervision & <b>more</b> \ue000not marked\ue001"
    told(council, adviser, approver, title="<i>Supervision</i>", text=hostile)
    lesson = found("supervision").get()
    shown = lesson_shown(lesson, "supervision")
    assert "&amp;" in shown.words and "<mark>supervision</mark>" in shown.words
    assert "<script>" not in shown.words and "<b>" not in shown.words and "<mark>not" not in shown.words
    assert shown.title == "&lt;i&gt;<mark>Supervision</mark>&lt;/i&gt;"


# The pages


def test_nobody_outside_learns_whose_a_lesson_is_from_its_page_or_the_list(
    client, council, adviser, approver
):
    lesson = told(council, adviser, approver, text="In Ashfen they met", harmless=["Ashfen"])
    pages = reverse("lesson", args=[lesson.pk]), f"{reverse('lessons')}?q=met"
    outside = [
        person_with(Role.COUNCIL_APPROVER, council=CouncilFactory()),
        person_with(Role.DFE_ADVISER, council=council),
        person_with(Role.IMPROVEMENT_PARTNER, council=council),
        person_with(Role.LGA_ADVISER, council=CouncilFactory()),
        person_with(Role.PEER, council=CouncilFactory()),
    ]
    for person in outside:
        client.force_login(person)
        for address in pages:
            answer = client.get(address)
            source = answer.content.decode()
            assert answer.status_code == 200
            assert "they met" in source.replace("<mark>", "").replace("</mark>", "")
            for giveaway in ("Millbrook", council.slug, council.la_code, "confirmed that"):
                assert giveaway not in source
    for person in (adviser.person, approver.person):
        client.force_login(person)
        assert "Millbrook and Ashfen" in client.get(pages[0]).content.decode()


def test_owner_council_and_stranger_open_what_is_theirs(client, council, adviser, approver, anybody):
    def codes(lesson, person):
        client.force_login(person)
        names = ("lesson", "lesson_change", "lesson_anonymised", "lesson_answer", "lesson_withdraw")
        return [client.get(reverse(name, args=[lesson.pk])).status_code for name in names]

    draft = write(council, adviser, title="Draft")
    sent = send(write(council, adviser, title="Sent"), adviser)
    public = told(council, adviser, approver, title="Told")
    assert codes(draft, adviser.person) == [200, 200, 200, 403, 200]
    assert codes(draft, approver.person) == [404] * 5
    assert codes(draft, anybody.person) == [404] * 5
    assert codes(sent, approver.person) == [200, 403, 403, 200, 200]
    assert codes(sent, anybody.person) == [404] * 5
    assert codes(public, anybody.person) == [200, 403, 403, 403, 403]


def test_nobody_who_is_not_signed_in_reads_a_lesson(client, council, adviser, approver):
    lesson = told(council, adviser, approver)
    for address in (reverse("lessons"), reverse("lesson", args=[lesson.pk])):
        assert client.get(address).status_code == 302
    assert not Lesson.objects.visible_to(Viewer(None, TODAY)).exists()


def test_a_lesson_goes_from_the_adviser_s_page_by_the_council_s_to_the_sector(
    client, council, adviser, approver
):
    client.force_login(adviser.person)
    typed = {
        "council": council.pk,
        "title": "Meet often",
        "text": "In Ashfen they met",
        "enabler": "",
        "journey": "",
    }
    saved = client.post(reverse("lesson_write"), typed)
    lesson = Lesson.objects.get()
    assert saved.headers["Location"] == reverse("lesson", args=[lesson.pk])
    check = reverse("lesson_anonymised", args=[lesson.pk])
    page = client.get(check).content.decode()
    assert "Some words may give the council away" in page and "“Ashfen” is harmless here" in page
    refused = client.post(check, {"revision": lesson.revision})
    assert "confirm as harmless: “Ashfen”" in refused.content.decode()
    assert client.post(check, {"revision": lesson.revision, "harmless": ["Ashfen"]}).status_code == 302
    client.force_login(approver.person)
    waiting = client.get(reverse("lessons")).content.decode()
    assert "Waiting for you" in waiting and "Meet often" in waiting
    address = reverse("lesson_answer", args=[lesson.pk])
    assert client.post(address, {"answer": "agrees", "revision": 2}).status_code == 302
    lesson.refresh_from_db()
    assert lesson.stage == "told"


def test_one_who_changes_what_another_changed_meanwhile_sees_both(client, council, adviser):
    lesson = write(council, adviser)
    lessons.change_lesson(lesson, title="Changed", text=TEXT, by=adviser, on=TODAY, revision=1)
    client.force_login(adviser.person)
    typed = {"title": "Typed", "text": "Mine", "enabler": "", "journey": "", "revision": 1}
    answer = client.post(reverse("lesson_change", args=[lesson.pk]), typed)
    assert answer.status_code == 409
    assert "Changed" in answer.content.decode() and "Typed" in answer.content.decode()


def test_only_councils_that_one_advises_can_be_written_of(client, council, adviser):
    client.force_login(adviser.person)
    elsewhere = CouncilFactory()
    assert list(client.get(reverse("lesson_write")).context["form"].fields["council"].queryset) == [
        Council.objects.get(pk=council.pk)
    ]
    typed = {"council": elsewhere.pk, "title": "T", "text": "X", "enabler": "", "journey": ""}
    assert client.post(reverse("lesson_write"), typed).status_code == 200
    assert not Lesson.objects.exists()
    client.force_login(person_with(Role.COUNCIL_APPROVER, council=council))
    assert client.get(reverse("lesson_write")).status_code == 403
    client.force_login(adviser.person)
    assert client.get(reverse("lesson_write"), {"finding": "99"}).status_code == 404
    assert not Finding.objects.exists()


def test_three_lessons_and_three_hundred_take_the_same_queries(client, council, adviser, approver):
    lesson = told(council, adviser, approver)

    def asked():
        client.get(reverse("lessons"), {"q": "supervision"})
        with CaptureQueriesContext(connection) as made:
            client.get(reverse("lessons"), {"q": "supervision"})
        return len(made)

    few = asked()
    fields = {"council": council, "text": TEXT, "written_on": TODAY, "stage": "told", "told_on": TODAY}
    fields |= {"anonymised_on": TODAY, "answered_on": TODAY}
    Lesson.objects.bulk_create(Lesson(title=f"Supervision {number}", **fields) for number in range(300))
    client.force_login(adviser.person)
    first = asked()
    Lesson.objects.exclude(pk=lesson.pk).filter(title__endswith="9").delete()
    assert (asked(), few <= first <= 12) == (first, True)
