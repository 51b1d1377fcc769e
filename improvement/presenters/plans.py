"""Words for plans and versions: where each stands, what is next, what it says."""

from dataclasses import dataclass

from cases.presenters import DONE, DUE, OVERDUE, QUIET, count_of, day_words
from improvement.forms.grid import label_sources
from improvement.models import ENABLERS as ENABLER_WORDS
from improvement.models import PlannedMeasure, PlanVersion
from improvement.presenters.checks import address

Standing = PlanVersion.Standing
TAGS = {
    Standing.DRAFTING: QUIET,
    Standing.FOR_APPROVAL: DUE,
    Standing.APPROVED: DONE,
    Standing.SHARED: DONE,
    Standing.SENT: DONE,
    Standing.ACCEPTED: DONE,
    Standing.RETURNED: OVERDUE,
}
ENABLERS = dict(ENABLER_WORDS)


@dataclass(frozen=True)
class VersionShown:
    version: PlanVersion
    name: str
    status: str
    tag: str
    dates: str


def version_shown(version):
    dates = [f"begun {day_words(version.begun_on)}"]
    if version.approved_on:
        by = f" by {version.approved_by}" if version.approved_by else ""
        dates.append(f"approved {day_words(version.approved_on)}{by}")
    return VersionShown(
        version,
        f"Version {version.number}",
        version.get_standing_display().lower(),
        TAGS[version.standing],
        ", ".join(dates),
    )


def latest_of_each(versions):
    """Return the latest of these versions of each plan, the newest plan first."""
    latest = {}
    for version in versions.order_by("-plan__begun_on", "-plan", "number").distinct():
        latest[version.plan_id] = version
    return list(latest.values())


def plans_shown(versions):
    """Return the plans of which these are the versions that the viewer may read, each by its latest."""
    return [version_shown(version) for version in latest_of_each(versions)]


def plans_heading(plans):
    if not plans:
        return "No improvement plan yet"
    if len(plans) == 1:
        return f"One plan: {plans[0].name.lower()} is {_stands(plans[0].version)}"
    in_work = sum(one.version.standing in (Standing.DRAFTING, Standing.FOR_APPROVAL) for one in plans)
    return f"{len(plans)} plans, {in_work or 'none'} in work"


STANDS = {
    Standing.DRAFTING: "being drafted",
    Standing.FOR_APPROVAL: "waiting for approval",
    Standing.APPROVED: "approved by the council",
    Standing.SHARED: "with the LGA adviser",
    Standing.SENT: "with Ofsted and the DfE",
    Standing.ACCEPTED: "accepted",
    Standing.RETURNED: "returned",
}


def _stands(version):
    return STANDS[version.standing]


def plan_heading(version):
    return f"Version {version.number} is {_stands(version)}"


LEDES = {
    Standing.DRAFTING: "Draft it, see what is not covered, then send it for approval.",
    Standing.FOR_APPROVAL: "It can’t change until it is approved or sent back.",
    Standing.APPROVED: "Updates run on it. Sharing it with the LGA adviser does not send it to Ofsted or the DfE.",
    Standing.SHARED: "Next come the adviser’s comments. Sharing did not send it to Ofsted or the DfE.",
    Standing.SENT: "Ofsted’s letter and the DfE’s response are awaited: only these make it accepted or returned.",
    Standing.ACCEPTED: "Updates report on it, period by period.",
    Standing.RETURNED: "Begin a new version to answer what was said. The statutory date has not moved.",
}
OWN = {
    Standing.APPROVED: "Updates run on it. It may be shared with the LGA adviser; nobody outside has to accept it.",
    Standing.SHARED: "Next come the adviser’s comments. Nobody outside the council has to accept it.",
}


def plan_lede(version):
    """Say what follows. Of a plan without an intervention nobody outside accepts it (rules, section 5, point 1)."""
    return (OWN if version.plan.case_id is None else LEDES).get(version.standing, LEDES[version.standing])


