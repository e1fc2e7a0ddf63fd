"""The name servers that this machine asks."""

from pathlib import Path

from bothsides.probe.net.name_servers import name_servers


def test_name_servers_come_from_resolv_conf(tmp_path: Path) -> None:
    file = tmp_path / "resolv.conf"
    file.write_text("# x\nnameserver 192.0.2.1\nsearch a\nnameserver 2001:db8::1\noptions x\n")
    assert name_servers(str(file)) == ("192.0.2.1", "2001:db8::1")
    assert name_servers(str(tmp_path / "gone")) == ()


def test_octets_that_are_no_text_harm_nothing(tmp_path: Path) -> None:
    file = tmp_path / "resolv.conf"
    file.write_bytes(b"\xff\xfe\nnameserver 192.0.2.1\n")
    assert name_servers(str(file)) == ("192.0.2.1",)
