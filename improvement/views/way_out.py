"""The pages of a version's way out: the council's approval, sharing, comments, sending, letters, snapshots."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.generic import View

from cases.actions import Refused, Stale
from cases.asking import AskView
from cases.presenters import count_of, day_words
from cases.queries import working_calendars
from improvement.actions import way_out as actions
from improvement.forms import way_out as forms
from improvement.models import Comment, Handover, PlanVersion, Reply, Snapshot
from improvement.presenters import way_out as shown
from improvement.queries import way_out as queries
from improvement.queries.plans import read_version
from improvement.rules.credibility import check, from_json
from improvement.rules.plans import canonical
from improvement.rules.plans import from_json as document_from_json
from improvement.rules.way_out import left_the_house

Standing = PlanVersion.Standing


class OfVersion(AskView):
    """Ask one thing about a version: 404 to whoever may not read it, 403 to whoever may only read."""

    form_class = None
    page = ""
    template = "improvement/way_out/ask.html"

    def setup_for(self, request, reference, number):
        self.find(request, reference, number)
        if not self.may_write():
            raise PermissionDenied

    def find(self, request, reference, number):
        versions = queries.versions_on_their_way(request.viewer).select_related(
            "plan__council", "plan__case", "approved_by"
        )
        self.version = get_object_or_404(versions, plan__reference=reference, number=number)
        self.plan = self.version.plan
        self.can = queries.what_may_be_done(self.version, request.viewer)

    def may_write(self):
        raise NotImplementedError

    def form(self, data=None):
        return self.form_class(data, version=self.version)

    def address(self, name, *more):
        return reverse(name, args=[self.plan.reference, self.version.number, *more])

    def next_page(self):
        return self.address("plan_approval")

    def context(self):
        return {"council": self.plan.council, "plan": self.plan, "version": self.version, "page": self.page}

    def form_as_it_is_now(self, typed, current):
        self.version = current
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        return [("How it stands", current.get_standing_display())]


class Approval(OfVersion):
    """How far a version has come: its way out, the route of its approval, and what to do next."""

    page = "approval"

    def may_write(self):
        return True

    def get(self, request):
        version, today = self.version, request.viewer.today
        handed = queries.handovers_of(version)
        replies = list(Reply.objects.visible_to(request.viewer).filter(version=version))
        waiting = queries.plan_milestones(self.plan)
        again = queries.resubmissions(self.plan)
        send_by = version.statutory_on or queries.default_statutory_day(self.plan)
        was_sent = version.standing in PlanVersion.SENT_ON
        route = shown.route_shown(
            list(version.approval_steps.order_by("pk")),
            None if was_sent else send_by,
            today,
            working_calendars()[actions.CALENDAR],
            over=was_sent,
        )
        somebody_waits = queries.somebody_waits_for(self.plan)
        sent = [one for one in handed if one.to in forms.RECIPIENTS]
        context = {
            **self.context(),
            "heading": shown.heading(version, handed, replies),
            "stops": list(
                shown.stops(
                    version,
                    handed,
                    replies,
                    comments=queries.open_comments(version, request.viewer),
                    somebody_waits=somebody_waits or bool(sent),
                )
            ),
            "can": self.can,
            "route": route,
            "route_lede": "" if version.approved_on else shown.route_lede(route, send_by),
            "was_sent": was_sent,
            "to_send": somebody_waits and len(sent) < len(forms.RECIPIENTS),
            "send_by": day_words(send_by),
            "meets": [shown.milestone_words(one) for one in [*waiting, *again]],
            "snapshots": Snapshot.objects.visible_to(request.viewer).filter(version=version).defer("content"),
        }
        return render(request, "improvement/way_out/approval.html", context)

    http_method_names = ["get", "head", "options"]


class Route(OfVersion):
    """Plan the steps of the council's approval."""

    page = "approval"
    template = "improvement/way_out/route.html"
    title = "When does each step have to be taken?"
    button = "Plan the route"
    guidance = (
        "Each step is worked back from the day on which the plan must be sent. Give a step its own date where it is "
        "fixed."
    )

    def may_write(self):
        return self.can.draft and self.version.standing not in PlanVersion.SENT_ON

    def form(self, data=None):
        send_by = self.version.statutory_on or queries.default_statutory_day(self.plan)
        return forms.RouteForm(
            data, version=self.version, steps=list(self.version.approval_steps.all()), statutory_on=send_by
        )

    def act(self, form):
        steps = actions.plan_route(self.version, **form.asked(), **self.by_and_on())
        return f"{count_of(len(steps), 'step')} planned."

    def facts(self, current):
        steps = ", ".join(f"{step}: {day_words(step.planned_on)}" for step in current.approval_steps.all())
        return [*super().facts(current), ("To be sent by", day_words(current.statutory_on)), ("Steps", steps)]


