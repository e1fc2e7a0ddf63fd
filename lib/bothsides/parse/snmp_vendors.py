"""Which product an agent runs on, by sysObjectID; where its clock is, and what makes it appear.

Each row names the MIB that the variable is taken from and the devices that have it.
"""

from bothsides.base.types import NamedTuple
from bothsides.parse.snmp import Oid, Source, from_source

_ENTERPRISES: Oid = (1, 3, 6, 1, 4, 1)  # what sysObjectID begins with


class Vendor(NamedTuple):
    """The agents of one vendor."""

    enterprise: Oid  # behind 1.3.6.1.4.1; the longest that fits counts
    name: str
    clock: str  # what `-o auto` asks for, as `-o` takes it
    advice: str  # what to do where the agent shows no time


_NO_VIEW = "let the view of its SNMP community or user include"

VENDORS = (
    # CISCO-NTP-MIB: IOS, IOS XE, NX-OS. A stamp of NTP, finer than hrSystemDate, which IOS lacks
    Vendor(
        (9,),
        "Cisco",
        "cntpSysClock",
        f"configure ntp server, and {_NO_VIEW} ciscoNtpMIB (1.3.6.1.4.1.9.9.168)",
    ),
    # HOST-RESOURCES-MIB: Windows Server with the SNMP service; 8 octets, local time with tenths
    Vendor(
        (311,),
        "Windows",
        "hrSystemDate",
        "let the SNMP service run with its agent of HOST-RESOURCES-MIB",
    ),
    # PowerNet-MIB: Network Management Cards of UPSs and PDUs; date and time apart
    Vendor((318,), "APC", "mconfigClockTime", "ask for -o mconfigClockTime (PowerNet-MIB)"),
    # CPQPOWER-MIB: HP UPS Network Modules; one text, month first
    Vendor((232, 165), "HP UPS", "upsConfigDateAndTime", "ask for -o upsConfigDateAndTime"),
    # HOST-RESOURCES-MIB: ProLiant's agents stand beside that of the operating system
    Vendor((232,), "HP", "hrSystemDate", f"{_NO_VIEW} hrSystem (1.3.6.1.2.1.25.1)"),
    # XUPS-MIB: Eaton Powerware UPSs; one text, month first
    Vendor((534,), "Eaton", "xupsConfigDateAndTime", "ask for -o xupsConfigDateAndTime"),
    # the time zone MIB of FASTPATH below Dell's number: N-Series switches; date and time apart
    Vendor((674, 10895), "Dell", "agentSystemTime", "ask for -o agentSystemTime"),
    # HOST-RESOURCES-MIB: iDRAC and OMSA stand beside the agent of the operating system
    Vendor((674,), "Dell", "hrSystemDate", f"{_NO_VIEW} hrSystem (1.3.6.1.2.1.25.1)"),
    # HOST-RESOURCES-MIB as Junos has it
    Vendor(
        (2636,),
        "Juniper",
        "hrSystemDate",
        "Junos: set snmp view VIEW oid 1.3.6.1.2.1.25.1 include",
    ),
    # HOST-RESOURCES-MIB as net-snmp has it
    Vendor((8072,), "net-snmp", "hrSystemDate", ""),
    # the NTP MIB of ROAP switches, laid out as Cisco's
    Vendor((8886,), "Raisecom", "raisecomSysClock", "ask for -o raisecomSysClock"),
    # HOST-RESOURCES-MIB: RouterOS; mtxrDate of MIKROTIK-MIB is that of a GPS receiver only
    Vendor(
        (14988,),
        "MikroTik",
        "hrSystemDate",
        "RouterOS has hrSystemDate; mtxrDate is that of its GPS receiver",
    ),
    # HIK-DEVICE-MIB: cameras and recorders; one text, local time
    Vendor((39165,), "Hikvision", "hikSysTime", "ask for -o hikSysTime"),
)


def vendor_of(system: Oid) -> Vendor | None:
    """The vendor of an agent by its sysObjectID; None for one that is not listed."""
    if system[: len(_ENTERPRISES)] != _ENTERPRISES:
        return None
    number = system[len(_ENTERPRISES) :]
    fitting = [each for each in VENDORS if number[: len(each.enterprise)] == each.enterprise]
    return max(fitting, key=lambda each: len(each.enterprise), default=None)


def clock_of(system: Oid) -> Source | None:
    """Where an agent's clock is best read, None where nobody knows better than hrSystemDate."""
    vendor = vendor_of(system)
    if vendor is None or vendor.clock == "hrSystemDate":
        return None
    return from_source(vendor.clock)
