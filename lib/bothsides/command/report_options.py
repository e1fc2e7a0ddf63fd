"""The options of bothsides report, and what they refuse."""

from bothsides.base.errors import Misuse
from bothsides.check.owner_files import add_owner_files
from bothsides.check.whose_fault.options import add_fetching
from bothsides.model.whose_fault import PROVIDERS
from bothsides.parse.text import from_duration
from bothsides.plugin.parser import Namespace, Parser, valued

_TICKET = 80  # characters


def options(parser: Parser) -> None:
    """Adds the options of report."""
    add = parser.add_argument
    add("start", nargs="?", default="", metavar="A", help="the host that checks")
    add("target", nargs="?", default="", metavar="B", help="the host that is checked")
    add("windows", nargs="*", metavar="WINDOW",
        help="before, during and after out of the runs of check_mtr_path to B that are stored"
        " here, in UTC: 16:15-16:20; one WINDOW is the incident alone; behind -- also -2h/-1h"
        " (default without evidence: the last incident)")  # fmt: skip
    add("--evidence", "--during", action="append", default=[], dest="evidence", metavar="PATH",
        help="a document of `bothsides evidence`, a --record file named FROM-to-TO.ANY.json,"
        " or a folder of them; repeatable")  # fmt: skip
    add("--before", action="append", default=[], metavar="PATH",
        help="the same from when all was well; repeatable")  # fmt: skip
    add("--after", action="append", default=[], metavar="PATH",
        help="the same from when it was over; repeatable")  # fmt: skip
    add("--third", action="append", default=[], metavar="NAME",
        help="a third host of the landscape that is asked; repeatable (default: all, eight at"
        " most)")  # fmt: skip
    add("--collect", action="store_true",
        help="let both ends of the landscape trace each other as --for asks for it: 200 packets"
        " (aws: 50) by ICMP and by TCP, in less than five minutes")  # fmt: skip
    add_fetching(add)
    add(
        "-t",
        "--timeout",
        type=valued(from_duration),
        default=0.0,
        metavar="TIME",
        help="how long hosts of the landscape are waited for (default 15s, with --collect 5min)",
    )
    add("--replay", default="", metavar="PAGE", help="judge the evidence of a report again")
    add("--html", default="", metavar="FILE", help="write the page; - is standard output")
    add("--text", default="", metavar="FILE", help="write the text (default: standard output)")
    add("--for", dest="provider", choices=PROVIDERS, default="plain",
        help="say what this provider asks for (default plain)")  # fmt: skip
    add("--ticket", default="", metavar="NUMBER", help="number of the provider's ticket")
    add("--no-redaction", action="store_true",
        help="show private addresses and names of third hosts (default: us-1 ...)")  # fmt: skip
    add_owner_files(parser)
    add("--state-dir", default="", metavar="DIR", help="where check_mtr_path remembers")


def check(arguments: Namespace) -> None:
    """Raises Misuse for values that no report can have, and for options that would do nothing."""
    if len(arguments.ticket) > _TICKET:
        raise Misuse(f"--ticket: at most {_TICKET} characters")
    given = (arguments.start, arguments.evidence, arguments.landscape, arguments.before,
             arguments.after, arguments.third)  # fmt: skip
    if arguments.replay and any(given):
        raise Misuse("--replay judges what is in the page: not with A and B or evidence")
    if arguments.start and arguments.start == arguments.target:
        raise Misuse(f"A and B are one host, {arguments.start[:60]}")
    if arguments.collect and not arguments.landscape:
        raise Misuse("--collect needs --landscape FILE, which says how both ends are asked")
    if arguments.evidence and arguments.collect:
        raise Misuse("--collect asks the hosts: not with --evidence")
    if arguments.evidence and (arguments.landscape or arguments.third):
        option = "--landscape" if arguments.landscape else "--third"
        raise Misuse(f"{option} asks hosts, --evidence reads files: give one of both")
    if arguments.third and not arguments.landscape:
        raise Misuse("--third needs --landscape FILE, which says how the host is asked")
    if (arguments.before or arguments.after) and not (arguments.evidence or arguments.landscape):
        option = "--before" if arguments.before else "--after"
        raise Misuse(f"{option} stands beside --evidence PATH or --landscape FILE")