@dataclass(frozen=True)
class Way:
    words: str
    address: str


def next_steps(version, *, may_draft, may_approve, answers):
    """Return what this person can do next, the most urgent first. `answers`: how many recommendations it answers."""
    here = (version.plan.reference, version.number)
    steps = []
    if may_draft and version.can_change:
        if not answers:
            steps.append(("Choose what it answers", "plan_recommendations", here[:1]))
        steps += [
            ("Write its actions in the grid", "plan_grid", here),
            ("See what is not covered", "plan_coverage", here),
            ("Check that it is credible", "plan_check", here),
            ("Send it for approval", "plan_approval", here),
        ]
    elif may_approve and version.standing == Standing.FOR_APPROVAL:
        steps.append(("Approve it or send it back", "plan_approval", here))
    elif may_approve and version.standing == Standing.APPROVED:
        steps.append(("Share it with the LGA adviser", "plan_share", here))
    elif may_approve and version.standing == Standing.SHARED and version.plan.case_id:
        steps.append(("Send it to Ofsted and the DfE", "plan_send", here))
    if may_draft and version.approved_on:
        steps.append(("Begin a new version", "plan_version_new", here[:1]))
    return [Way(words, page) for words, name, args in steps if (page := address(name, *args))]


def ways(version, *, may_draft, reads_drafts, versions):
    """Return the ways to the plan's other pages, in groups (heading, [Way]): those alone that there are."""
    plan, here = (version.plan.reference,), (version.plan.reference, version.number)
    groups = [
        (
            "This version",
            [
                ("Read it", "plan_version", here),
                ("Coverage of the recommendations", "plan_coverage", here),
                ("Credibility check", "plan_check", here) if version.shows_advice else None,
                ("Comments", "plan_comments", here) if version.shows_advice else None,
                ("Letters", "plan_letter", here)
                if may_draft and version.standing in PlanVersion.SENT_ON
                else None,
                ("Compare versions", "plan_compare_choose", plan) if len(versions) > 1 else None,
                ("Download as a spreadsheet", "plan_sheet_out", here),
            ],
        ),
        (
            "The work",
            [
                ("Updates", "plan_updates", plan),
                ("Measures", "plan_measures", plan),
                ("Improvement board", "plan_board", plan),
                ("The council’s view and the adviser’s", "plan_views", plan),
            ],
        ),
    ]
    if may_draft:
        drafting = [
            ("Choose what it answers", "plan_recommendations", plan),
            ("Change how the plan works", "plan_change", plan),
        ]
        if version.can_change:
            drafting += [
                ("Why we are here", "plan_version_about", here),
                ("Measures of this version", "plan_version_measures", here),
                ("Risks", "plan_risks", here),
                ("Load it from a spreadsheet", "plan_sheet", here),
                ("Approval, step by step", "plan_approval", here),
            ]
        groups.insert(0, ("Drafting", drafting))
    found = []
    for heading, entries in groups:
        there = [Way(one[0], page) for one in entries if one and (page := address(one[1], *one[2]))]
        if there:
            found.append((heading, there))
    return found


# What a version says


def document_heading(document):
    actions, priorities = len(document.actions), len(document.priorities)
    said = f"{count_of(actions, 'action')} in {count_of(priorities, 'priority', 'priorities')}"
    return f"{document.title}: {said}"


@dataclass(frozen=True)
class ActionShown:
    action: object
    owner: str
    dates: str
    answers: str
    evidence: str
    attached: Way | None


def priorities_shown(document, pieces, *, may_attach):
    """Return (priority, its enabler in words, its actions) of a document, in order.

    `pieces`: {key of an action: how many pieces of its evidence the viewer may read}. The way to an action's evidence
    is there where there are some, or where the viewer may attach some.
    """
    labels = label_sources([(one.key, one.of, one.number) for one in document.recommendations])
    return [
        (
            priority,
            ENABLERS.get(priority.enabler, ""),
            [
                _action_shown(
                    action, labels, _attached(document, action, pieces.get(action.key, 0), may_attach)
                )
                for action in priority.actions
            ],
        )
        for priority in document.priorities
    ]


