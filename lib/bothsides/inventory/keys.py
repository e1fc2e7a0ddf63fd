"""The keys that a landscape may hold, table by table, and what kind of value each one takes."""

from bothsides.base.types import Literal, Mapping, NamedTuple

Kind = Literal[
    "address", "addresses", "argv", "command", "datacenter", "datacenters", "duration",
    "expression", "expressions", "flag", "limits", "loss", "moment", "name", "names", "networks",
    "option", "port", "rate", "section", "table", "template", "text", "texts", "ticket", "url",
    "whole", "word", "zone",
]  # fmt: skip


class Key(NamedTuple):
    """What a key's value must be."""

    kind: Kind
    words: tuple[str, ...] = ()  # of kind "word": those that are allowed


Keys = Mapping[str, Key]


def _keys(kind: Kind, names: str) -> dict[str, Key]:
    return {name: Key(kind) for name in names.split()}


def _word(words: str) -> Key:
    return Key("word", tuple(words.split()))


_COMMON: Keys = {
    "services": _word("host pair"),
    **_keys("duration", "every"),
    **_keys("limits", "warning critical"),
    **_keys("section", "auth"),
}
"""What every kind of measurement may say, beside the options of its check."""

OPTIONS: Mapping[str, Keys] = {
    "udp": {
        "protocol": _word("stamp echo mehsh"),
        **_keys("duration", "interval timeout"),
        **_keys("port", "port"),
        **_keys("whole", "packets flows size"),
        **_keys("option", "confidence dscp source"),
    },
    "path": {
        "engine": _word("auto mtr-packet mtr"),
        "asn": _word("dns"),
        **_keys("duration", "timeout keep"),
        **_keys("whole", "flows echoes"),
        **_keys("flag", "sticky perf_hops archive_tree"),
        **_keys("option", "as_file exchanges archive archive_name timeout_state"),
        **_keys("option", "expect_as forbid_as via ignore_hop equiv state_dir"),
    },
    "https": {
        "proxy_auth": _word("basic digest negotiate any"),
        **_keys("duration", "timeout interval window"),
        **_keys("port", "port"),
        **_keys("whole", "repeat parallel max_redirs maximum_validity"),
        **_keys("flag", "insecure leaf_only require_stapling linespan invert_regex no_body plain"),
        **_keys("option", "url hostname expect string header_string regex header_regex no_header"),
        **_keys("option", "json onredirect status_map certificate issuer fingerprint tls_min"),
        **_keys(
            "option", "tls_max refuse_tls http_version expect_http_version method content_type"
        ),
        **_keys("option", "useragent max_age pagesize max_body proxy noproxy source ca_cert"),
        **_keys("option", "all_addresses dns_canary timeout_state state_dir"),
    },
    "clock": {
        "local_sync": _word("require warn ignore"),
        "protocol": _word("1 2c 3"),
        **_keys("duration", "timeout precision"),
        **_keys("port", "port"),
        **_keys("whole", "retries"),
        **_keys("option", "oid timezone reference timeout_state state_dir"),
    },
    "analysis": _keys("duration", "cooldown limit keep"),
}
"""The options of each check that may stand in a landscape, with _ for their -."""

_MESH: Keys = {**_keys("rate", "rate"), **_keys("duration", "slice window")}

UDP: Keys = {**_COMMON, **OPTIONS["udp"], **_MESH}

TOPIC_KEYS: Mapping[str, Keys] = {
    "udp": UDP,
    "path": {**_COMMON, **OPTIONS["path"]},
    "https": {**_COMMON, **OPTIONS["https"]},
    "clock": {**_COMMON, **OPTIONS["clock"]},
    "analysis": OPTIONS["analysis"],
}

_TOPICS = _keys("table", "udp path https clock analysis")

_INHERITED: Keys = {
    "transport": _word("nrpe icinga ssh file none"),
    **_keys("datacenter", "datacenter"),
    **_keys("name", "provider network role through"),
    **_keys("text", "extra1 extra2 extra3"),
    **_keys("whole", "max_pps"),
    **_keys("names", "contacts"),
    **_keys("template", "notes_url action_url"),
    **_keys("flag", "disabled serverdensity_udp_agent"),
}
"""What a server may have from [defaults] and [[group]]."""

