"""`python -m chatforensics` is the command line."""

from chatforensics.cli import main

if __name__ == "__main__":
    main()
