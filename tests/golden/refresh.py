"""Renew the golden tables after a change that is meant to move results.

    python -m tests.golden.refresh

Look at the difference before committing it, and say in CHANGELOG.md that results move.
"""

from tests.golden.tables import FOLDER, write

if __name__ == "__main__":
    write()
    print(f"Renewed the tables in {FOLDER.name}; git diff shows what moved.")
