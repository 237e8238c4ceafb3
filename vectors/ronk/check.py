"""Reads a store directory and checks all of it, changing nothing:

    python3 check.py DIR (--kek-file FILE | --passphrase-file FILE) [--anchor FILE] [--modes] [--strict]
    python3 check.py --backup FILE (--kek-file FILE | --passphrase-file FILE) [--strict]

Prints one JSON object; exit 0 when the store holds, 1 when it does not. Problems are what breaks
the format. Warnings are what an open would tidy up (a torn tail, a destruction cut short, files that
no line names); --strict makes them fail too. --modes checks owner, 0700 and 0600 as well.
"""

import argparse
import json
import os
import stat
import sys
import tempfile
from pathlib import Path

import ronk
from ronk import ALG_BY_NAME, KeyId, Kek, RonkError, sha256_hex, uuid_text


def check_store(directory, kek, anchor_data=None):
    result = {"ok": False, "problems": [], "warnings": []}
    problems, warnings = result["problems"], result["warnings"]
    try:
        store_data = (directory / "store.json").read_bytes()
        store_sha256 = sha256_hex(store_data)
        next_path = directory / "store.json.next"
        next_data = next_path.read_bytes() if next_path.exists() else None
        try:
            store, store_id, store_key = ronk.open_store_json(store_data, kek)
        except RonkError:
            # while a rewrap is cut short, the KEK may be the new one
            if next_data is None:
                raise
            store, store_id, store_key = ronk.open_store_json(next_data, kek)
        gen = store["gen"]
        anchor = ronk.open_anchor(anchor_data, store_key, store_id) if anchor_data is not None else None
        journal_data = (directory / f"g{gen}/journal.jsonl").read_bytes()
        try:
            journal = ronk.open_journal(journal_data, gen, store_key, store_id, store_sha256, anchor)
        except RonkError as e:
            if next_data is None or e.code != "Rollback":
                raise
            journal = ronk.open_journal(journal_data, gen, store_key, store_id, sha256_hex(next_data), anchor)
            warnings.append("a rewrap was cut short: store.json.next is the one that the journal names")
    except RonkError as e:
        problems.append({"code": e.code, "why": e.why})
        return result
    except OSError as e:
        problems.append({"code": "SealedCorrupt", "why": str(e)})
        return result

    if next_data is not None and not warnings:
        warnings.append("store.json.next is there, and the journal does not name it")
    if journal.torn_bytes:
        warnings.append(f"torn tail of {journal.torn_bytes} bytes")
    if journal.completed:
        warnings.append("the last line lacks its newline")
    result.update(store_id=uuid_text(store_id), gen=gen, kek=store["kek"]["kind"], anchor=journal.anchor_kind,
                  anchored=anchor is not None, lines=len(journal.lines), first_seq=journal.first_seq,
                  head_seq=journal.head_seq, head=journal.head, time_ms=journal.time_ms,
                  torn_bytes=journal.torn_bytes, completed=journal.completed)

    named, versions = set(), []
    for text in sorted(journal.versions):
        v = check_version(directory, gen, store_key, store_id, journal, text, named, warnings)
        if v["result"] != "ok":
            problems.append({"code": v["result"], "kid": text, "why": v.pop("why")})
        versions.append(v)
    result["versions"] = versions

    for path in sorted(p for p in directory.rglob("*") if p.is_file()):
        rel = path.relative_to(directory).as_posix()
        if rel in named or rel in ("store.json", "store.json.next", "lock", f"g{gen}/journal.jsonl") \
                or rel.startswith(("lost/", "archive/")):
            continue
        warnings.append(f"no line names {rel}")
    if gen > 1:
        result["archive"] = check_archive(directory, journal.came_from, warnings, problems)
    result["ok"] = not problems
    return result


