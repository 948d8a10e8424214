#!/usr/bin/env python3
"""Reads hostile files of 10 MB each, and of some kilobytes that unpack to more, and says what each of them costs.

    cargo build --release && python3 tools/bounds.py target/release/rundown

Ends with 1 when a call takes longer than 10 s or more than 2 GB, or ends with anything but 0, 2 or 3. Linux only.
"""

import gzip
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import zlib

SECONDS, MEGABYTES, SIZE = 10, 2_000, 10_000_000
HEADER = "scan,run_id,status,started_at,error_message\n"
ROW = "a,r-{n},Failed,2026-02-01T00:00:00Z,timed out\n"
OBJECT = '{{"scan":"a","run_id":"r-{n}","status":"Failed","started_at":"2026-02-01T00:00:00Z"}}'


def repeated(piece, head="", tail=""):
    """A text of about 10 MB."""
    if "{n}" in piece:
        count = SIZE // len(piece.format(n=100_000))
        return head + "".join(piece.format(n=n) for n in range(count)) + tail
    return head + piece * (SIZE // len(piece)) + tail


def packed(head, piece, times):
    """A text and so many pieces, as gzip. They are never in memory together: what this program holds would count."""
    packer = zlib.compressobj(wbits=31)
    parts = [packer.compress(head.encode())]
    parts += [packer.compress(piece.encode()) for _ in range(times)]
    return b"".join([*parts, packer.flush()])


FILES = {
    "clean rows.csv": lambda: repeated(ROW, HEADER),
    "rows of one field.csv": lambda: repeated("a\n", HEADER),
    "open quotation marks.csv": lambda: repeated('"a\n', HEADER),
    "badly doubled quotation marks.csv": lambda: repeated('"a""b,""c\n', HEADER),
    "one open mark, then good rows.csv": lambda: repeated(ROW, HEADER + '"a,b,Failed,2026-02-01,\n'),
    "text behind marks.csv": lambda: repeated('"a" b,r,Failed,2026-02-01,\n', HEADER),
    "one field.csv": lambda: HEADER + "a,r,Failed,2026-02-01," + "x" * SIZE + "\n",
    "a million columns.csv": lambda: "scan,status,started_at" + ",c{}" * 1_000_000 + "\n" + "a," * 1_000_000 + "\n",
    "blank lines.csv": lambda: repeated("\n", HEADER),
    "zero bytes.csv": lambda: repeated("\0", HEADER),
    "names that differ.csv": lambda: repeated("scan-{n},r-{n},Failed,2026-02-01T00:00:00Z,error in x{n}y\n", HEADER),
    "statuses that differ.csv": lambda: repeated("a,r-{n},s-{n},2026-02-01T00:00:00Z,\n", HEADER),
    "passwords.csv": lambda: repeated("a,r-{n},Failed,2026-02-01T00:00:00Z,pass" + "word=x{n};pass" + "word: 'y'\n", HEADER),
    "hostile rule text.csv": lambda: HEADER + "a,r,Failed,2026-02-01," + "; pwd=x " * (SIZE // 8) + "\n",
    "open braces.ndjson": lambda: repeated("{\n"),
    "open brackets.json": lambda: repeated("["),
    "trailing commas.json": lambda: repeated('{"a":1,}\n'),
    "keys twice.json": lambda: "[" + ",".join(['{"scan":"a","scan":"b"}'] * (SIZE // 24)) + "]",
    "nested.json": lambda: '{"value":' * 400_000 + "[]" + "}" * 400_000,
    "one string.json": lambda: '[{"scan":"' + "x" * SIZE + '"}]',
    "keys that differ.json": lambda: "{" + ",".join(f'"k{n}":1' for n in range(SIZE // 11)) + "}",
    "escapes.ndjson": lambda: repeated('{"scan":"\\u0000\\ud83d\\ude00\\u202e","status":"Failed","started_at":"2026-02-01"}\n'),
    "good lines.ndjson": lambda: repeated(OBJECT + "\n"),
    "unpacks to 600 MB.csv.gz": lambda: packed(HEADER + "a,r,Failed,2026-02-01,", "x" * 1_000_000, 600),
    "members without end.csv.gz": lambda: gzip.compress(HEADER.encode()) + gzip.compress(b"\n") * 400_000,
}


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    bad = 0
    print(f"{'file':<36} {'MB':>6} {'s':>6} {'MB used':>8}  exit")
    for name, make in FILES.items():
        with tempfile.TemporaryDirectory() as folder:
            content = make()
            path = pathlib.Path(folder, name)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            size = path.stat().st_size
            del content
            began = time.monotonic()
            command = [program, "report", name, "-o", "a.json", "-o", "a.html", "--rejects", "r.ndjson"]
            child = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            _, status, used = os.wait4(child.pid, 0)
            seconds, memory = time.monotonic() - began, used.ru_maxrss / 1_000
            code = os.waitstatus_to_exitcode(status)
            fine = seconds <= SECONDS and memory <= MEGABYTES and code in (0, 2, 3)
            bad += not fine
            print(f"{name:<36} {size / 1e6:>6.1f} {seconds:>6.2f} {memory:>8,.0f}  {code}{'' if fine else '  <-- too much'}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
