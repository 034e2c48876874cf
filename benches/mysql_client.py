#!/usr/bin/env python3
"""What the replay of a MariaDB history costs beside the mariadb client.

    cargo build --release
    benches/mysql_client.py MIGRATIONS [ROLLPROOF]

MIGRATIONS holds folders with up.sql and down.sql (diesel). Both run up, down, up of each migration in turn on a server of
their own, with its files in memory. The client is timed twice: as one process that is fed everything, which tells what
the server alone takes, and as one process for each script, as a person would run them. Rollproof's time has its server's
start in it, and all the comparing. Medians of five, in one loop.
"""

import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

PRELUDE = "SET FOREIGN_KEY_CHECKS=0"


def timed(action):
    started = time.monotonic()
    action()
    return time.monotonic() - started


def main():
    folder = pathlib.Path(sys.argv[1])
    rollproof = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "target/release/rollproof").resolve()
    steps = [folder / name / f"{way}.sql" for name in sorted(p.name for p in folder.iterdir()) for way in ("up", "down", "up")]
    memory = "/dev/shm" if pathlib.Path("/dev/shm").is_dir() else None
    home = pathlib.Path(tempfile.mkdtemp(dir=memory))
    socket, data = home / "s", home / "data"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    install = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"]
    subprocess.run([*install, "--skip-test-db", "--user=root"], check=True, **quiet)
    server = ["mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={socket}", "--skip-networking", "--user=root"]
    running = subprocess.Popen([*server, "--innodb-flush-log-at-trx-commit=0"], **quiet)
    client = ["mariadb", f"--socket={socket}", "--user=root", "--force"]

    def empty():
        subprocess.run([*client, "-e", "drop database if exists b; create database b"], check=True, **quiet)

    def in_one():
        text = f"{PRELUDE};\n" + "".join(step.read_text() + "\n;\n" for step in steps)
        subprocess.run([*client, "b"], input=text, text=True, check=False, **quiet)

    def in_many():
        for step in steps:
            with step.open() as script:
                subprocess.run([*client, f"--init-command={PRELUDE}", "b"], stdin=script, check=False, **quiet)

    def check():
        with tempfile.TemporaryDirectory() as project:
            config = pathlib.Path(project) / "rollproof.yml"
            config.write_text(
                "databases:\n  - name: main\n    engine: mariadb\n"
                f"    migrations: {{format: diesel, path: '{folder.resolve()}'}}\n    prelude: ['{PRELUDE}']\n"
            )
            command = [rollproof, "check", "--provision", "local", "--only", "up,down,redo,descent", "--config", config]
            code = subprocess.run(command, cwd=project, check=False, **quiet).returncode
            if code not in (0, 1):
                sys.exit(f"rollproof could not check: exit {code}; run it by hand on {folder}")

    try:
        while subprocess.run([*client, "-e", "select 1"], check=False, **quiet).returncode:
            if running.poll() is not None:
                sys.exit("mariadbd did not start: run its command by hand")
            time.sleep(0.05)
        taken = {"one client": [], "a client for each script": [], "rollproof": []}
        for _ in range(5):
            empty()
            taken["one client"].append(timed(in_one))
            empty()
            taken["a client for each script"].append(timed(in_many))
            taken["rollproof"].append(timed(check))
        base = statistics.median(taken["one client"])
        for name, seconds in taken.items():
            median = statistics.median(seconds)
            print(f"{name:25} {median * 1000:7.0f} ms  {median / base:5.1f}")
    finally:
        running.terminate()
        running.wait()
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
