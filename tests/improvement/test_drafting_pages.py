"""The pages of drafting without script: the grid saved by button, and all that is asked about a plan."""

import re
from datetime import date

import pytest
from django.urls import reverse

from accounts.permissions import Role
from cases.models import Source
from improvement.actions import drafting
from improvement.forms.grid import label_recommendations
from improvement.models import Plan, PlannedAction, PlanVersion
from improvement.queries.drafting import recommendations_of
from tests.factories import (
    CaseFactory,
    CouncilFactory,
    RecommendationFactory,
    SourceFactory,
    person_with,
    viewer_with,
)
from tests.plans import make_plan

pytestmark = pytest.mark.django_db

SHARED = PlanVersion.Standing.SHARED


@pytest.fixture
def person(council):
    return person_with(Role.COUNCIL_CONTRIBUTOR, council=council)


@pytest.fixture
def browser(client, person):
    client.force_login(person)
    return client


@pytest.fixture
def colleague(council, today):
    return {"by": viewer_with(Role.COUNCIL_CONTRIBUTOR, council=council), "on": today}


@pytest.fixture
def version(council):
    return make_plan(council)


def address(version, name="plan_grid", *more):
    return reverse(name, args=[version.plan.reference, version.number, *more])


def sent(page):
    """Return what a browser sends of the grid that it was given."""
    html = page.content.decode()
    typed = {}
    for tag in re.findall(r"<input[^>]*>", html):
        named = dict(re.findall(r'([a-z]+)="([^"]*)"', tag))
        if "name" not in named or (named.get("type") == "checkbox" and " checked" not in tag):
            continue
        typed[named["name"]] = "on" if named.get("type") == "checkbox" else named.get("value", "")
    for name, text in re.findall(r'<textarea[^>]* name="([^"]*)"[^>]*>\n([^<]*)</textarea>', html):
        typed[name] = text
    return typed


def test_the_grid_is_saved_whole_by_button_and_only_what_was_changed(browser, version):
    grid = address(version)
    typed = sent(browser.get(grid))
    first, second = version.actions.all()[:2]
    key = first.action_id
    typed |= {f"{key}-text": "Done\r\nanew", f"{key}-due_on": "2026-12-24", f"{key}-answers": "2 ,1"}
    typed |= {f"{key}-by_voice": "on"}
    answer = browser.post(grid, typed, follow=True)
    assert "1 action saved." in answer.content.decode()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.text, first.due_on, first.by_voice) == ("Done\nanew", date(2026, 12, 24), True)
    assert [one.number for one in first.recommendations.order_by("number")] == [1, 2]
    assert (first.revision, second.revision) == (2, 1)
    assert "Nothing was changed." in browser.post(grid, sent(browser.get(grid)), follow=True).content.decode()


def test_the_empty_row_of_a_priority_becomes_an_action_at_its_end(browser, version):
    priority = version.priorities.last()
    typed = sent(browser.get(address(version)))
    typed |= {f"new-{priority.pk}-text": "One more", f"new-{priority.pk}-owner_post": "Head of service"}
    browser.post(address(version), typed)
    made = priority.actions.last()
    assert (made.text, made.owner_post, made.place) == ("One more", "Head of service", 5)


def test_what_is_wrong_stands_beside_its_cell_and_the_rest_is_saved(browser, version):
    first, second = version.actions.all()[:2]
    typed = sent(browser.get(address(version)))
    typed |= {
        f"{first.action_id}-due_on": "2020-01-01",
        f"{first.action_id}-text": "Typed with care",
        f"{second.action_id}-answers": "77",
        f"{version.actions.last().action_id}-success": "Saved all the same",
    }
    answer = browser.post(address(version), typed)
    html = answer.content.decode()
    assert "1 saved; 2 not saved, and kept as typed" in html
    assert "The due date must not be before the start" in html and "Typed with care" in html
    assert f'href="#{first.action_id}-due_on"' in html
    assert "The plan answers no recommendation 77" in html and 'value="77"' in html
    assert version.actions.last().success == "Saved all the same"
    assert PlannedAction.objects.get(pk=first.pk).revision == 1


