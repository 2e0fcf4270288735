"""The command `mingtang`. What is refused goes to the standard error output, without a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import make_url, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from engine import (
    Actor,
    Definition,
    Instance,
    Version,
    archive,
    check_revision,
    files,
    head,
    migrate,
    moving,
    replay,
    size,
    verify,
)
from engine.clock import SHANGHAI
from engine.refusals import Broken, NotFound, Refusal
from engine.regulation import Judgement
from processes import catalogue as catalogues
from processes import demo as demo_school
from processes.attachments import Attachment
from processes.cases.demo import load_cases
from processes.disclosure.demo import load_matters
from processes.disclosure.matters import Matter
from processes.emergency.demo import load_incident
from processes.organisation import Organisation
from processes.periodic.demo import load_schedule
from processes.staged.demo import load_staged
from web import config, judging, procedures_folder, server, signing, wiring
from web.api import tokens
from web.auth import accounts
from web.regulation import tracing
from web.wiring import Parts

SYSTEM = "mingtang"
"""Who deploys and imports where no person is named."""
OPERATOR = Actor(SYSTEM, frozenset({("", "system_admin")}))
"""Whoever can run commands on the server."""
DEMO_PASSWORD = "mingtang-demo"


class Commands(click.Group):
    """Turns what we refuse into one line on the standard error output."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (Refusal, config.BadSetting) as refusal:
            raise click.ClickException(str(refusal)) from None
        except OperationalError as error:
            raise click.ClickException(f"The database does not answer: {error.orig}") from None
        except OSError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=Commands)
@click.version_option(package_name="mingtang")
def main() -> None:
    """Mingtang runs a regulation as BPMN diagrams."""


@main.command()
@click.option("--demo", "with_demo", is_flag=True, help="Load the demo school with people, catalogue and matters too.")
@click.pass_context
def init(context: click.Context, with_demo: bool) -> None:
    """Bring the database to this release and put the procedures in force. Safe to repeat; data stays."""
    parts = wiring.build(config.read())
    migrate(parts.database)
    _deploy_ours(parts)
    click.echo(f"The database is ready: {_shown(parts.settings.database_url)}")
    if with_demo:
        context.invoke(demo)


@main.command()
@click.option("--bind", help="HOST:PORT to listen on; default MINGTANG_BIND or 127.0.0.1:8000.")
@click.option("--with-scheduler", is_flag=True, help="Run the scheduler beside the server, in a process of its own.")
def serve(bind: str | None, with_scheduler: bool) -> None:
    """Serve the web pages."""
    settings = config.read()
    host, port = config.address(bind) if bind else settings.bind
    with _ready(wiring.build(settings)):
        pass
    server.run(settings, host, port, with_scheduler=with_scheduler)


@main.command()
def scheduler() -> None:
    """Fire timers and empty the outbox until stopped. Any number may run side by side."""
    with _ready(wiring.build(config.read())) as parts:
        click.echo("The scheduler is running.")
        server.schedule(parts.engine)


@main.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def deploy(folder: Path) -> None:
    """Check the diagrams, tables and forms in FOLDER and put them in force as a version."""
    with _ready(wiring.build(config.read())) as parts:
        version = parts.engine.deploy(procedures_folder.files_in(folder), SYSTEM)
        click.echo(f"{version.definition} version {version.number} is in force ({version.id[:12]}).")


@main.group()
def catalogue() -> None:
    """Bring the disclosure catalogue in and out."""


@catalogue.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--organisation", help="Code of the organisation; default the root of the tree.")
@click.option("--put-in-force", is_flag=True, help="Put the draft in force at once.")
def import_(file: Path, organisation: str | None, put_in_force: bool) -> None:
    """Import FILE (CSV, XLSX or DOCX in the annex layout) as a draft; list what was not understood."""
    with _ready(wiring.build(config.read())) as parts, parts.database.write() as session:
        owner = organisation or Organisation.root(session).code
        now = parts.clock()
        data = file.read_bytes()
        report = catalogues.import_catalogue(session, owner, file.name, data, by=SYSTEM, at=now)
        for each in report.unresolved:
            click.echo(f"row {each.seq or each.line} · {each.heading}: {each.text}")
        if put_in_force:
            report.version.put_in_force(session, by=SYSTEM, at=now)
        click.echo(
            f"Version {report.version.number} of {owner}: {len(report.rows)} rows, "
            f"{report.resolved_rows} understood wholly, {len(report.unresolved)} cells stay as written."
        )


