"""A review's report: its page, how it is written, its factual accuracy round, and its publication.

404 to whoever may not read it, 403 to whoever may read it and not do what is asked.
"""

from types import SimpleNamespace

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.generic import View

from cases.asking import AskView
from cases.presenters import count_of, day_words
from peer_reviews.actions import factual
from peer_reviews.actions import reports as actions
from peer_reviews.actions.publication import publish
from peer_reviews.forms import reports as forms
from peer_reviews.models import Paragraph, Report, Stage
from peer_reviews.presenters import reports as shown
from peer_reviews.queries import reports as queries
from peer_reviews.queries.report_content import report_word
from peer_reviews.rules.report_text import Became, compare, numbered


def review_and_part(viewer, reference):
    """Return (review, the viewer's Part in its report) for whoever may read either. Raises Http404."""
    review = queries.report_review(viewer, reference)
    if review is None:
        raise Http404
    return review, queries.part_of(review, viewer)


def shown_or_404(review, viewer, number=None):
    """Return the version `number` as it is shown, the latest that the viewer may read without one."""
    found = queries.report_shown(review, viewer, queries.versions_of(review, viewer), number)
    if found is None:
        raise Http404
    return found


def asked_version(request):
    """Return the number in `?version=`, or None. Raises Http404 for what is no number."""
    asked = request.GET.get("version", "")
    if not asked:
        return None
    if not asked.isdecimal() or len(asked) > 4:
        raise Http404
    return int(asked)


class ReportPage(View):
    """A version of the report, with what is to be done about it, and comments beside its paragraphs."""

    def get(self, request, reference):
        viewer = request.viewer
        review, part = review_and_part(viewer, reference)
        versions, number = queries.versions_of(review, viewer), asked_version(request)
        context = {
            "review": review,
            "part": part,
            "frame": "peer_reviews/base.html" if part.visible else "base.html",
        }
        found = queries.report_shown(review, viewer, versions, number)
        if found is None and number is not None:
            raise Http404
        if found is None:
            heading, lede = shown.nothing_yet(review, part)
            may_begin = part.runs and review.stage == Stage.FEEDBACK_GIVEN
            context |= {"heading": heading, "lede": lede, "may_begin": may_begin}
        else:
            context |= self._of(found, review, part)
        return render(request, "peer_reviews/report/report.html", context)

    def _of(self, found, review, part):
        report, today = found.report, self.request.viewer.today
        is_latest = report.number == found.versions[-1].number
        with_council = is_latest and report.stage == Report.Stage.FACTUAL_ACCURACY
        is_open = with_council and report.comments_closed_on is None
        sees_comments = part.runs or part.on_team or part.reads_for_council
        return {
            "heading": shown.heading(found, review, today),
            "lede": shown.lede(found, review, part),
            "shown": found,
            "report": report,
            "word": report_word(review.kind),
            "paragraphs": [_paragraph_shown(each) for each in found.paragraphs],
            "homeless": [(one, shown.comment_tag(one)) for one in found.homeless],
            "contents": [one.paragraph for one in found.paragraphs if one.paragraph.kind == "heading"],
            "kinds": Paragraph.Kind.choices,
            "may_edit": part.runs and report.stage == Report.Stage.DRAFT,
            "may_skip": part.runs
            and report.stage == Report.Stage.DRAFT
            and review.stage == Stage.DRAFT_REPORT
            and queries.may_leave_out_the_check(review),
            "may_comment": part.prepares and is_open,
            "may_close": is_open and (part.answers or (part.runs and report.comments_due_on < today)),
            "may_answer": part.runs
            and review.stage == Stage.FACTUAL_ACCURACY
            and (found.commented or report).comments_closed_on is not None,
            "may_begin": part.runs and with_council and not is_open,
            "may_publish": part.answers
            and report.stage == Report.Stage.FINAL
            and review.published_on is None,
            "is_sent": report.sent_on is not None,
            "sees_comments": sees_comments,
            "earlier": next((one for one in reversed(found.versions) if one.number < report.number), None),
        }


