"""Forms of a review's slides, report, its factual accuracy round, its publication and follow-up."""

from django import forms

from look.forms import DateField
from peer_reviews.actions.factual import LONGEST_COMMENT, LONGEST_REASON
from peer_reviews.actions.follow_up import LONGEST_TEXT
from peer_reviews.actions.reports import LONGEST_PARAGRAPH, LONGEST_TITLE
from peer_reviews.models import (
    FactualComment,
    Paragraph,
    Progress,
    ReportTemplate,
    ReviewFeedback,
    ReviewKind,
)

NO_CHILD = "Nothing that identifies a child: refer to a case by its reference only."


class EmptyForm(forms.Form):
    """Nothing to fill in: what is refused stands above it."""


class RevisionForm(forms.Form):
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, revision=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["revision"].initial = revision


class TitleForm(RevisionForm):
    title = forms.CharField(
        label="Title", max_length=LONGEST_TITLE, error_messages={"required": "Enter the title"}
    )

    def __init__(self, *args, report, **kwargs):
        super().__init__(*args, revision=report.revision, **kwargs)
        self.fields["title"].initial = report.title


class ParagraphForm(RevisionForm):
    kind = forms.ChoiceField(
        label="What it is",
        choices=Paragraph.Kind.choices,
        initial=Paragraph.Kind.TEXT,
        error_messages={"required": "Select what the paragraph is"},
    )
    text = forms.CharField(
        label="What it says",
        max_length=LONGEST_PARAGRAPH,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=NO_CHILD,
        error_messages={"required": "Enter what the paragraph says"},
    )
    after = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, paragraph=None, after=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["after"].initial = after
        if paragraph is not None:
            self.fields["kind"].initial = paragraph.kind
            self.fields["text"].initial = paragraph.text


class MoveForm(RevisionForm):
    where = forms.ChoiceField(
        label="Where to",
        choices=[("up", "Above the paragraph before it"), ("down", "Below the paragraph after it")],
        widget=forms.RadioSelect,
        error_messages={"required": "Select where it goes"},
    )


class SendForm(RevisionForm):
    comments_due_on = DateField(
        label="Comments until", error_messages={"required": "Enter the day until which the council comments"}
    )

    def __init__(self, *args, due, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["comments_due_on"].initial = due


class CommentForm(forms.Form):
    text = forms.CharField(
        label="What is not right",
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=f"Of its facts, and what would be right. {NO_CHILD}",
        error_messages={"required": "Enter what is not right"},
    )


class ChangeCommentForm(CommentForm, RevisionForm):
    def __init__(self, *args, comment, **kwargs):
        super().__init__(*args, revision=comment.revision, **kwargs)
        self.fields["text"].initial = comment.text


class AnswerForm(RevisionForm):
    answer = forms.ChoiceField(
        label="Is it accepted?",
        choices=FactualComment.Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether it is accepted"},
    )
    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"The council reads it. Needed unless the comment is accepted. {NO_CHILD}",
    )

    def __init__(self, *args, comment, **kwargs):
        super().__init__(*args, revision=comment.revision, **kwargs)
        self.fields["answer"].initial = comment.answer
        self.fields["reason"].initial = comment.reason
        self.fields["reason"].optional_is_said = True


class PublishForm(RevisionForm):
    published_on = DateField(
        label="Published on", error_messages={"required": "Enter the day on which it was published"}
    )
    url = forms.CharField(
        label="Where it is published",
        help_text="The whole address, such as https://www.example.org/peer-review",
        error_messages={"required": "Enter the address where it is published"},
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "url"}),
    )

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["published_on"].initial = today


class ProgressForm(forms.Form):
    answer = forms.ChoiceField(
        label="How much progress is there?",
        choices=Progress.Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select how much progress there is"},
    )
    text = forms.CharField(
        label="What was seen",
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=f"The council reads it. {NO_CHILD}",
        error_messages={"required": "Enter what was seen"},
    )
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, progress=None, **kwargs):
        super().__init__(*args, **kwargs)
        if progress is not None:
            self.initial = {
                "answer": progress.answer,
                "text": progress.text,
                "revision": progress.revision,
            }


class HeldForm(forms.Form):
    held_on = DateField(
        label="The follow-up was held on",
        error_messages={"required": "Enter the day on which it was held"},
    )

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["held_on"].initial = today


class FeedbackForm(forms.Form):
    """What somebody thought of a review: three ratings and two questions."""

    changed = forms.CharField(
        label="What has changed because of it?",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=NO_CHILD,
    )
    better = forms.CharField(
        label="What would have made it better?",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)
    field_order = ("useful", "well_run", "right_team", "changed", "better", "revision")
    ratings = (
        ("useful", "Was it useful?"),
        ("well_run", "Was it well run?"),
        ("right_team", "Was the team the right one?"),
    )

    def __init__(self, *args, said=None, **kwargs):
        super().__init__(*args, **kwargs)
        for name, label in self.ratings:
            self.fields[name] = forms.TypedChoiceField(
                label=label,
                coerce=int,
                choices=ReviewFeedback.Rating.choices,
                widget=forms.RadioSelect,
                error_messages={"required": f"Select: {label[:1].lower()}{label[1:]}"},
            )
        self.order_fields(self.field_order)
        if said is not None:
            self.initial = {name: getattr(said, name) for name in self.field_order}


class TemplateForm(forms.Form):
    use = forms.ChoiceField(
        label="What is it for?",
        choices=ReportTemplate.Use.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select what it is for"},
    )
    kind = forms.ModelChoiceField(
        label="Kind of review",
        queryset=ReviewKind.objects.none(),
        required=False,
        empty_label="All kinds",
        help_text="One for a kind is used before one for all kinds.",
    )
    name = forms.CharField(
        label="Name", max_length=120, required=False, help_text="Blank: the file’s own name."
    )
    upload = forms.FileField(
        label="File",
        help_text="A Word document (docx), or for slides a PowerPoint presentation (pptx), without macros.",
        error_messages={"required": "Choose a file", "empty": "This file is empty. Choose another"},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].queryset = ReviewKind.objects.all()
        self.fields["kind"].optional_is_said = True