def _attached(document, action, pieces, may_attach):
    if not (pieces or may_attach):
        return None
    words = count_of(pieces, "piece of evidence", "pieces of evidence") if pieces else "Attach evidence"
    return Way(words, address("action_evidence", document.reference, action.key))


def _action_shown(action, labels, attached):
    kinds = [
        words
        for words, held in (
            ("measures", action.by_measures),
            ("case audit", action.by_audit),
            ("voice", action.by_voice),
        )
        if held
    ]
    return ActionShown(
        action,
        ", ".join(filter(None, (action.owner_post, action.owner_body))) or "no owner",
        _dates(action.start_on, action.due_on),
        ", ".join(label for key, label in labels.items() if key in action.recommendations)
        or (f"aim: {action.aim}" if action.aim else "nothing yet"),
        ", ".join(kinds),
        attached,
    )


def _dates(start, due):
    if start and due:
        return f"{day_words(start)} to {day_words(due)}"
    return f"by {day_words(due)}" if due else f"from {day_words(start)}, no due date" if start else "no dates"


def figure(number, unit=""):
    """Return a figure without needless zeros, its unit behind it; "" where there is none."""
    if number is None:
        return ""
    written = f"{number:f}"
    written = written.rstrip("0").rstrip(".") if "." in written else written
    return f"{written}{unit if unit == '%' else f' {unit}' if unit else ''}"


def measures_shown(document):
    """Return (measure, its baseline, its target, which way is better) of each measure of a document."""
    polarity = dict(PlannedMeasure.Polarity.choices)
    return [
        (
            one,
            _dated(figure(one.baseline, one.unit), one.baseline_on),
            _dated(figure(one.target, one.unit), one.target_on),
            polarity.get(one.polarity, ""),
        )
        for one in document.measures
    ]


def _dated(words, day):
    return f"{words} ({day_words(day)})" if words and day else words or "none"


def measures_heading(rows):
    bare = sum(one.baseline is None or one.target is None for one in rows)
    if not rows:
        return "No measures yet"
    said = count_of(len(rows), "measure")
    return (
        f"{said}, {bare} without a baseline or a target"
        if bare
        else f"{said}, each with a baseline and a target"
    )


def risks_heading(rows):
    return count_of(len(rows), "risk") if rows else "No risks yet"


# What has changed meanwhile


def measure_facts(current):
    return [
        ("Measure", current.name),
        ("Baseline", _dated(figure(current.baseline, current.unit), current.baseline_on)),
        ("Target", _dated(figure(current.target, current.unit), current.target_on)),
        ("Tolerance", figure(current.tolerance, current.unit) or "none"),
        ("Which way is better", current.get_polarity_display() or "not said"),
        ("Read", current.get_frequency_display()),
        ("Compared with", current.benchmark or "nothing"),
    ]


def action_facts(current):
    kinds = [
        words
        for words, held in (
            ("measures", current.by_measures),
            ("case audit", current.by_audit),
            ("voice", current.by_voice),
        )
        if held
    ]
    return [
        ("Action", current.text),
        ("How we shall know", current.success or "nothing"),
        ("Owner", ", ".join(filter(None, (current.owner_post, current.owner_body))) or "nobody"),
        ("Who reports on it", str(current.owner) if current.owner else "nobody"),
        ("Dates", _dates(current.start_on, current.due_on)),
        ("Answers", ", ".join(str(one.number) for one in current.recommendations.all()) or "none"),
        ("Aim", current.aim or "none"),
        ("Evidence", ", ".join(kinds) or "none"),
        ("Resources", current.resources or "nothing"),
    ]
