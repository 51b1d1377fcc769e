"""Made updates, written straight into the tables: for tests about what becomes of one."""

from datetime import date

from improvement.models import ActionReport, MeasureReport, PriorityReport, Update

NOVEMBER = date(2026, 11, 2)


def make_update(
    version, period_on, *, submitted_on=None, number=1, priorities=(), actions=(), measures=(), **more
):
    """Return the update of a period: `priorities`, `actions` and `measures` give the values of each one's report.

    They go to the version's own in its order; None leaves one out. Without `submitted_on` it is a draft.
    """
    update = Update.objects.create(
        plan=version.plan,
        version=version,
        period_on=period_on,
        number=number,
        due_on=period_on,
        opened_on=period_on,
        **more,
    )
    for planned, values in zip(version.priorities.all(), priorities, strict=False):
        if values is not None:
            PriorityReport.objects.create(update=update, priority=planned.priority, **values)
    for planned, values in zip(version.actions.order_by("pk"), actions, strict=False):
        if values is not None:
            ActionReport.objects.create(update=update, action=planned.action, **values)
    for planned, values in zip(version.measures.all(), measures, strict=False):
        if values is not None:
            MeasureReport.objects.create(update=update, measure=planned.measure, **values)
    if submitted_on is not None:
        Update.objects.filter(pk=update.pk).update(
            standing=Update.Standing.SUBMITTED, submitted_on=submitted_on, content={}, digest="x" * 64
        )
        update.refresh_from_db()
    return update
