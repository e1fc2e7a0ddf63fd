"""Which certificates are trusted."""

from pathlib import Path

import pytest

from bothsides.base.errors import Unable
from bothsides.probe.https.ca_bundle import find


def test_the_bundle_is_the_named_one_then_the_environments_then_the_systems(tmp_path: Path) -> None:
    there, empty = tmp_path / "ca.pem", tmp_path / "empty"
    there.write_text("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")
    empty.write_text("")
    gone = str(tmp_path / "gone")
    assert find(str(there), {}) == str(there)
    assert find("", {"SSL_CERT_FILE": str(there)}) == str(there)
    assert find("", {}, (gone, str(there))) == str(there)
    for named, environment in ((gone, {}), ("", {"CURL_CA_BUNDLE": gone}), ("", {})):
        with pytest.raises(Unable, match="gone"):
            find(named, environment, (gone,))
    for nothing in (str(empty), str(tmp_path)):  # a file, and a folder without hashed names
        with pytest.raises(Unable, match="holds no certificate"):
            find(nothing, {})
    with pytest.raises(Unable, match=r"the system's CA bundle .*empty holds no certificate"):
        find("", {}, (str(empty),))
    (tmp_path / "0123abcd.0").symlink_to(there)
    assert find("", {"SSL_CERT_DIR": str(tmp_path)}, (gone,)) == str(tmp_path)