class StepDone(OfVersion):
    page = "approval"
    button = "Save"
    guidance = "The day that was planned stays beside it."

    def setup_for(self, request, reference, number, pk):
        super().setup_for(request, reference, number)
        self.step = get_object_or_404(self.version.approval_steps, pk=pk)
        self.title = f"{self.step}: when was it taken?"

    def may_write(self):
        return self.can.draft

    def form(self, data=None):
        return forms.StepForm(data, step=self.step, today=self.request.viewer.today)

    def act(self, form):
        step = actions.step_done(self.step, **form.cleaned_data, **self.by_and_on())
        return f"{step}: taken on {day_words(step.done_on)}." if step.done_on else f"{step}: not taken yet."

    def form_as_it_is_now(self, typed, current):
        self.step = current
        typed["revision"] = current.revision
        return self.form(typed)

    def facts(self, current):
        return [("Taken on", day_words(current.done_on) or "Not yet"), ("Note", current.note)]


class SendForApproval(OfVersion):
    page = "approval"
    form_class = forms.VersionForm
    title = "Send this version for approval?"
    button = "Send for approval"
    guidance = "The council’s approver reads it next. Until it is approved or sent back nobody can change it."

    def may_write(self):
        return self.can.draft

    def act(self, form):
        actions.send_for_approval(self.version, **form.asked(), **self.by_and_on())
        return "Sent for approval."


class SendBack(OfVersion):
    page = "approval"
    form_class = forms.SendBackForm
    title = "Send it back to be changed"
    button = "Send back"
    guidance = "Whoever drafts the plan reads what you write here, and can change the plan again."

    def may_write(self):
        return self.can.approve

    def act(self, form):
        actions.send_back(self.version, **form.asked(), **self.by_and_on())
        return "Sent back to be changed."


class Approve(OfVersion):
    page = "approval"
    template = "improvement/way_out/approve.html"
    title = "Approve this version for the council?"
    button = "Approve this version"

    def may_write(self):
        return self.can.approve

    def form(self, data=None):
        return forms.ApproveForm(data, version=self.version, today=self.request.viewer.today)

    def context(self):
        actions_with_dates = self.version.actions.exclude(due_on=None).count()
        left = self.version.approval_steps.filter(done_on=None).count()
        return {
            **super().context(),
            "milestones": count_of(actions_with_dates, "action"),
            "steps_left": count_of(left, "step") if left else "",
        }

    def act(self, form):
        actions.approve(self.version, **form.asked(), **self.by_and_on())
        return "Approved. It has not been shared with the LGA or sent to anybody."


class Share(OfVersion):
    page = "share"
    form_class = forms.ShareForm
    template = "improvement/way_out/share.html"
    title = "Share this version with the LGA adviser?"
    button = "Share with the LGA adviser"
    guidance = "This does not send it to Ofsted or the DfE."

    def may_write(self):
        return self.can.approve

    def context(self):
        points = check(read_version(self.version, self.request.viewer.today))
        return {
            **super().context(),
            "can_be_done": self.version.standing == Standing.APPROVED,
            "held": sum(point.holds for point in points),
            "of": len(points),
        }

    def act(self, form):
        snapshot = actions.share(self.version, **form.asked(), **self.by_and_on())
        return (
            f"Shared with the LGA adviser as {snapshot.reference}. It has not been sent to Ofsted or the DfE."
        )


class Send(OfVersion):
    page = "send"
    template = "improvement/way_out/send.html"
    title = "To whom was it sent, and when?"
    button = "Record that it was sent"
    guidance = "Send it in your own way first: Upstream sends nothing to Ofsted or the DfE. Record here that you did."

    def may_write(self):
        return self.can.approve

    def form(self, data=None):
        sent = queries.sent_to(self.version)
        waiting = [to for to in forms.RECIPIENTS if to not in sent]
        return forms.SendForm(data, version=self.version, waiting=waiting or list(forms.RECIPIENTS))

    def context(self):
        sent = queries.sent_to(self.version)
        waits = queries.somebody_waits_for(self.plan)
        meets = [*queries.plan_milestones(self.plan), *queries.resubmissions(self.plan)]
        return {
            **super().context(),
            "waits": waits,
            "can_be_done": waits
            and self.version.approved_on is not None
            and len(sent) < len(forms.RECIPIENTS),
            "was_shared": self.version.standing != Standing.APPROVED,
            "meets": [shown.milestone_words(one) for one in meets],
            "handed": [one for one in queries.handovers_of(self.version) if one.to in forms.RECIPIENTS],
        }

    def act(self, form):
        snapshot = actions.send(self.version, **form.asked(), **self.by_and_on())
        return f"Recorded as sent: {snapshot.reference}."


