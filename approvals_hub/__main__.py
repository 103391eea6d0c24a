"""`python -m approvals_hub` is `approvals-hub`."""

from approvals_hub.cli.main import main

if __name__ == "__main__":
    main()