@catalogue.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--organisation", help="Code of the organisation; default the root of the tree.")
def export(file: Path, organisation: str | None) -> None:
    """Write the catalogue in force to FILE, whose name ends in .xlsx or .docx."""
    kinds = {".xlsx": catalogues.export_xlsx, ".docx": catalogues.export_docx}
    if file.suffix.lower() not in kinds:
        raise click.BadParameter("the name must end in .xlsx or .docx", param_hint="FILE")
    with _ready(wiring.build(config.read())) as parts, parts.database.read() as session:
        owner = organisation or Organisation.root(session).code
        version = catalogues.CatalogueVersion.in_force(session, owner)
        if version is None:
            raise NotFound(what="catalogue in force of", key=owner)
        file.write_bytes(kinds[file.suffix.lower()](version))
        click.echo(f"Written: {file} ({len(version.items)} rows)")


@main.group("archive")
def archive_() -> None:
    """Move journals of finished matters out into a file, and back."""


@archive_.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Take what ended before this day.")
@click.option("--procedure", help="Only this procedure.")
@click.option("--keep", is_flag=True, help="Write the file and leave the journals here too.")
def archive_export(file: Path, before: datetime, procedure: str | None, keep: bool) -> None:
    """Write FILE, read it back, check it, then take what it holds out of the database."""
    if file.exists():
        raise click.BadParameter("there is such a file already", param_hint="FILE")
    with _ready(wiring.build(config.read())) as parts:
        day = before.replace(tzinfo=SHANGHAI)
        with parts.database.read() as session:
            ids = archive.finished(session, day, procedure)
        if not ids:
            raise archive.NothingFinished(before=before.date().isoformat())
        with file.open("xb") as target:
            told = archive.write(parts.engine, ids, target)
            target.flush()
            os.fsync(target.fileno())
        if not keep:
            with file.open("rb") as source:
                archive.move_out(parts.engine, source, file.name, SYSTEM)
        click.echo(f"{file}: {told.instances} journals, {told.entries} entries; digest {told.digest}")


@archive_.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def archive_import(file: Path) -> None:
    """Check FILE wholly, then bring its journals back; each must end at the hash that stayed here."""
    with _ready(wiring.build(config.read())) as parts, file.open("rb") as source:
        told = archive.take_in(parts.engine, source, file.name)
        click.echo(f"{file}: {told.instances} journals, {told.entries} entries are here; digest {told.digest}")


@main.command("migrate")
@click.argument("definition")
@click.option("--from", "before", type=int, help="Number of the version to move from; default every other one.")
@click.option("--to", "after", type=int, help="Number of the version to move to; default the one in force.")
@click.option("--dry-run", is_flag=True, help="Only tell what would differ.")
@click.option("--reason", default="mingtang migrate", help="Why; it is written into every journal.")
def migrate_(definition: str, before: int | None, after: int | None, dry_run: bool, reason: str) -> None:
    """Move what runs on other versions of DEFINITION to one version, instance by instance.

    The journal of each is carried out again there; what cannot have happened there stays, and is named.
    """
    with _ready(wiring.build(config.read())) as parts:
        with parts.database.read() as session:
            target = _version_of(session, definition, after)
            ids = _to_move(session, definition, target, before)
        refused = 0
        with click.progressbar(ids, label=f"{definition} → {target.number}", file=sys.stderr) as bar:
            for instance_id in bar:
                refused += not _move_one(parts, instance_id, target.id, dry_run, reason)
    click.echo(f"{len(ids) - refused} of {len(ids)} {'would move' if dry_run else 'moved'}, {refused} refused.")
    if refused:
        raise click.exceptions.Exit(1)


@main.command("replay")
@click.argument("instance")
def replay_(instance: str) -> None:
    """Execute INSTANCE (or the matter of that id) again from its journal and compare byte for byte."""
    with _ready(wiring.build(config.read())) as parts, parts.database.read() as session:
        matter = session.get(Matter, instance)
        done = replay(parts.engine, session, (matter and matter.instance_id) or instance)
        click.echo(f"{done.instance}: {done.entries} entries replay to the same bytes; head {done.head}")


@main.group("regulation")
def regulation_() -> None:
    """The regulation and what carries it."""


