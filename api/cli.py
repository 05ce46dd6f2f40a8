"""The commands around the API, joined to those of the planner: serve, worker, keys, db."""

import os
from typing import Annotated

import typer

from api.clock import DAY_MS, now_ms, rfc3339
from api.settings import read_settings
from api.store import Store, open_store
from api.store.audit import Deed, note
from api.store.keys import SCOPES, create_key, list_keys, revoke_key
from api.store.migrate import check_schema, revision_of, upgrade
from routing.cli import main as run
from routing.cli import make_app
from routing.cli.console import leaving, print_json, print_text
from routing.cli.planning import JsonOption

DbOption = Annotated[
    str | None, typer.Option("--db", metavar="URL", help="Database; BANCHE_DB, or SQLite in the user's data folder.")
]
ScopeOption = Annotated[
    list[str], typer.Option("--scope", metavar="SCOPE", help=f"One of {', '.join(SCOPES)}; again for more.")
]


def register(whole: typer.Typer) -> None:
    """Add the commands of this module."""
    keys = typer.Typer(help="API keys.", no_args_is_help=True)
    keys.command("create", epilog="Example: banche keys create --scope plan:read --scope booking")(leaving(create))
    keys.command("list", epilog="Example: banche keys list")(leaving(show))
    keys.command("revoke", epilog="Example: banche keys revoke key_01J9Z3")(leaving(revoke))
    whole.add_typer(keys, name="keys")
    db = typer.Typer(help="The API's database.", no_args_is_help=True)
    db.command("upgrade", epilog="Example: banche db upgrade --db postgresql://banche@db/banche")(leaving(db_upgrade))
    whole.add_typer(db, name="db")


def main(arguments: list[str] | None = None) -> None:
    """Run the command line with every command there is; see `routing.cli.main` for its exit status."""
    run(arguments, app)


def create(
    scope: ScopeOption,
    name: Annotated[str, typer.Option("--name", help="Who uses it, for the list.")] = "unnamed",
    days: Annotated[int | None, typer.Option("--days", metavar="N", min=1, help="Days until it expires.")] = None,
    db: DbOption = None,
) -> int:
    """Make a key and print it, once and alone; only its digest is kept."""
    unknown = [word for word in scope if word not in SCOPES]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]} is none of {', '.join(SCOPES)}", param_hint="--scope")
    store, now = opened(db), now_ms()
    with store.write() as connection:
        until = None if days is None else now + days * DAY_MS
        key, secret = create_key(connection, name=name, scopes=scope, now=now, expires_at=until)
        note(connection, Deed(actor="cli", at=now), "key.create", key.key_id, scopes=" ".join(sorted(key.scopes)))
    store.close()
    print_text(secret)
    return 0


def show(db: DbOption = None, as_json: JsonOption = False) -> int:
    """List keys: id, name, scopes, dates; never the keys themselves."""
    store = opened(db)
    with store.read() as connection:
        keys = list_keys(connection)
    store.close()
    rows = [
        {
            "key_id": key.key_id,
            "name": key.name,
            "scopes": sorted(key.scopes),
            "created_at": rfc3339(key.created_at),
            "expires_at": None if key.expires_at is None else rfc3339(key.expires_at),
            "revoked_at": None if key.revoked_at is None else rfc3339(key.revoked_at),
        }
        for key in keys
    ]
    if as_json:
        print_json({"keys": rows})
        return 0
    for row, key in zip(rows, keys, strict=True):
        end = "revoked" if key.revoked_at else "expired" if not key.valid(now_ms()) else "valid"
        print_text(f"{key.key_id}  {end}  {' '.join(sorted(key.scopes))}  {row['created_at']}  {key.name}")
    return 0


def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id, as `keys list` tells it.")],
    db: DbOption = None,
) -> int:
    """End a key's validity; running servers hear of it within seconds."""
    store, now = opened(db), now_ms()
    with store.write() as connection:
        revoke_key(connection, key_id, now)
        note(connection, Deed(actor="cli", at=now), "key.revoke", key_id)
    store.close()
    print_text(f"revoked {key_id}")
    return 0


def db_upgrade(db: DbOption = None) -> int:
    """Bring the database to the newest schema; safe to run again, and by two at a time."""
    store = open_store(read_settings(os.environ, db=db).db)
    upgrade(store)
    store.close()
    print_text("the database is up to date")
    return 0


def opened(db: str | None) -> Store:
    """Return the store of a command: an empty database and the embedded one are brought up to date.

    Raises
    ------
    ApiError
        ``schema_outdated``, where a database of somebody else's would have to be changed.
    """
    store = open_store(read_settings(os.environ, db=db).db)
    try:
        with store.read() as connection:
            fresh = revision_of(connection) is None
        if fresh or store.dialect == "sqlite":
            upgrade(store)
        check_schema(store)
    except BaseException:
        store.close()
        raise
    return store


app = make_app()
register(app)
