#!/usr/bin/env python3
"""A status page for everybody out of a batch: one row for each host, without addresses and words.

bothsides batch checks.txt --submit - | status_page.py /var/www/status.html

Without results, as while the previous batch still runs, the page stays as it is.
"""

import html
import json
import os
import sys
import time

WORDS = ("up", "impaired", "down", "not known")
COLORS = ("#1a7f37", "#9a6700", "#b00020", "#57606a")
WORST = (2, 1, 3, 0)  # CRITICAL before WARNING before UNKNOWN before OK

if len(sys.argv) != 2:
    sys.exit("usage: status_page.py PAGE < results")
hosts: dict[str, list[int]] = {}
last = 0.0
for line in sys.stdin:
    result = json.loads(line)
    hosts.setdefault(result["host"], []).append(int(result["code"]))
    last = max(last, float(result["ended"]))
if not hosts:
    sys.exit("no results: the page stays as it is")
rows = [
    "<!DOCTYPE html><html lang='en'><meta charset='utf-8'><meta http-equiv='refresh' content='60'>",
    "<title>Status</title><h1>Status</h1><table>",
]
for host, codes in sorted(hosts.items()):
    code = next(each for each in WORST if each in codes)
    rows.append(f"<tr><td>{html.escape(host)}<td style='color:{COLORS[code]}'>{WORDS[code]}")
rows.append(f"</table><p>{time.strftime('%Y-%m-%d %H:%M:%S UTC', time.gmtime(last))}")
draft = f"{sys.argv[1]}.new"
with open(draft, "w", encoding="utf-8") as file:
    file.write("\n".join(rows) + "\n")
os.replace(draft, sys.argv[1])