def check_backup(data, kek):
    """Checks what a backup holds as a store directory, but for the journals of earlier generations."""
    try:
        files, _ = ronk.open_backup(data, kek)
    except RonkError as e:
        return {"ok": False, "problems": [{"code": e.code, "why": e.why}], "warnings": []}
    with tempfile.TemporaryDirectory() as directory:
        for path, content in files.items():
            target = Path(directory, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        result = check_store(Path(directory), kek)
    result["warnings"] = [w for w in result["warnings"] if not w.startswith("archive/")]
    return result


def check_version(directory, gen, store_key, store_id, journal, text, named, warnings):
    k, v = KeyId.parse(text), journal.versions[text]
    name = f"{uuid_text(k.uuid)}.v{k.version}"
    folder = f"g{gen}/keys/{name[:2]}"
    record_rel, pub_rel = f"{folder}/{name}.ronk", f"{folder}/{name}.pub"
    out = {"kid": text, "alg": k.alg, "state": v["state"], "latest": journal.latest(k.uuid) == k.version,
           "not_after_ms": v["not_after_ms"], "labels": v["labels"], "result": "ok"}

    def fail(why, code="SealedCorrupt"):
        out.update(result=code, why=why)
        return out

    if v["state"] == "destroyed":
        named.add(pub_rel)
        if (directory / record_rel).exists():
            named.add(record_rel)
            warnings.append(f"{text} is destroyed, its record is still there")
        if not (directory / pub_rel).exists():
            if ALG_BY_NAME[k.alg].public_len:
                warnings.append(f"{text} is destroyed and has no .pub")
            return out
        try:
            alg, created_at, not_after, uid, public, _, _ = ronk.parse_header((directory / pub_rel).read_bytes(), exact=True)
        except RonkError as e:
            return fail(f".pub: {e.why}")
        if alg.name != k.alg or uid != k.uuid or not_after != v["not_after_ms"]:
            return fail(".pub: alg, kid or not_after is not the line's")
        if v["public"] is not None and sha256_hex(public) != v["public"]:
            return fail(".pub: the public key is not the line's")
        out.update(created_at=created_at, public=public.hex() or None)
        return out

    named.add(record_rel)
    try:
        record = (directory / record_rel).read_bytes()
    except OSError as e:
        return fail(f"record: {e.strerror}")
    if sha256_hex(record) != v["record"]:
        return fail("record: its hash is not the line's")
    try:
        r = ronk.open_record(store_key, store_id, record, k)
    except RonkError as e:
        return fail(f"record: {e.why}", e.code)
    if r.not_after != v["not_after_ms"]:
        return fail("record: not_after is not the line's not_after_ms")
    if v["public"] is not None and sha256_hex(r.public) != v["public"]:
        return fail("record: the public key is not the line's")
    out.update(created_at=r.created_at, kind=r.kind, public=r.public.hex() or None, public_checked=r.public_checked)
    return out


def check_archive(directory, came_from, warnings, problems):
    """Earlier generations: the chain up to where the next one began. Their MACs may need a store key
    that is gone, so this is unauthenticated but for the hash at the end."""
    seen = []
    while came_from:
        gen, seq, head = came_from["gen"], came_from["seq"], came_from["head"]
        path = directory / f"archive/g{gen}.jsonl"
        if not path.exists():
            warnings.append(f"archive/g{gen}.jsonl is not there")
            break
        previous, found, first = None, False, None
        for raw in path.read_bytes().split(b"\n"):
            try:
                line = ronk.parse_canonical(raw)
                fits = previous is None or (line["prev"] == previous[1] and line["seq"] == previous[0] + 1)
            except (ValueError, KeyError, TypeError):
                fits = False
            if not fits:
                break
            first = first or line
            previous = (line["seq"], sha256_hex(raw))
            if previous == (seq, head):
                found = True
                break
        if not found:
            problems.append({"code": "SealedCorrupt", "why": f"archive/g{gen}.jsonl: its chain does not reach seq {seq}"})
            break
        seen.append({"gen": gen, "head_seq": seq})
        came_from = first.get("from")
    return seen


def check_modes(directory, problems):
    for path in [directory, *sorted(directory.rglob("*"))]:
        s = path.lstat()
        want = 0o700 if stat.S_ISDIR(s.st_mode) else 0o600
        if stat.S_ISLNK(s.st_mode):
            problems.append({"code": "Refused", "why": f"{path} is a symlink"})
        elif s.st_uid != os.geteuid() or stat.S_IMODE(s.st_mode) != want:
            problems.append({"code": "Refused", "why": f"{path}: mode {stat.S_IMODE(s.st_mode):04o}, uid {s.st_uid}"})


def main():
    p = argparse.ArgumentParser(description="Checks a store directory, changing nothing.")
    p.add_argument("directory", type=Path, nargs="?")
    p.add_argument("--backup", type=Path, help="check a backup instead of a directory")
    kek = p.add_mutually_exclusive_group(required=True)
    kek.add_argument("--kek-file", type=Path)
    kek.add_argument("--passphrase-file", type=Path)
    p.add_argument("--anchor", type=Path, help="the anchor file, if the store has one")
    p.add_argument("--modes", action="store_true", help="check owner and modes too")
    p.add_argument("--strict", action="store_true", help="fail on warnings")
    args = p.parse_args()
    if (args.directory is None) == (args.backup is None):
        p.error("give either a directory or --backup")
    try:
        if args.kek_file:
            given = Kek("keyfile", ronk.read_keyfile(args.kek_file.read_bytes()))
        else:
            given = Kek("passphrase", ronk.read_passphrase(args.passphrase_file.read_bytes()))
        anchor = args.anchor.read_bytes() if args.anchor else None
    except (OSError, ValueError) as e:
        sys.exit(f"check.py: {e}")
    try:
        if args.backup:
            result = check_backup(args.backup.read_bytes(), given)
        else:
            result = check_store(args.directory, given, anchor)
    except ronk.MissingArgon2 as e:
        sys.exit(f"check.py: {e}")
    if args.modes:
        check_modes(args.directory, result["problems"])
    result["ok"] = not result["problems"] and not (args.strict and result["warnings"])
    print(json.dumps(result, indent=1, ensure_ascii=True))
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
