"""`python -m coldport` is `coldport`."""

import sys

from coldport.cli import main

sys.exit(main())