def test_the_second_of_two_sees_both_texts_in_place_and_keeps_mine_or_takes_theirs(
    browser, version, colleague
):
    action, untouched = version.actions.all()[:2]
    key, grid = action.action_id, address(version)
    typed = sent(browser.get(grid))
    drafting.save_action(action, text="Theirs it is", revision=1, **colleague)
    drafting.save_action(untouched, text="Theirs alone", revision=1, **colleague)
    answer = browser.post(grid, typed | {f"{key}-text": "Mine it is"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Theirs it is" in html and html.count("Mine it is") == 2
    assert "Theirs alone" in sent(answer).values()  # what nobody here changed is no conflict
    kept = sent(answer)
    taken = browser.post(grid, kept | {"take": str(key)})
    assert PlannedAction.objects.get(pk=action.pk).text == "Theirs it is" and taken.status_code == 302
    browser.post(grid, kept | {"keep": str(key)})
    assert PlannedAction.objects.get(pk=action.pk).text == "Mine it is"


def test_an_action_moves_by_button_and_into_the_next_priority_at_the_end(browser, version):
    first, second = version.priorities.all()[:2]
    action = first.actions.last()
    typed = sent(browser.get(address(version)))
    answer = browser.post(address(version), typed | {"move": f"{action.action_id}-up"})
    assert answer["Location"].endswith(f"#action-{action.action_id}")
    assert first.actions.get(pk=action.pk).place == 3
    last = first.actions.last()
    browser.post(address(version), typed | {"move": f"{last.action_id}-down"})
    assert second.actions.first() == last
    browser.post(address(version), typed | {"move": f"{last.action_id}-up"})
    assert first.actions.last() == last


def row_sent(browser, version, person, key, **cells):
    body = {"person": person.pk, **cells}
    return browser.post(address(version, "plan_grid_row", key), body)


def test_a_row_is_saved_alone_and_asked_twice_is_saved_once(browser, version, person):
    action = version.actions.first()
    for _ in range(2):
        answer = row_sent(browser, version, person, action.action_id, revision=1, text="Anew", answers="2,1")
        assert (answer.status_code, answer.json()) == (200, {"revision": 2})
    priority = version.priorities.first()
    for _ in range(2):
        answer = row_sent(browser, version, person, f"new-{priority.pk}", text="One more")
        assert answer.status_code == 200 and "One more" in answer.json()["row"]
    assert version.actions.filter(text="One more").count() == 1


def test_a_row_saved_alone_to_what_has_changed_gets_both_texts(browser, version, person, colleague):
    action = version.actions.first()
    drafting.save_action(action, text="Theirs", revision=1, **colleague)
    answer = row_sent(browser, version, person, action.action_id, revision=1, text="Mine")
    told = answer.json()
    assert answer.status_code == 409 and told["revision"] == 2
    assert told["both"] == [{"name": "text", "label": "Action", "mine": "Mine", "theirs": "Theirs"}]
    assert told["now"]["text"] == "Theirs"


def test_a_row_that_cannot_be_saved_says_why(browser, version, person):
    action = version.actions.first()
    answer = row_sent(browser, version, person, action.action_id, revision=1, due_on="soon")
    assert (answer.status_code, list(answer.json()["wrong"])) == (400, ["due_on"])
    action.delete()
    gone = row_sent(browser, version, person, action.action_id, revision=1, text="Mine")
    assert gone.status_code == 410 and "copied" in gone.json()["said"]


def test_a_row_typed_by_somebody_else_on_this_device_is_not_saved(browser, version):
    action = version.actions.first()
    stranger = person_with(Role.COUNCIL_CONTRIBUTOR, council=version.plan.council)
    assert row_sent(browser, version, stranger, action.action_id, revision=1, text="M").status_code == 403


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.COUNCIL_LEADERSHIP, 403), (Role.LGA_ADVISER, 404), (Role.SCRUTINY_MEMBER, 404)],
)
def test_the_grid_is_for_those_who_draft(role, status, client, council, version):
    client.force_login(person_with(role, council=council))
    for name in ("plan_grid", "plan_version_about", "plan_priority_add", "plan_risks"):
        assert client.get(address(version, name)).status_code == status, name


def test_recommendations_are_named_by_a_letter_for_their_source_where_there_are_several(version, council):
    assert list(label_recommendations(recommendations_of(version.plan)).values()) == ["1", "2", "3", "4"]
    source = SourceFactory(council=council, dated_on=date(2020, 1, 1), kind=Source.Kind.PEER_REVIEW)
    version.plan.recommendations.add(RecommendationFactory(source=source, number=1))
    labels = label_recommendations(recommendations_of(version.plan)).values()
    assert list(labels) == ["A1", "B1", "B2", "B3", "B4"]


def test_a_plan_is_started_chooses_what_it_answers_and_is_drafted(browser, council):
    case = CaseFactory(council=council)
    told = RecommendationFactory(source=SourceFactory(council=council))
    listed = browser.get(reverse("council_plans", args=[council.slug]))
    assert "No improvement plan yet" in listed.content.decode()
    start = reverse("plan_start", args=[council.slug])
    assert browser.get(start).status_code == 200
    answer = browser.post(start, {"title": "Our plan", "case": case.pk, "start": "template-seven-enablers"})
    made = Plan.objects.get()
    assert made.case == case and answer["Location"] == reverse("plan_recommendations", args=[made.reference])
    assert "Recommendation" in browser.get(answer["Location"]).content.decode()
    browser.post(answer["Location"], {"revision": 1, "recommendations": [told.pk]})
    assert list(made.recommendations.all()) == [told]
    page = browser.get(reverse("plan", args=[made.reference])).content.decode()
    assert "Version 1 is being drafted" in page and "Write its actions in the grid" in page
    again = browser.post(start, {"title": "", "start": "nothing", "case": "without"}).content.decode()
    assert "Enter the plan’s title" in again


