"""The command line: run, doctor, keys, backup, restore, move."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from bot.settings import Settings, SettingsError, load
from store.errors import StoreError

T = TypeVar("T")
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Shipclerk.")
keys = typer.Typer(no_args_is_help=True, help="The keys of the vault.")
app.add_typer(keys, name="keys")


def _settings() -> Settings:
    try:
        return load()
    except SettingsError as error:
        raise _leave(str(error)) from None


def _leave(text: str) -> typer.Exit:
    typer.echo(text, err=True)
    return typer.Exit(1)


@app.command()
def run(port: Annotated[int, typer.Option(help="Port of the local workspace's page.")] = 0) -> None:
    """Run the bot: against Slack with tokens in the environment, else in a local workspace with a page."""
    from aiohttp import ClientError
    from slack_sdk.errors import SlackApiError

    from bot.logs import configure
    from bot.process import run as run_bot

    settings = _settings()
    configure(settings.log_level, settings.log_format)
    work = _run_locally(settings, port) if settings.local else run_bot(settings)
    try:
        asyncio.run(work)
    except (SettingsError, StoreError) as error:
        raise _leave(getattr(error, "safe_text", str(error))) from None
    except SlackApiError as error:
        raise _leave(f"Slack refused to let the bot in: {error.response.get('error', 'no reason given')}.") from None
    except ClientError as error:
        raise _leave(f"Slack could not be reached ({type(error).__name__}). Check SLACK_API_URL.") from None
    except OSError as error:
        raise _leave(f"Could not start: {error.strerror or type(error).__name__}.") from None


async def _run_locally(settings: Settings, port: int) -> None:
    from bot.bootstrap import Bot
    from bot.local import clock_of, local_world
    from bot.process import run as run_bot

    world, local = await local_world(settings, port)

    async def say_where(_bot: Bot) -> None:
        sys.stdout.write(f"\n  Shipclerk's local workspace: {world.slack_url}\n")
        sys.stdout.write("  Connect Quivo with API key demo-key, user name ada, password demo-pass.\n\n")
        sys.stdout.flush()

    try:
        await run_bot(local, say_where, now=clock_of(world))
    finally:
        await world.close()


@app.command()
def doctor() -> None:
    """Check settings, tokens, scopes, file modes, key ring and back ends; never print a secret."""
    from bot.doctor import examine

    settings = _settings()
    findings = asyncio.run(examine(settings))
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.what}: {finding.says}")
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


@app.command()
def commands() -> None:
    """Print the command reference."""
    from bot.reference import reference

    typer.echo(reference(), nl=False)


@app.command()
def webhook() -> None:
    """Print the path to register with Quivo for its webhooks, made from SHIPCLERK_WEBHOOK_SECRET."""
    from bot.settings import Mode, check
    from bot.webhook import webhook_path

    settings = _settings()
    secret = settings.webhook_secret.get_secret_value().strip()
    if not secret:
        raise _leave("Set SHIPCLERK_WEBHOOK_SECRET first: 32 characters or more that nobody can guess.")
    if settings.mode is not Mode.HTTP:
        raise _leave("Webhooks come by HTTP: set SHIPCLERK_MODE=http first.")
    try:
        check(settings)
    except SettingsError as error:
        raise _leave(str(error)) from None
    typer.echo(webhook_path(secret))


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="A new file, in a folder of your own (0700).")]) -> None:
    """Copy the database into a new file, while the bot may run, and rehearse that it can be restored."""
    from bot.keeping import backup as back_up
    from bot.keeping import is_good, told

    found = _store_work(lambda settings: back_up(settings, file))
    typer.echo(f"Backed up: {told(found)} The keys are not in it: keep them somewhere else.")
    if not is_good(found):
        raise _leave("Something is wrong with what was backed up. Look at `keys verify`, and keep earlier backups.")


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="A backup.")]) -> None:
    """Put a backup where SHIPCLERK_DATABASE says; never over a database that is there. It needs the vault's keys."""
    from bot.keeping import is_good, told
    from bot.keeping import restore as put_in_place

    found = _store_work(lambda settings: put_in_place(settings, file))
    typer.echo(f"Restored: {told(found)}")
    if not is_good(found):
        raise _leave(
            "It is in place, but not all of it can be used. Sealed values that failed need the keys that the backup "
            "was made with: set them, and run `keys verify`. With those lost everybody has to connect again."
        )


@app.command()
def move(
    to: Annotated[str, typer.Option(help="postgresql://name@host/database, or - to read it from standard input.")],
) -> None:
    """Carry the SQLite file over to an empty PostgreSQL database, with the bot stopped, and compare every row."""
    from bot.keeping import move as move_house

    address = sys.stdin.readline().strip() if to == "-" else to
    moved = _store_work(lambda settings: move_house(settings, address))
    typer.echo(f"Moved {sum(moved.values())} rows of {len(moved)} tables, each compared with the file's.")
    typer.echo("Set SHIPCLERK_DATABASE to the new address and start. The file stays as it was: delete it when content.")


@keys.command("new")
def new() -> None:
    """Print one new key and nothing else."""
    from store.keyring import new_key

    typer.echo(new_key())


@keys.command("rotate")
def rotate(plan: Annotated[bool, typer.Option("--plan", help="Only count; change nothing.")] = False) -> None:
    """Seal everything anew under the first key of the ring; can be stopped and run again."""
    from bot.keys import plan_rotation
    from bot.keys import rotate as rotate_all

    if plan:
        for key_id, count in sorted(_store_work(plan_rotation).items()):
            typer.echo(f"{key_id} {count}")
        return
    rotation = _store_work(rotate_all)
    typer.echo(f"sealed anew {rotation.done}, left {rotation.left}")
    raise typer.Exit(1 if rotation.left else 0)


@keys.command("verify")
def verify() -> None:
    """Open every sealed value with the ring, and count those that cannot be opened."""
    from bot.keys import verify as verify_all

    verification = _store_work(verify_all)
    typer.echo(f"opened {verification.opened}, failed {verification.failed}")
    raise typer.Exit(1 if verification.failed else 0)


def _store_work(work: Callable[[Settings], Coroutine[Any, Any, T]]) -> T:
    try:
        return asyncio.run(work(_settings()))
    except StoreError as error:
        raise _leave(error.safe_text) from None
