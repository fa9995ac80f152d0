"""This is where whoever holds an evidence file recomputes its hashes: `python verify.py [evidence.json] [head hash]`.

It needs nothing but Python. Of each entry it hashes the words, links them to the hash before, and follows the digests of the
entries behind it to the end of its block. Given a head hash that was written down elsewhere, it also compares that one.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any


def link(prev: str, digest: str) -> str:
    """hash = SHA-256(previous hash ‖ SHA-256(body))."""
    return hashlib.sha256(bytes.fromhex(prev) + bytes.fromhex(digest)).hexdigest()


def digest_of(entry: dict[str, Any]) -> str:
    """SHA-256 of the entry's canonical JSON."""
    words = {
        "about": entry["about"],
        "content": entry["content"],
        "event": entry["event_id"],
        "seq": entry["seq"],
        "told_at": entry["told_at"],
        "type": entry["type"],
    }
    plain = json.dumps(words, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def wrong(evidence: dict[str, Any], head: str = "") -> list[str]:
    """What does not add up; nothing if all does."""
    found = []
    ledger = evidence["ledger"]
    for entry in ledger["entries"]:
        made = link(entry["prev"], digest_of(entry))
        if made != entry["hash"]:
            found.append(f"entry {entry['seq']} is not what was written")
        for digest in entry["path"]:
            made = link(made, digest)
        if made != entry["block_hash"]:
            found.append(f"entry {entry['seq']} does not lead to its block's hash")
    if head and head != ledger["head"]["hash"]:
        found.append("the head is another than the one written down")
    return found


if __name__ == "__main__":
    said = sys.argv[1:] + ["evidence.json", ""][len(sys.argv) - 1 :]
    faults = wrong(json.loads(Path(said[0]).read_text(encoding="utf-8")), said[1])
    print("\n".join(faults) or "All entries are as they were written.")  # noqa: T201 - it is a program
    sys.exit(1 if faults else 0)
