"""Prepare Superset's own database: tables, roles and the first administrator, in one process.

Run with Superset's Python and the environment that superset_config.py describes, plus
SUPERSET_ADMIN_PASSWORD. The same result as `superset db upgrade`, `superset init` and
`superset fab create-admin`, which start the application three times. Run it again at any time: a database
that this version of Superset has prepared is recognised without starting the application at all.
"""

import os
import sys
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import psycopg2
import psycopg2.extensions

ADMIN = "admin"
PASSWORD_LENGTH = 12


def stamp() -> str:
    return f"prepared by Creamery for Superset {version('apache-superset')}"


def is_prepared(metadata: psycopg2.extensions.connection) -> bool:
    """The stamp is written last, so an interrupted preparation is never taken for a finished one."""
    with metadata.cursor() as cursor:
        cursor.execute("select obj_description(to_regclass('public.alembic_version'), 'pg_class')")
        return bool(cursor.fetchone() == (stamp(),))


def write_stamp(metadata: psycopg2.extensions.connection) -> None:
    with metadata.cursor() as cursor:
        cursor.execute("comment on table public.alembic_version is %s", (stamp(),))


def prepare(password: str) -> None:
    """Start Superset once, migrate its tables, synchronise permissions and add the administrator."""
    import superset
    from superset.app import create_app

    app = create_app()
    with app.app_context():
        from flask_migrate import upgrade
        from superset import appbuilder, db, security_manager

        upgrade(directory=str(Path(superset.__file__).parent / "migrations"))
        app.sync_config_to_db()  # create_app skipped this: there were no tables yet
        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        if not security_manager.find_user(username=ADMIN):
            role = security_manager.find_role("Admin")
            user = security_manager.add_user(ADMIN, "Creamery", "Admin", "admin@localhost", role, password)
            if not user:
                sys.exit("Superset did not accept the administrator; its reason is in the log above.")
        db.session.commit()


def main() -> None:
    uri = os.environ.get("SUPERSET_METADATA_URI", "")
    password = os.environ.get("SUPERSET_ADMIN_PASSWORD", "")
    if len(password) < PASSWORD_LENGTH:
        sys.exit(f"Set SUPERSET_ADMIN_PASSWORD to at least {PASSWORD_LENGTH} characters.")
    try:
        metadata = psycopg2.connect(uri.replace("+psycopg2", ""))
    except psycopg2.Error as error:
        sys.exit(f"Cannot reach Superset's own database, see SUPERSET_METADATA_URI: {error}")
    with closing(metadata):
        metadata.autocommit = True
        with metadata.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(hashtext('creamery superset'))")
        if not is_prepared(metadata):
            prepare(password)
            write_stamp(metadata)
    print(f"Superset's database is ready ({stamp()}).")


if __name__ == "__main__":
    main()