def test_every_page_of_a_draft_saves_what_it_asks(browser, version):
    priority, measure = version.priorities.first(), version.measures.first()
    risk, action = version.risks.first(), version.actions.first()
    asked = [
        ("plan_version_about", (), {"revision": 1, "introduction": "Why"}),
        ("plan_priority_add", (), {"title": "Fourth"}),
        ("plan_priority", (priority.pk,), {"revision": 1, "title": "First of all", "place": 2}),
        ("plan_version_measures", (), {"name": "M", "polarity": "lower", "frequency": "monthly"}),
        (
            "plan_measure",
            (measure.pk,),
            {"revision": 1, "name": "N", "polarity": "lower", "frequency": "monthly"},
        ),
        ("plan_risks", (), {"text": "R"}),
        ("plan_risk", (risk.pk,), {"revision": 1, "text": "R2", "likelihood": 2, "impact": 3}),
        (
            "plan_action",
            (action.action_id,),
            {"revision": 1, "text": "Whole", "aim": "Ours", "kinds": ["by_voice"]},
        ),
    ]
    for name, more, typed in asked:
        page = address(version, name, *more)
        assert browser.get(page).status_code == 200, name
        answer = browser.post(page, typed)
        assert answer.status_code == 302, (name, re.findall(r"error-message[^/]*", answer.content.decode()))
        if "revision" in typed:
            again = browser.post(
                page, typed | {"text": "Other", "title": "Other", "name": "Other", "introduction": "Other"}
            )
            assert again.status_code == 409 and "Other" in again.content.decode(), name
    action.refresh_from_db()
    assert (action.text, action.aim, action.by_voice, action.by_measures) == ("Whole", "Ours", True, False)
    assert list(action.recommendations.all()) == []
    priority.refresh_from_db()
    assert (priority.title, priority.place) == ("First of all", 2)


def test_an_action_is_merged_or_removed_and_asked_why_where_it_was_approved(browser, council, colleague):
    live = make_plan(council, standing=PlanVersion.Standing.APPROVED)
    draft = drafting.new_version(live.plan, change_note="Fewer", **colleague)
    one, two, three = draft.actions.all()[:3]
    merge = address(draft, "plan_action_merge", one.action_id)
    assert browser.get(merge).status_code == 200
    assert browser.post(merge, {"revision": 1, "into": two.pk, "text": "Both"}).status_code == 302
    two.refresh_from_db()
    assert two.text == "Both"
    remove = address(draft, "plan_action_remove", three.action_id)
    assert (
        "Enter why it is no longer needed"
        in browser.post(remove, {"revision": 1, "note": ""}).content.decode()
    )
    browser.post(remove, {"revision": 1, "note": "Done already"})
    assert draft.actions.count() == 10
    put_back = address(draft, "plan_action_put_back")
    assert put_back in browser.get(address(draft)).content.decode()
    assert "(Done already)" in browser.get(put_back).content.decode()
    assert browser.post(put_back, {"action": three.action_id}).status_code == 302
    assert draft.actions.get(action=three.action_id).text == three.text
    assert browser.post(put_back, {"action": three.action_id}).status_code == 200  # it is back already


def test_a_new_version_is_begun_from_the_plans_page(browser, council):
    live = make_plan(council, standing=SHARED)
    page = browser.get(reverse("plan", args=[live.plan.reference])).content.decode()
    new = reverse("plan_version_new", args=[live.plan.reference])
    assert new in page
    assert browser.post(new, {"change_note": "After the visit"})["Location"].endswith("/versions/2/grid/")
    assert browser.get(address(live)).status_code == 200  # to read: it says that it can't change
    answer = browser.post(address(live), sent(browser.get(address(live))))
    assert live.actions.filter(revision__gt=1).count() == 0 and answer.status_code in (200, 302)


@pytest.mark.parametrize("role", [Role.LGA_ADVISER, Role.NATIONAL_LEAD, Role.COUNCIL_LEADERSHIP])
def test_a_shared_version_is_read_by_all_who_may_and_offers_them_no_tools(role, client, council):
    version = make_plan(council, standing=SHARED)
    person = person_with(role) if role == Role.NATIONAL_LEAD else person_with(role, council=council)
    client.force_login(person)
    html = client.get(address(version, "plan_version")).content.decode()
    assert "Do thing 12" in html and "Write in the grid" not in html
    plan = client.get(reverse("plan", args=[version.plan.reference])).content.decode()
    assert "with the LGA adviser" in plan and "Begin a new version" not in plan


def test_a_stranger_finds_no_plan_and_an_adviser_no_draft(client, council, version):
    plans = reverse("council_plans", args=[council.slug])
    addresses = [reverse("plan", args=[version.plan.reference]), address(version, "plan_version")]
    stranger = person_with(Role.COUNCIL_APPROVER, council=CouncilFactory())
    adviser = person_with(Role.LGA_ADVISER, council=council)
    for person, listed in ((stranger, 404), (adviser, 200)):
        client.force_login(person)
        assert [client.get(one).status_code for one in addresses] == [404, 404]
        answer = client.get(plans)
        assert answer.status_code == listed and version.plan.reference not in answer.content.decode()
