"""Icinga's CheckCommands as the program prints them.

Every check, every option, and Icinga takes them.
"""

import re
import subprocess

from bothsides.command.check_options import checks
from bothsides.generate.icinga2_commands import variable_of
from bothsides.plugin.option_table import option_table
from tests.command.program import run
from tests.support import daemons, need
from tests.support.process import CHECKS

SERVICE = """
object Host "office" {
  check_command = "hostalive"
  address = "192.0.2.10"
}
apply Service "UDP loss" {
  check_command = "bothsides_udp_loss"
  vars.udp_loss_hostname = "$address$"
  assign where host.address
}
"""


def test_every_check_is_there_with_every_option_and_omits_figures_without_a_value() -> None:
    code, text = run("icinga-commands")
    assert code == 0
    assert sorted(checks()) == sorted(CHECKS)
    for plugin, check in checks().items():
        subject = plugin.removeprefix("check_")
        (block,) = re.findall(
            rf'^object CheckCommand "bothsides_{subject}" \{{\n(.*?)^\}}', text, re.M | re.S
        )
        assert f'command = [ PluginDir + "/{plugin}" ]' in block
        assert f'vars.{subject}_perfdata_missing = "omit"' in block
        for option in option_table(check):
            assert f"${variable_of(plugin, option.name)}$" in block, option.name


def test_icinga_takes_them_beside_its_own_without_a_warning() -> None:
    need.root()  # Icinga caches what it has read in a folder of the system's
    icinga = need.program("icinga2", "icinga2-bin")
    _, text = run("icinga-commands")
    with daemons.folder() as folder:  # Icinga reads it as a user of its own
        config = folder / "icinga2.conf"
        own = 'include "/etc/icinga2/constants.conf"\n' + "".join(
            f"include <{name}>\n" for name in ("itl", "plugins", "plugins-contrib", "manubulon")
        )
        config.write_text(own + text + SERVICE)
        user, group = daemons.daemon_user()
        whoever = ["-D", f"RunAsUser={user}", "-D", f"RunAsGroup={group}"]
        done = subprocess.run(
            [icinga, "daemon", "-C", *whoever, "-c", str(config)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout
    assert not re.findall(r"warning/(?!.*Ignoring.*\[root\]).*", done.stdout), done.stdout
