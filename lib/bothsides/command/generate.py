"""bothsides generate and diff: configuration of other programs, made from the landscape.

A product is an entry in TREES: the folder and the function that makes its files.
"""

import os
from concurrent.futures import ThreadPoolExecutor

from bothsides.base.deadline import block_signals, unblock_signals
from bothsides.base.types import Callable, Iterable, Iterator, Mapping
from bothsides.command import check_options
from bothsides.generate import (
    ansible,
    director,
    icinga2,
    mesh,
    nagios,
    nrpe,
    prometheus,
    reflector,
    smokeping,
    ssh,
    tree,
)
from bothsides.generate.services import Run, services
from bothsides.generate.tree import File, Plan
from bothsides.generate.validate import VALIDATORS
from bothsides.generate.validator import NoVerdict, end_all
from bothsides.inventory import files
from bothsides.inventory.faults import Wrong, quoted, remedy_for
from bothsides.inventory.mesh import Mesh
from bothsides.plugin.parser import Namespace, Parser

TREES: Mapping[str, Callable[[Mesh, Run], Iterable[File]]] = {
    "ansible": ansible.files,
    "director": lambda mesh, run: director.files(mesh, run, check_options.tables()),
    "icinga2": lambda mesh, run: icinga2.files(mesh, run, check_options.tables()),
    "mesh": mesh.files,
    "nagios": nagios.files,
    "nrpe": nrpe.files,
    "prometheus": prometheus.files,
    "reflector": reflector.files,
    "smokeping": smokeping.files,
    "ssh": ssh.files,
}
"""What makes the files of each folder."""


def options(parser: Parser) -> None:
    """Adds the options of generate."""
    _common(parser)
    parser.add_argument("--to", metavar="DIR", required=True, help="where the folders are written")
    parser.add_argument(
        "--adopt", action="store_true", help="replace edited files and keep them as FILE.local"
    )
    parser.add_argument(
        "--prune", action="store_true", help="remove files that are no longer generated"
    )


def diff_options(parser: Parser) -> None:
    """Adds the options of diff."""
    _common(parser)
    parser.add_argument("to", metavar="DIR", help="where the folders were written")


def _common(parser: Parser) -> None:
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--only", metavar="LIST", help=f"some of: {','.join(TREES)}")


def run(arguments: Namespace) -> int:
    """Writes the trees, or says why not; prints a line for every file that changes."""
    made, plan = _planned(arguments)
    edited = plan.of("edited")
    if edited and not arguments.adopt:
        for line in tree.unified(plan, "edited"):
            print(line)
        for change in edited:
            print(f"{change.path}: edited or not ours; --adopt keeps it as {change.path}.local")
        return 3
    if plan.differs and not _valid(made, plan):
        return 3
    try:
        done = set(tree.write(plan, adopt=arguments.adopt, prune=arguments.prune))
    except tree.Refused as fault:
        raise Wrong(str(fault)) from None
    for change in plan.changes:
        if change.path in done:
            print(f"{change.path}: {'removed' if change.state == 'gone' else 'written'}")
        elif change.state == "gone":
            print(f"{change.path}: no longer generated; --prune removes it")
        elif change.state == "gone edited":
            print(f"{change.path}: no longer generated, and edited; remove it yourself")
    print(f"{arguments.to}: {len(plan.of('same'))} files as they were, {len(done)} changed")
    return 0


def run_diff(arguments: Namespace) -> int:
    """Prints what generate would change; returns 1 when it would change anything."""
    _, plan = _planned(arguments)
    for line in tree.unified(plan):
        print(line)
    return 1 if plan.differs or plan.of("gone", "gone edited") else 0


def _planned(arguments: Namespace) -> tuple[dict[str, list[File]], Plan]:
    """The files of each folder that has a validator, and what differs from the disk."""
    if not arguments.to:
        raise Wrong("the folder has no name", "give one, or . for this folder")
    folders = list(TREES) if arguments.only is None else arguments.only.split(",")
    for name in folders:
        if name not in TREES:
            raise Wrong(f"unknown folder {quoted(name)}", remedy_for(name, sorted(TREES)))
    whole = Mesh(files.load(arguments.file))
    run = services(whole)
    made: dict[str, list[File]] = {}

    def every() -> Iterator[File]:
        for name in folders:
            each = TREES[name](whole, run)
            if name in VALIDATORS:
                each = made[name] = list(each)
            yield from each

    source = os.path.basename(arguments.file)
    try:
        return made, tree.compare(every(), arguments.to, source=source, folders=folders)
    except tree.Refused as fault:
        raise Wrong(str(fault)) from None


def _valid(made: Mapping[str, list[File]], plan: Plan) -> bool:
    """Whether the products' validators accept the new files; prints what they complain about."""
    fine = True
    changed = {each.path.split("/")[0] for each in plan.of("new", "changed", "edited")}
    names = sorted(changed & set(made))
    if not names:
        return True
    with ThreadPoolExecutor(len(names)) as pool:  # each one waits for a program
        block_signals()  # else one that strikes while a thread starts would leave it alone
        try:
            try:
                waiting = pool.map(lambda name: _complaints(name, made[name]), names)
            finally:
                unblock_signals()
            complaints = list(waiting)
        except KeyboardInterrupt:
            end_all()  # else the pool would wait for their verdicts
            raise
    for name, lines in zip(names, complaints, strict=True):
        for line in lines:
            print(f"{name}: {line}")
            fine = False
    return fine


def _complaints(name: str, made: list[File]) -> list[str]:
    """What a product's validator complains about."""
    try:
        return VALIDATORS[name](made) or []
    except NoVerdict as fault:
        return [str(fault)]
