"""One command in a process of its own: prints its CPU time and its peak memory, as JSON."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys

from one_batch import peak_of

from cqp_forms.cli import main

with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.suppress(SystemExit):
    main()
told = {"cpu": sum(os.times()[:4]), "peak": peak_of(), "said": len(said.getvalue())}
sys.stdout.write(json.dumps(told))
