"""The database itself puts nobody on a team of the council that employs them, or where they inspected or were the DfE's.

The last wall: the whole rule is asked by the action, under its locks.
"""

from django.db import migrations

HOST = (
    "SELECT kase.council_id FROM peer_reviews_peerreview review "
    "JOIN cases_case kase ON kase.id = review.case_id WHERE review.id = NEW.review_id "
    "UNION SELECT joint.council_id FROM peer_reviews_peerreview_joint_with joint "
    "WHERE joint.peerreview_id = NEW.review_id"
)
AT_HOME = (
    f"NEW.lent_by_id IN ({HOST}) "
    "OR EXISTS (SELECT 1 FROM peer_reviews_peerpost post WHERE post.peer_id = NEW.peer_id "
    f"AND post.council_id IN ({HOST}) AND (post.until_on IS NULL OR post.until_on > NEW.put_forward_on)) "
    "OR EXISTS (SELECT 1 FROM peer_reviews_tie tie WHERE tie.peer_id = NEW.peer_id "
    f"AND tie.kind IN ('inspected', 'dfe-adviser', 'commissioner') AND tie.council_id IN ({HOST}))"
)
MESSAGE = "a peer goes on no team of a council that is theirs"
NAME = "peer_reviews_teammember_not_at_home"

POSTGRESQL = f"""
CREATE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF {AT_HOME} THEN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER {NAME} BEFORE INSERT ON peer_reviews_teammember FOR EACH ROW EXECUTE FUNCTION {NAME}();
"""
SQLITE = (
    f"CREATE TRIGGER {NAME} BEFORE INSERT ON peer_reviews_teammember WHEN NEW.peer_id IS NOT NULL AND ({AT_HOME}) "
    f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
)


def put_up(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


def take_down(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "postgresql":
            cursor.execute(f"DROP TRIGGER IF EXISTS {NAME} ON peer_reviews_teammember")
            cursor.execute(f"DROP FUNCTION IF EXISTS {NAME}()")
        else:
            cursor.execute(f"DROP TRIGGER IF EXISTS {NAME}")


class Migration(migrations.Migration):
    dependencies = [("peer_reviews", "0003_lesson_words")]

    operations = [migrations.RunPython(put_up, take_down)]