class Letters(OfVersion):
    """What Ofsted and the DfE said of a version, for whoever may read the version."""

    page = "letters"
    http_method_names = ["get", "head", "options", "post"]

    def find(self, request, reference, number):
        self.version = get_object_or_404(
            PlanVersion.objects.visible_to(request.viewer).select_related("plan__council", "plan__case"),
            plan__reference=reference,
            number=number,
        )
        self.plan = self.version.plan
        self.can = queries.what_may_be_done(self.version, request.viewer)

    def may_write(self):
        return self.request.method in ("GET", "HEAD") or self.can.record_letters

    def post(self, request):
        """Withdraw the letter that was recorded last, and by mistake."""
        letters = Reply.recorded.visible_to(request.viewer).filter(version=self.version)
        reply = letters.filter(pk=self._number("withdraw")).first()
        try:
            if reply is None:
                raise Refused("There is no such letter about this version. Look at its letters again.")
            actions.withdraw_reply(reply, revision=self._number("revision"), **self.by_and_on())
        except Refused as refused:
            messages.error(request, refused.message)
        except Stale:
            messages.error(request, "The version has changed meanwhile. Look at its letters again.")
        else:
            messages.success(request, f"{shown.letter_words(reply)}: withdrawn.")
        return redirect(self.address("plan_letter"))

    def get(self, request):
        letters = list(
            Reply.objects.visible_to(request.viewer)
            .filter(version=self.version)
            .exclude(kind=Reply.Kind.READY)
            .select_related("source", "document")
        )
        handed = queries.handovers_of(self.version)
        context = {
            **self.context(),
            "heading": shown.letters_heading(letters),
            "letters": letters,
            "handed": [one for one in handed if one.to in forms.RECIPIENTS],
            "can": self.can,
            "last": max((one.pk for one in letters), default=None) if self.can.record_letters else None,
            "withdrawn": self._withdrawn() if self.can.inside else [],
            "may_add": self.can.record_letters and self.version.standing in PlanVersion.SENT_ON,
            "waiting": [shown.milestone_words(one) for one in queries.resubmissions(self.plan)]
            if self.can.inside
            else [],
        }
        return render(request, "improvement/way_out/letters.html", context)

    def _number(self, name):
        told = self.request.POST.get(name, "")
        return int(told) if told.isdecimal() and len(told) < 10 else None

    def _withdrawn(self):
        withdrawn = Reply.recorded.filter(version=self.version).exclude(withdrawn_on=None)
        return withdrawn.select_related("withdrawn_by")


class AddLetter(Letters):
    http_method_names = ["get", "head", "options", "post"]
    template = "improvement/way_out/letter.html"
    title = "What did Ofsted or the DfE write?"
    button = "Record the letter"
    guidance = "Only their letters make a plan accepted or returned. The statutory date stays as it is."

    def may_write(self):
        return self.can.record_letters

    def get(self, request):
        return self.ask(self.form())

    def post(self, request):
        return super(Letters, self).post(request)

    def form(self, data=None):
        files = self.request.FILES if data is not None else None
        return forms.LetterForm(data, files, version=self.version)

    def next_page(self):
        return self.address("plan_letter")

    def act(self, form):
        reply = actions.record_reply(self.version, **form.asked(), **self.by_and_on())
        return f"{shown.letter_words(reply)}: recorded."