SERVER: Keys = {
    **_keys("name", "name identifier monitor"),
    **_keys("address", "ip trace_ip"),
    **_keys("addresses", "ips"),
    **_keys("names", "groups"),
    **_INHERITED,
    **UDP,
    **_TOPICS,
}

_WORK: Keys = {
    **_keys("expression", "from to"),
    **_keys("expressions", "except third"),
    **_keys("flag", "both allow_empty"),
    **_keys("name", "name"),
}

TABLES: Mapping[str, Keys] = {
    "landscape": {
        **_keys("whole", "version"),
        **_keys("text", "name"),
        **_keys("zone", "timezone"),
        **_keys("texts", "include"),
    },
    "defaults": {**_INHERITED, **UDP, **_TOPICS},
    "group": {
        **_keys("name", "name"),
        **_keys("expression", "match"),
        **_keys("flag", "allow_empty"),
        **_INHERITED,
        **UDP,
        **_TOPICS,
    },
    "server": SERVER,
    "provider": {
        "role": _word("us isp transit exchange cloud hoster tunnel"),
        "evidence": _word("plain hetzner aws"),
        **_keys("name", "name"),
        **_keys("networks", "networks"),
        **_keys("ticket", "ticket"),
    },
    "check": {**_WORK, **UDP, "check": _word("udp_ping http"), **_keys("url", "http_url")},
    "path": {**_WORK, **TOPIC_KEYS["path"]},
    "https": {**_WORK, **TOPIC_KEYS["https"]},
    "clock": {**_WORK, **TOPIC_KEYS["clock"]},
    "pair": {
        **_keys("expression", "from to"),
        **_keys("flag", "both allow_empty disabled"),
        **_keys("address", "ip"),
        **_keys("text", "reason"),
        **UDP,
        **_TOPICS,
    },
    "link": {**_keys("names", "between"), **_keys("texts", "via"), **_keys("flag", "private")},
    "analysis": {
        **_keys("expression", "from to"),
        **_keys("name", "name"),
        **_keys("loss", "min_loss"),
        **_keys("command", "command"),
        **_keys("argv", "argv"),
        **_keys("flag", "allow_empty path"),
        **OPTIONS["analysis"],
    },
    "escalation": {
        **_keys("datacenters", "between"),
        **_keys("names", "contacts"),
        **_keys("whole", "after"),
        **_keys("duration", "every"),
    },
    "maintenance": {
        **_keys("expression", "what"),
        **_keys("moment", "begin end"),
        **_keys("text", "reason"),
    },
}
"""Every table, its keys and their kinds."""

SINGLE = ("landscape", "defaults", "servers")
"""Tables that stand once, in single brackets."""

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "group": ("name",),
    "server": ("name", "ip"),
    "provider": ("name",),
    "check": ("from", "to", "check"),
    "path": ("from", "to"),
    "https": ("from", "to"),
    "clock": ("from", "to"),
    "pair": ("from", "to"),
    "link": ("between",),
    "analysis": ("from", "to", "name", "min_loss"),
    "escalation": ("between", "contacts"),
    "maintenance": ("what", "begin", "end"),
}
"""The keys that a table cannot do without."""

OF_TARGET = frozenset(
    ("port", "protocol", "warning", "critical", "url", "hostname", "oid", "timezone", "auth")
)
"""Settings of the far end: a pair takes them from its target, all others from its source."""

BUILT_IN: Mapping[str, Mapping[str, str | float]] = {
    "udp": {"rate": 40.0, "slice": 5.0, "timeout": 1.0, "window": 60.0, "protocol": "stamp"},
    "path": {"every": 300.0},
    "https": {"every": 300.0},
    "clock": {"every": 300.0},
    "analysis": {"cooldown": 120.0, "limit": 60.0, "keep": 1209600.0},
}
"""What holds when the landscape says nothing: seconds, packets/s, words."""

PORTS = {"stamp": 862, "echo": 7, "mehsh": 4232}
"""The UDP port of each protocol."""

SECRETS = frozenset(
    ("password", "passwd", "passphrase", "secret", "community", "token", "key", "psk")
    + ("credentials", "apikey", "authpasswd", "privpasswd", "authorization")
)
"""Words that make a key a secret, alone or as the last part of its name."""


def is_secret(key: str) -> bool:
    """Whether a key by its name holds a secret."""
    last = key.lower().replace("-", "_").rpartition("_")[2]
    return last in SECRETS or key.lower() in SECRETS