def _paragraph_shown(each):
    return SimpleNamespace(
        one=each.paragraph,
        number=each.number,
        recommendation=each.recommendation,
        comments=[(one, shown.comment_tag(one)) for one in each.comments],
        first=each.first,
        last=each.last,
        rows=shown.rows_for(each.paragraph.text),
    )


class Compare(View):
    """How a version became from an earlier one, paragraph by paragraph: from the one before, or `?since=`."""

    def get(self, request, reference, number):
        viewer = request.viewer
        review, part = review_and_part(viewer, reference)
        versions = {one.number: one for one in queries.versions_of(review, viewer)}
        after = versions.get(number)
        since = request.GET.get("since", "")
        earlier = [one for one in versions if one < number]
        wanted = int(since) if since.isdecimal() and len(since) <= 4 else max(earlier, default=None)
        before = versions.get(wanted) if wanted in earlier else None
        if after is None or before is None:
            raise Http404
        told = {before.pk: [], after.pk: []}
        paragraphs = Paragraph.objects.visible_to(viewer).filter(report__in=told)
        for one in paragraphs.order_by("place", "pk"):
            told[one.report_id].append(one)
        changes = compare(told[before.pk], told[after.pk])
        numbers = numbered(told[after.pk])
        context = {
            "review": review,
            "frame": "peer_reviews/base.html" if part.visible else "base.html",
            "heading": shown.compared_heading(changes, before, after),
            "before": before,
            "after": after,
            "others": [versions[one] for one in earlier if one != before.number],
            "changes": [
                (one, numbers.get(one.key), shown.change_tag(one), shown.change_parts(one))
                for one in changes
                if one.became != Became.SAME or one.moved
            ],
        }
        return render(request, "peer_reviews/report/changes.html", context)


class OfReport(AskView):
    """Ask one thing about a review's report, of somebody who may read it."""

    template = "peer_reviews/report/ask.html"
    # Whose it is to do this: a name of `Part`.
    whose = "runs"

    def setup_for(self, request, reference, **named):
        self.review, self.part = review_and_part(request.viewer, reference)
        versions = queries.versions_of(self.review, request.viewer)
        self.report = versions[-1] if versions else None
        if self.report is not None:
            self.report.review = self.review
        self.find(**named)
        if not self.may():
            raise PermissionDenied

    def find(self):
        """Find what else the page is about. Without a report there is nothing to ask about."""
        if self.report is None:
            raise Http404

    def may(self):
        return getattr(self.part, self.whose)

    def next_page(self):
        return reverse("report", kwargs={"reference": self.review.case.reference})

    def context(self):
        word = report_word(self.review.kind)
        about = [(f"The {word}", reverse("report", kwargs={"reference": self.review.case.reference}))]
        return {
            "council": self.review.case.council,
            "review": self.review,
            "about": [(str(self.review.kind), self.review.get_absolute_url()), *about],
            "frame": "peer_reviews/base.html" if self.part.visible else "base.html",
        }

    def form_as_it_is_now(self, typed, current):
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        return [("Version", current.number), ("It is", current.get_stage_display())]


class BeginReport(OfReport):
    button = "Begin it"

    def find(self):
        pass

    @property
    def title(self):
        word = report_word(self.review.kind)
        return f"Begin the next version of the {word}" if self.report else f"Begin the {word}"

    @property
    def guidance(self):
        if self.report:
            return f"It begins as a copy of version {self.report.number}, which stays as it was sent."
        return (
            "It begins with the agreed findings in their words, and with paragraphs written from the scope, the team "
            "and the dates. You edit, move and remove them as you like."
        )

    def form(self, data=None):
        return forms.EmptyForm(data)

    def act(self, form):
        made = actions.begin_report(self.review, **self.by_and_on())
        return f"Version {made.number} is begun."


class ChangeTitle(OfReport):
    title = "Change the title"

    def form(self, data=None):
        return forms.TitleForm(data, report=self.report)

    def act(self, form):
        actions.change_title(self.report, **form.cleaned_data, **self.by_and_on())
        return "Saved."

    def facts(self, current):
        return [("Title", current.title)]


