"""What to trace and how, and every probe of one traced path with its reply or its silence."""

from bothsides.base.deadline import Stop
from bothsides.base.secret import Secret
from bothsides.base.types import Literal, NamedTuple
from bothsides.model.failure import Failure

ECHO = -1  # the "flow" of an echo request to the target itself

Outcome = Literal["reply", "expired", "refused", "silent"]
"""The target replied, a router reported the expired TTL or refused to forward, or silence."""


class ProbeResult(NamedTuple):
    """One probe and what came back."""

    flow: int  # number of the flow, or ECHO
    ttl: int  # hop at which it was to expire; 0: an echo request with a full TTL
    kind: Outcome
    host: str = ""  # address that answered; "" for silence
    rtt: float | None = None  # s; None for silence
    mpls: str = ""  # label,class,bottom,ttl of each label in the reply


LossDirection = Literal["out", "back", "both", "none", "unknown"]
"""On which way packets are lost; "none": as far as another measurement shows, on neither."""


class Reflection(NamedTuple):
    """What a reflector at the far end showed while the path was traced."""

    host: str  # the reflector as the plan names it
    port: int  # UDP port
    address: str = ""  # the address used; "" when none was found
    sent: int = 0  # packets
    answered: int = 0  # packets
    forward: tuple[int, int] | None = None  # packets lost forward, least and most; None: unknown
    backward: tuple[int, int] | None = None  # likewise on return
    delays: tuple[float, float] | None = (
        None  # s, least one-way delays, each with the clocks' offset
    )
    lasted: float = 0.0  # s, from the first packet to the end
    arrived: float | None = (
        None  # s since the target's last request at our reflector; None: unknown
    )
    trouble: str = ""  # why it was not asked
    age: float = 0.0  # s before the run; 0: measured during it


class Plan(NamedTuple):
    """Which path to trace, and how."""

    host: str  # the target as it was asked for: a name or an address
    family: int = 0  # 4, 6, or 0 for either
    engine: Literal["auto", "mtr-packet", "mtr"] = "auto"  # what probes
    program: str = ""  # absolute path of mtr or mtr-packet; "": the usual places
    flows: int = 6  # flows that are followed hop by hop
    echoes: int = 20  # echo requests that measure loss and delay of the target
    state_dir: str = ""  # where the memory lay, for readers of a record; `Past` decides
    state: Literal["rw", "ro", "off"] = "off"  # how it was used, for readers of a record
    report: str = ""  # file with a report of mtr to read instead of probing; "-": stdin
    ignored: tuple[int, ...] = ()  # TTLs that are not compared
    alike: tuple[tuple[str, str], ...] = ()  # pairs of addresses of one router
    direction: LossDirection = "unknown"  # of loss, where the operator knows it
    reflector: str = ""  # host whose reflector is asked for the direction; "": none
    reflector_port: int = 862  # its UDP port
    key: Secret = Secret("")  # of STAMP's authenticated mode, in hex; "" without one
    ssid: int = 0  # session identifier that goes with the key; 0: any
    local_address: str = ""  # to send from; "" for the kernel's choice
    lossy: bool = False  # whether another measurement lost packets, so that loss is to be located


class Run(NamedTuple):
    """All that happened while one path was traced."""

    subject: str  # host and address for line 1
    host: str  # as in the Plan
    target: str = ""  # address that was traced; "" when none was found
    source: str = ""  # address of this host towards the target
    aliases: tuple[str, ...] = ()  # every address that the name has now
    at: float = 0.0  # s, UTC, when the run began
    engine: str = ""  # what probed, in words
    fixed: bool = True  # whether the flows' ports were held fixed
    first: tuple[ProbeResult, ...] = ()  # first look at the whole path
    second: tuple[ProbeResult, ...] | None = None  # look that confirms; None: not needed, no time
    echoes: tuple[float | None, ...] = ()  # s, round trips of the target; None: lost
    segments: tuple[ProbeResult, ...] = ()  # probes that locate where loss begins
    ignored: tuple[int, ...] = ()  # as in the Plan; only records of version 0.1 have it
    alike: tuple[tuple[str, str], ...] = ()  # as in the Plan; only records of version 0.1 have it
    failure: Failure | None = None  # what kept us from tracing
    stopped: Stop | None = None  # why it ended early
    took: float = 0.0  # s
    systems: tuple[tuple[str, int], ...] = ()  # AS numbers that a report itself gives to addresses
    resolver: tuple[str, ...] = ()  # what is wrong with our resolver, though it found the names
    refusals: tuple[ProbeResult, ...] = ()  # answers to echo requests by routers that refuse
    gateway: bool = False  # whether this host forwards packets of others; asked when some are lost
    reflection: Reflection | None = None  # what the far end's reflector showed; None: not asked
    remembered: Reflection | None = None  # what check_udp_loss found lately; None: nothing
