"""Pages that ask one thing and do it, whatever it is about."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.generic import View

from cases.actions import Refused, Stale


class AskView(View):
    """Ask, act, go on. What is refused stands beside its field; what has become stale, beside what was typed.

    A subclass finds what it is about in `setup_for` (404, 403), makes the form, acts, and says where to go next.
    """

    template = "cases/ask.html"
    title = ""
    button = "Save"
    guidance = ""
    # Where a field of the form is not called as what the action takes.
    asked_as = {}

    def setup_for(self, request, **named):
        """Find what the page is about, for this viewer, or raise Http404 or PermissionDenied."""
        raise NotImplementedError

    def form(self, data=None):
        raise NotImplementedError

    def act(self, form):
        """Call the action with what the valid `form` gives, and return the message for the person."""
        raise NotImplementedError

    def next_page(self):
        raise NotImplementedError

    def form_as_it_is_now(self, typed, current):
        """Return the form with what was typed, to be sent again: about `current`, what is stale has become."""
        raise NotImplementedError

    def facts(self, current):
        """Return (name, words) of each thing that `current` says now."""
        raise NotImplementedError

    def context(self):
        """Return what the template needs besides the form."""
        return {}

    def dispatch(self, request, **named):
        self.setup_for(request, **named)
        return super().dispatch(request)

    def get(self, request):
        return self.ask(self.form())

    def post(self, request):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.ask(form)
        try:
            message = self.act(form)
        except Refused as refused:
            field = self.asked_as.get(refused.field, refused.field)
            form.add_error(field if field in form.fields else None, refused.message)
            return self.ask(form)
        except Stale as stale:
            return self.show_both(request, stale.current)
        messages.success(request, message)
        return redirect(self.next_page())

    def by_and_on(self):
        return {"by": self.request.viewer, "on": self.request.viewer.today}

    def ask(self, form, template=None, status=200, **more):
        context = {
            "form": form,
            "title": self.title,
            "button": self.button,
            "guidance": self.guidance,
            "cancel": self.next_page(),
            **self.context(),
            **more,
        }
        return render(self.request, template or self.template, context, status=status)

    def show_both(self, request, current):
        """Show what was typed beside what it has become; sending it again is then a decision."""
        form = self.form_as_it_is_now(request.POST.copy(), current)
        form.is_valid()
        return self.ask(form, "cases/changed_meanwhile.html", 409, facts=self.facts(current))