class OfParagraph(OfReport):
    """About a paragraph of the draft, by the key that it keeps from version to version."""

    def find(self, paragraph):
        super().find()
        self.key = paragraph
        self.paragraph = self._paragraph_now()
        # Somebody removed it while it was being written: what was typed is taken, and shown.
        if self.paragraph is None and self.request.method != "POST":
            raise Http404

    def _paragraph_now(self):
        paragraphs = Paragraph.objects.visible_to(self.request.viewer)
        return paragraphs.filter(report=self.report, key=self.key).first()

    def next_page(self):
        return f"{super().next_page()}#p-{self.key}"

    def facts(self, current):
        now = self._paragraph_now()
        if now is None:
            return [("The paragraph", "Somebody has removed it")]
        return [("What it is", now.get_kind_display()), ("What it says", now.text)]


class ChangeParagraph(OfParagraph):
    title = "Change a paragraph"

    def form(self, data=None):
        return forms.ParagraphForm(data, paragraph=self.paragraph, revision=self.report.revision)

    def act(self, form):
        given = form.cleaned_data
        actions.change_paragraph(
            self.report,
            key=self.key,
            kind=given["kind"],
            text=given["text"],
            revision=given["revision"],
            **self.by_and_on(),
        )
        return "Saved."


class AddParagraph(OfReport):
    title = "Add a paragraph"
    button = "Add"
    added = None

    def form(self, data=None):
        after = self.request.GET.get("after") if data is None else None
        return forms.ParagraphForm(data, revision=self.report.revision, after=after)

    def act(self, form):
        self.added = actions.add_paragraph(self.report, **form.cleaned_data, **self.by_and_on())
        return "Added."

    def next_page(self):
        at = f"#p-{self.added.key}" if self.added else ""
        return f"{super().next_page()}{at}"

    def facts(self, current):
        return [("The report", f"{count_of(current.paragraphs.count(), 'paragraph')}, changed meanwhile")]


class MoveParagraph(OfParagraph):
    title = "Move a paragraph"
    button = "Move"

    @property
    def guidance(self):
        return self.paragraph.text[:200] if self.paragraph else ""

    def form(self, data=None):
        return forms.MoveForm(data, revision=self.report.revision)

    def act(self, form):
        given = form.cleaned_data
        actions.move_paragraph(
            self.report,
            key=self.key,
            up=given["where"] == "up",
            revision=given["revision"],
            **self.by_and_on(),
        )
        return "Moved."


class RemoveParagraph(OfParagraph):
    title = "Remove this paragraph?"
    button = "Remove"

    @property
    def guidance(self):
        return self.paragraph.text[:2000] if self.paragraph else "Somebody has removed it already."

    def form(self, data=None):
        return forms.RevisionForm(data, revision=self.report.revision)

    def act(self, form):
        actions.remove_paragraph(self.report, key=self.key, **form.cleaned_data, **self.by_and_on())
        return "Removed."

    def next_page(self):
        return reverse("report", kwargs={"reference": self.review.case.reference})


class SendReport(OfReport):
    button = "Send it"

    @property
    def title(self):
        return f"Send version {self.report.number} to the council?"

    @property
    def guidance(self):
        return (
            "The council’s people read it and say what is not right in its facts. It is frozen as it is sent; what "
            "you change afterwards is in the next version."
        )

    def form(self, data=None):
        due = None
        if data is None:
            due = actions.comments_due(self.review, self.request.viewer.today)
        return forms.SendForm(data, due=due, revision=self.report.revision)

    def act(self, form):
        sent = actions.send_report(self.report, **form.cleaned_data, **self.by_and_on())
        return f"Version {sent.number} is with the council until {day_words(sent.comments_due_on)}."


