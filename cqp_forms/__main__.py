"""``python -m cqp_forms``."""

from cqp_forms.cli import main

if __name__ == "__main__":
    main()
