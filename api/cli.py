"""The commands around the API, joined to those of the planner: serve, worker, keys, db.

What they do stands in `api.commands` and is imported when it is needed: a planner's command does not
wait for a database's libraries.
"""

from pathlib import Path
from typing import Annotated

import typer

from routing.cli import main as run
from routing.cli import make_app
from routing.cli.console import leaving, print_json, print_text
from routing.cli.planning import JsonOption

MOST_DAYS = 36_500
LONGEST_NAME = 200
"""Of a key, as the column is wide."""

DbOption = Annotated[
    str | None, typer.Option("--db", metavar="URL", help="Database; BANCHE_DB, or SQLite in the user's data folder.")
]
ScopeOption = Annotated[
    list[str],
    typer.Option("--scope", metavar="SCOPE", help="plan:read, plan:write, booking or pii:read; again for more."),
]
HostOption = Annotated[str, typer.Option("--host", metavar="HOST", help="Address to listen on.")]
PortOption = Annotated[int, typer.Option("--port", metavar="PORT", min=0, max=65_535, help="Port; 0 for a free one.")]
WorkersOption = Annotated[
    int, typer.Option("--workers", metavar="N", min=0, help="Worker processes beside the server.")
]


def register(whole: typer.Typer) -> None:
    """Add the commands of this module."""
    whole.command(epilog="Example: banche serve --demo")(leaving(serve))
    whole.command(epilog="Example: banche worker --db postgresql://banche@db/banche")(leaving(worker))
    keys = typer.Typer(help="API keys.", no_args_is_help=True)
    keys.command("create", epilog="Example: banche keys create --scope plan:read --scope booking")(leaving(create))
    keys.command("list", epilog="Example: banche keys list")(leaving(show))
    keys.command("revoke", epilog="Example: banche keys revoke key_01J9Z3")(leaving(revoke))
    whole.add_typer(keys, name="keys")
    db = typer.Typer(help="The API's database.", no_args_is_help=True)
    db.command("upgrade", epilog="Example: banche db upgrade --db postgresql://banche@db/banche")(leaving(db_upgrade))
    db.command("backup", epilog="Example: banche db backup banche-2026-11-20.gz")(leaving(db_backup))
    db.command("restore", epilog="Example: banche db restore banche-2026-11-20.gz --db sqlite:///new.db")(
        leaving(db_restore)
    )
    whole.add_typer(db, name="db")


def main(arguments: list[str] | None = None) -> None:
    """Run the command line with every command there is; see `routing.cli.main` for its exit status."""
    run(arguments, app)


def serve(
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    db: DbOption = None,
    workers: WorkersOption = 1,
    demo: Annotated[
        bool, typer.Option("--demo", help="Load the embedded scenario, plan it if need be, and publish the plan.")
    ] = False,
) -> int:
    """Serve the API, with workers beside it."""
    from api.serving import serve as start  # noqa: PLC0415 - see above

    return start(host=host, port=port, db=db, workers=workers, demo=demo)


def worker(db: DbOption = None) -> int:
    """Run one worker process: leases jobs and does them, one at a time."""
    from api.serving import work  # noqa: PLC0415 - see above

    return work(db)


def create(
    scope: ScopeOption,
    name: Annotated[str, typer.Option("--name", help="Who uses it, for the list.")] = "unnamed",
    days: Annotated[
        int | None, typer.Option("--days", metavar="N", min=1, max=MOST_DAYS, help="Days until it expires.")
    ] = None,
    db: DbOption = None,
) -> int:
    """Make a key and print it, once and alone; only its digest is kept."""
    from api import commands  # noqa: PLC0415 - see above

    unknown = [word for word in scope if word not in commands.SCOPES]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]} is none of {', '.join(commands.SCOPES)}", param_hint="--scope")
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise typer.BadParameter(f"a name has 1 to {LONGEST_NAME} printable characters", param_hint="--name")
    print_text(commands.make_key(db, name=name, scopes=scope, days=days))
    return 0


def show(db: DbOption = None, as_json: JsonOption = False) -> int:
    """List keys: id, name, scopes, dates; never the keys themselves."""
    from api import commands  # noqa: PLC0415 - see above

    rows = commands.describe_keys(db)
    if as_json:
        print_json({"keys": rows})
        return 0
    for row in rows:
        print_text(f"{row['key_id']}  {row['state']}  {' '.join(row['scopes'])}  {row['created_at']}  {row['name']}")
    return 0


def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id, as `keys list` tells it.")],
    db: DbOption = None,
) -> int:
    """End a key's validity; running servers hear of it within seconds."""
    from api import commands  # noqa: PLC0415 - see above

    commands.end_key(db, key_id)
    print_text(f"revoked {key_id}")
    return 0


def db_upgrade(db: DbOption = None) -> int:
    """Bring the database to the newest schema; safe to run again, and by two at a time."""
    from api import commands  # noqa: PLC0415 - see above

    commands.upgrade_database(db)
    print_text("the database is up to date")
    return 0


def db_backup(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write.")],
    db: DbOption = None,
) -> int:
    """Write everything in the database, as it stands at one moment, into one file; servers may go on running."""
    from api import commands  # noqa: PLC0415 - see above

    print_text(f"wrote {commands.back_up(db, out):,} rows to {out}; keep the data keys elsewhere")
    return 0


def db_restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A file of `db backup`.")],
    db: DbOption = None,
) -> int:
    """Fill an empty database from a backup, of either kind of database."""
    from api import commands  # noqa: PLC0415 - see above

    print_text(f"restored {commands.restore(db, source):,} rows")
    return 0


app = make_app()
register(app)