class MakeFinal(OfReport):
    button = "Make it final"

    @property
    def title(self):
        return f"Make version {self.report.number} the final {report_word(self.review.kind)}?"

    @property
    def guidance(self):
        return (
            "Its recommendations become the council’s, ready for its improvement plan. The team’s service ends today: "
            "nobody of it reads the notes from then on. Only the council can publish it."
        )

    def form(self, data=None):
        return forms.RevisionForm(data, revision=self.report.revision)

    def act(self, form):
        final = actions.make_final(self.report, **form.cleaned_data, **self.by_and_on())
        return f"Version {final.number} is the final {report_word(self.review.kind)}."


# Factual accuracy


class Comment(OfReport):
    title = "What is not right in this paragraph?"
    button = "Send the comment"
    whose = "prepares"

    def find(self, paragraph):
        super().find()
        paragraphs = Paragraph.objects.visible_to(self.request.viewer)
        self.paragraph = paragraphs.filter(report=self.report, key=paragraph).first()
        if self.paragraph is None:
            raise Http404
        self.paragraph.report = self.report

    @property
    def guidance(self):
        return self.paragraph.text[:2000]

    def form(self, data=None):
        return forms.CommentForm(data)

    def act(self, form):
        factual.comment(self.paragraph, text=form.cleaned_data["text"], **self.by_and_on())
        return "Your comment stands beside the paragraph."

    def next_page(self):
        return f"{super().next_page()}#p-{self.paragraph.key}"


class OfComment(OfReport):
    def find(self, pk):
        self.comment = queries.comment_or_none(self.review, self.request.viewer, pk)
        if self.comment is None:
            raise Http404

    @property
    def guidance(self):
        return f"Of: {self.comment.paragraph.text[:2000]}"

    def next_page(self):
        return f"{super().next_page()}#p-{self.comment.paragraph.key}"

    def form_as_it_is_now(self, typed, current):
        self.comment.revision = current.revision
        return super().form_as_it_is_now(typed, current)

    def facts(self, current):
        return [
            ("What is not right", current.text),
            ("Answer", current.get_answer_display() or "Not answered yet"),
            ("Reason", current.reason),
        ]


class ChangeComment(OfComment):
    title = "Change your comment"
    whose = "prepares"

    def form(self, data=None):
        return forms.ChangeCommentForm(data, comment=self.comment)

    def act(self, form):
        factual.change_comment(self.comment, **form.cleaned_data, **self.by_and_on())
        return "Saved."


class AnswerComment(OfComment):
    title = "Answer the council’s comment"

    def form(self, data=None):
        return forms.AnswerForm(data, comment=self.comment)

    def act(self, form):
        factual.answer_comment(self.comment, **form.cleaned_data, **self.by_and_on())
        return "Answered."

    def context(self):
        return {**super().context(), "quoted": self.comment.text}


class CloseComments(OfReport):
    title = "Is that all?"
    button = "That is all"

    @property
    def guidance(self):
        made = queries.report_shown(self.review, self.request.viewer, [self.report]).comments
        return (
            f"{count_of(made, 'comment')} made. After this nobody adds one, and the review manager answers."
        )

    def may(self):
        return self.part.answers or self.part.runs

    def form(self, data=None):
        return forms.EmptyForm(data)

    def act(self, form):
        factual.close_comments(self.report, **self.by_and_on())
        return "The comments are closed."


# Publication


class Publish(OfReport):
    button = "Record it as published"
    whose = "answers"

    @property
    def title(self):
        return f"Where has the council published the {report_word(self.review.kind)}?"

    guidance = (
        "Upstream publishes nothing by itself. From now on the DfE’s adviser for the council reads the final version "
        "here, and its recommendations."
    )

    def form(self, data=None):
        return forms.PublishForm(data, today=self.request.viewer.today, revision=self.review.revision)

    def act(self, form):
        publish(self.review, **form.cleaned_data, **self.by_and_on())
        return "Recorded as published by the council."

    def facts(self, current):
        return [
            ("Stage", current.get_stage_display()),
            ("Published on", day_words(current.published_on) or "not published"),
            ("Where", current.published_url),
        ]
