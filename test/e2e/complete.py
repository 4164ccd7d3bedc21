"""Types a line and a tab into an interactive shell, as a person would: complete.py SETUP LINE WANTED SHELL WORDS...

SETUP is run first. Ends with 0 as soon as the terminal shows WANTED, with 1 after two minutes; prints what it showed.
"""
import os
import pty
import select
import sys
import time

setup, line, wanted, *shell = sys.argv[1:]
child, terminal = pty.fork()
if child == 0:
    os.environ.update(TERM="dumb", PS1="$ ", COLUMNS="1000")
    os.execvp(shell[0], shell)

shown = ""


def wait_for(text, deadline):
    global shown
    while text not in shown:
        ready, _, _ = select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return False
        try:
            shown += os.read(terminal, 65536).decode(errors="replace")
        except OSError:
            return False
    return True


deadline = time.monotonic() + 120
# In two halves, so that the echo of the command is not taken for its output.
os.write(terminal, f"{setup}; echo set-''up-done\n".encode())
found = wait_for("set-up-done", deadline)
if found:
    shown = ""
    os.write(terminal, f"{line}\t".encode())
    found = wait_for(wanted, deadline)
print(shown)
os.kill(child, 9)
sys.exit(0 if found else 1)
