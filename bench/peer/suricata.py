"""Suricata: the flow records of its eve.json.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import json
import pathlib
import re
import tempfile

from tool import ByAddress, need, run

# All connections, those met in the middle too, and whatever their checksums.
SETTINGS = """\
%YAML 1.1
---
outputs:
  - eve-log:
      enabled: yes
      filetype: regular
      filename: eve.json
      types: [flow]
stream:
  midstream: true
  checksum-validation: no
"""

FIN, SYN, RST = 0x01, 0x02, 0x04


class Suricata(ByAddress):
    name = "Suricata"
    package = "suricata"
    about = (
        "`suricata -k none -r …` without rules, with `stream.midstream`: `tcp.state` of the flow "
        "records in `eve.json`, one for both ends, and the flags that it saw of each"
    )
    says = {
        "established": (
            "`tcp.state`: `syn_sent`, `syn_recv` no; `closed` after a RST and without a SYN of the "
            "server no; else yes; without SYN it does not say"
        ),
        "end": (
            "`tcp.state`: `time_wait`, `last_ack`, `closing` orderly; `closed` orderly, with a RST "
            "reset, with that and two FINs orderly or reset, with that and without a SYN of the "
            "server reset or refused; `fin_wait1`, `fin_wait2`, `close_wait` half-closed; "
            "`syn_sent` unanswered; `syn_recv` half-open; `established` open"
        ),
    }
    _ends = {
        "time_wait": {"orderly"},
        "last_ack": {"orderly"},
        "closing": {"orderly"},
        "fin_wait1": {"half-closed"},
        "fin_wait2": {"half-closed"},
        "close_wait": {"half-closed"},
        "syn_sent": {"unanswered"},
        "syn_recv": {"half-open"},
        "established": {"open"},
    }

    def version(self):
        need("suricata")
        return re.search(r"version (\S+)", run(["suricata", "-V"])).group(1)

    def records(self, capture):
        with tempfile.TemporaryDirectory(prefix="handshark-peer-") as name:
            folder = pathlib.Path(name)
            settings = folder / "settings.yaml"
            settings.write_text(SETTINGS, encoding="utf-8")
            run(["suricata", "-c", settings, "-S", "/dev/null", "-k", "none", "-l", folder,
                 "-r", str(capture)])  # fmt: skip
            written = folder / "eve.json"
            lines = written.read_text(encoding="utf-8").splitlines() if written.exists() else []
        flows = [json.loads(line) for line in lines]
        # They are written as they are forgotten, in no order.
        for flow in sorted(flows, key=lambda flow: flow.get("flow", {}).get("start", "")):
            if flow["event_type"] != "flow" or flow.get("proto") != "TCP":
                continue
            record = {"state": flow["tcp"].get("state", "none")}
            for side in ("ts", "tc"):
                record[side] = flow["tcp"].get(f"tcp_flags_{side}", "00")
            one = (flow["src_ip"], flow["src_port"])
            yield one, (flow["dest_ip"], flow["dest_port"]), record

    def read(self, record, case):
        state = record["state"]
        ours, theirs = int(record["ts"], 16), int(record["tc"], 16)
        either, both = ours | theirs, ours & theirs
        refused = state == "closed" and either & RST and not theirs & SYN
        answers = {}
        if either & SYN and state != "none":
            answers["established"] = {"no" if refused or state in ("syn_sent", "syn_recv") else "yes"}
        if state != "closed":
            answers["end"] = self._ends.get(state)
        elif not either & RST:
            answers["end"] = {"orderly"}
        elif refused:
            answers["end"] = {"reset", "refused"}
        else:
            answers["end"] = {"orderly", "reset"} if both & FIN else {"reset"}
        return answers

    def word(self, record):
        flags = int(record["ts"], 16) | int(record["tc"], 16)
        return record["state"] + (", RST" if flags & RST else "")