class Comments(OfVersion):
    """What the adviser asks about a shared version, what the council answers, and the form for the next."""

    page = "comments"
    template = "improvement/way_out/comments.html"
    button = "Comment"

    def may_write(self):
        return self.request.method in ("GET", "HEAD") or self.can.advise

    def find(self, request, reference, number):
        super().find(request, reference, number)
        self.actions = queries.numbered_actions(self.version)

    def form(self, data=None):
        asked = self.request.GET.get("action", "")
        initial = {"action": int(asked)} if asked.isdecimal() else None
        return forms.CommentForm(data, actions=self.actions, initial=initial)

    def next_page(self):
        return self.address("plan_comments")

    def context(self):
        threads = queries.threads(self.version, self.request.viewer, self.actions)
        ready = self.version.replies.filter(kind=Reply.Kind.READY).select_related("recorded_by").first()
        return {
            **super().context(),
            "title": shown.comments_heading(threads),
            "threads": threads,
            "ready": ready,
            "can": self.can,
            "may_comment": self.can.advise and self.version.standing in PlanVersion.SHARED,
            "may_say_ready": self.can.advise and self.version.standing == Standing.SHARED and ready is None,
            "is_shared": self.version.standing in PlanVersion.SHARED,
        }

    def act(self, form):
        about = next((one for one in self.actions if one.action_id == form.cleaned_data["action"]), None)
        actions.comment(
            self.version,
            text=form.cleaned_data["text"],
            action=about.action if about else None,
            **self.by_and_on(),
        )
        return (
            f"Comment on action {about.number} added." if about else "Comment on the plan as a whole added."
        )


class OfComment(OfVersion):
    page = "comments"

    def setup_for(self, request, reference, number, pk):
        self.find(request, reference, number)
        comments = Comment.objects.visible_to(request.viewer).filter(version=self.version, answers=None)
        self.comment = get_object_or_404(comments.select_related("by"), pk=pk)
        if not self.may_write():
            raise PermissionDenied

    def next_page(self):
        return f"{self.address('plan_comments')}#comment-{self.comment.pk}"

    def context(self):
        return {**super().context(), "comment": self.comment}


class AnswerComment(OfComment):
    template = "improvement/way_out/answer.html"
    title = "Answer the adviser’s comment"
    button = "Answer"

    def may_write(self):
        return self.can.draft or self.can.advise

    def form(self, data=None):
        return forms.AnswerForm(data)

    def act(self, form):
        actions.answer_comment(self.comment, **form.cleaned_data, **self.by_and_on())
        return "Answer added."


class SettleComment(OfComment):
    http_method_names = ["post"]

    def may_write(self):
        return self.can.advise

    def post(self, request):
        try:
            actions.settle_comment(self.comment, **self.by_and_on())
        except Refused as refused:
            messages.info(request, refused.message)
        else:
            messages.success(request, "Settled.")
        return redirect(self.address("plan_comments"))


class SayReady(OfVersion):
    page = "comments"
    title = "Say that this version is ready?"
    button = "It is ready"
    guidance = "The council reads that you find it ready to be sent. Sending it stays the council’s own step."

    def may_write(self):
        return self.can.advise

    def form(self, data=None):
        return forms.ReadyForm(data)

    def next_page(self):
        return self.address("plan_comments")

    def act(self, form):
        actions.say_ready(self.version, **form.cleaned_data, **self.by_and_on())
        return "The council now reads that it is ready."


class ShowSnapshot(View):
    """The plan exactly as it left the council, with its hash and how to check it."""

    http_method_names = ["get", "head", "options"]

    def get(self, request, reference):
        snapshot = _snapshot_of(request, reference)
        document = document_from_json(snapshot.content)
        version = snapshot.version
        can = queries.what_may_be_done(version, request.viewer)
        recorded = snapshot.content.get("check")
        points = from_json(recorded) if recorded and can.inside else None
        context = {
            "snapshot": snapshot,
            "version": version,
            "plan": version.plan,
            "council": version.plan.council,
            "document": document,
            "serves": shown.recommendations_served(document),
            "measured": shown.measures_by_key(document),
            "handed": [one for one in snapshot.handovers.all() if can.inside or one.to != Handover.To.LGA],
            "points": points,
            "held": sum(point.holds for point in points) if points else None,
            "can": can,
        }
        return render(request, "improvement/way_out/snapshot.html", context)


@require_safe
def snapshot_file(request, reference):
    """Give the snapshot as the very text that was hashed: the SHA-256 of the file is the hash."""
    snapshot = _snapshot_of(request, reference)
    response = HttpResponse(
        canonical(left_the_house(snapshot.content)), content_type="application/json; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{snapshot.reference}.json"'
    response["Cache-Control"] = "private, no-store"
    return response


def _snapshot_of(request, reference):
    theirs = Snapshot.objects.visible_to(request.viewer)
    return get_object_or_404(
        theirs.select_related("version__plan__council", "version__plan__case", "taken_by"),
        reference=reference,
    )