@regulation_.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path("docs"))
def trace(folder: Path) -> None:
    """Write traceability.md and its Chinese twin into FOLDER (default docs): article, rules, elements, forms, tests."""
    for language, name in tracing.PAGES.items():
        (folder / name).write_text(tracing.document(language), encoding="utf-8")
    click.echo(f"Written to {folder}; {len(tracing.uncarried())} articles without a carrier.")


@main.command("judge")
@click.argument("instance", required=False)
@click.option("--all", "everything", is_flag=True, help="Judge every instance; list what is broken.")
def judge_(instance: str | None, everything: bool) -> None:
    """Judge the history of INSTANCE (or the matter of that id) by the regulation, rule by rule."""
    if bool(instance) is everything:
        raise click.UsageError("Name an instance, or say --all.")
    with _ready(wiring.build(config.read())) as parts, parts.database.read() as session:
        if instance is not None:
            matter = session.get(Matter, instance)
            _tell_judgements(judging.of(session, parts, (matter and matter.instance_id) or instance))
            return
        count = broken = 0
        for key, found in judging.all_of(session, parts):
            count += 1
            wrong = [each for each in found if each.says == "broken"]
            broken += bool(wrong)
            for each in wrong:
                click.echo(f"{key}: {each.rule.id} broken at {_places(each.broken_at)}")
        click.echo(f"{count} instances judged, {broken} with a broken rule.")


def _tell_judgements(found: list[Judgement]) -> None:
    for each in found:
        shown = f" (entries {_places(each.positions)})" if each.positions else ""
        late = f" – broken at {_places(each.broken_at)}" if each.broken_at else ""
        click.echo(f"{each.says:<14} {each.rule.id:<34} {each.rule.basis} {each.rule.says.zh}{shown}{late}")


def _places(positions: list[int]) -> str:
    return ", ".join(map(str, positions))


@main.command("verify")
def verify_() -> None:
    """Walk every version, journal and stored file; name everything that is broken."""
    with _ready(wiring.build(config.read())) as parts:
        broken = [*_broken_journals(parts), *_broken_files(parts)]
    for found in broken:
        click.echo(str(found), err=True)
    if broken:
        raise click.ClickException(f"{len(broken)} broken.")
    click.echo("Everything holds.")


@main.group()
def token() -> None:
    """Let programs in, and shut them out."""


@token.command("create")
@click.argument("name")
@click.option("--message", "messages", multiple=True, help="A message it may deliver; * for every one. Repeatable.")
@click.option("--topic", "topics", multiple=True, help="A topic it may work on; * for every one. Repeatable.")
def create_token(name: str, messages: tuple[str, ...], topics: tuple[str, ...]) -> None:
    """Make a token for the program NAME and print it, this once."""
    with _ready(wiring.build(config.read())) as parts, parts.database.write() as session:
        click.echo(tokens.make(session, name, messages, topics, by=SYSTEM, at=parts.clock()).spelling)


@token.command("list")
def list_tokens() -> None:
    """Name, messages, topics and last use of every token."""
    with _ready(wiring.build(config.read())) as parts, parts.database.read() as session:
        for each in tokens.ApiToken.all(session):
            scope = [",".join(lines.split()) or "-" for lines in (each.messages, each.topics)]
            state = "revoked" if each.revoked_at else f"used {each.used_at:%Y-%m-%d %H:%M}Z" if each.used_at else "new"
            click.echo("\t".join([each.name, *scope, state]))


@token.command("revoke")
@click.argument("name")
def revoke_token(name: str) -> None:
    """Shut out the program NAME from now on."""
    with _ready(wiring.build(config.read())) as parts, parts.database.write() as session:
        tokens.revoke(session, name, by=SYSTEM, at=parts.clock())
        click.echo(f"{name} is shut out.")


@main.group()
def webhook() -> None:
    """Secrets with which webhooks are signed."""


@webhook.command("secret")
@click.argument("url")
@click.option("--renew", is_flag=True, help="Make a new one; the old one signs beside it for a day.")
def webhook_secret(url: str, renew: bool) -> None:
    """Print the secret for the server of URL."""
    with _ready(wiring.build(config.read())) as parts, parts.database.write() as session:
        if renew:
            signing.renew(session, url, by=SYSTEM, at=parts.clock())
        click.echo(signing.Signer(parts.settings.secret_key, parts.clock).secrets(session, url, parts.clock())[0])


@main.command()
def demo() -> None:
    """Load the demo school; a second time adds nothing. For trying out only."""
    with _ready(wiring.build(config.read())) as parts:
        stored = accounts.hashed(DEMO_PASSWORD)
        with parts.database.write() as session:
            demo_school.load(session, parts.clock(), lambda _login: stored)
        for load in (load_matters, load_cases, load_staged, load_incident, load_schedule):
            load(parts.engine)
    click.echo(f"Demo accounts (password of all: {DEMO_PASSWORD}):")
    for account in demo_school.ACCOUNTS:
        click.echo(f"  {account.login:<18} {account.name}\t{account.zh}")


def _version_of(session: Session, definition: str, number: int | None) -> Version:
    """A version of a procedure by its number; the one in force without."""
    found = session.get(Definition, definition)
    if found is None or not found.in_force:
        raise NotFound(what="procedure", key=definition)
    wanted = Version.number == number if number else Version.id == found.in_force
    version = session.scalar(select(Version).where(Version.definition == definition, wanted))
    if version is None:
        raise NotFound(what="version", key=str(number))
    return version


def _to_move(session: Session, definition: str, target: Version, before: int | None) -> list[str]:
    query = select(Version).where(Version.definition == definition, Version.id != target.id, Version.base.is_(None))
    versions = session.scalars(query.where(Version.number == before) if before else query).all()
    found = (moving.running(version.id).with_only_columns(Instance.id) for version in versions)
    return sorted(instance for each in found for instance in session.scalars(each))


def _move_one(parts: Parts, instance_id: str, version: str, dry_run: bool, reason: str) -> bool:
    """Move it, or only try; says what came of it."""
    try:
        if dry_run:
            with parts.database.write() as session:
                shown = moving.preview(parts.engine, session, instance_id, version)
            if shown.refusal:
                raise shown.refusal
            click.echo(f"{instance_id}: {_told(shown.difference)}")
        else:
            line = moving.move(parts.engine, instance_id, version, OPERATOR, reason)
            click.echo(f"{instance_id}: moved by entry {line.position}")
    except Refusal as refusal:
        click.echo(f"{instance_id}: {refusal}", err=True)
        return False
    return True


def _told(difference: Any) -> str:
    said = {"stays": difference.stays, "opens": difference.opened, "closes": difference.closed}
    return "; ".join(f"{word} {', '.join(elements)}" for word, elements in said.items() if elements) or "no task waits"


def _deploy_ours(parts: Parts) -> None:
    folders = list(procedures_folder.ours())
    with click.progressbar(
        folders, label="Procedures", item_show_func=lambda folder: folder.name if folder else None
    ) as bar:
        for folder in bar:
            _deploy_one(parts, folder)


def _deploy_one(parts: Parts, folder: Path) -> None:
    """Put our procedure in force, unless it is, or a version of somebody else's is: a designer's work stays."""
    ours = procedures_folder.files_in(folder)
    with parts.database.read() as session:
        definition = session.get(Definition, folder.name)
        version = session.get(Version, definition.in_force) if definition and definition.in_force else None
        is_kept = version is not None and (
            version.deployed_by != SYSTEM or files(session.connection(), version.id) == ours
        )
    if not is_kept:
        parts.engine.deploy(ours, SYSTEM)


def _broken_journals(parts: Parts) -> Iterator[Broken]:
    bar = click.progressbar
    with parts.database.read() as session, bar(verify(session), length=size(session), label="Journals") as walked:
        yield from (found for found in walked if found)


def _broken_files(parts: Parts) -> Iterator[Broken]:
    with parts.database.read() as session:
        digests = Attachment.digests(session)
    with click.progressbar(digests, label="Files") as bar:
        for digest in bar:
            for missing in parts.store.broken([digest]):
                yield Broken(what="file", key=missing, reason="it is missing or no longer what was kept")


@contextmanager
def _ready(parts: Parts) -> Iterator[Parts]:
    """The parts on a database of this very release; closed at the end."""
    revision = check_revision(parts.database)
    if revision != head():
        raise click.ClickException("The database is not at this release. Run: mingtang init")
    try:
        yield parts
    finally:
        parts.database.close()


def _shown(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)


if __name__ == "__main__":
    main()
