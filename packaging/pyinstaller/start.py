"""What the packaged program runs."""

import sys

from desktop_app.__main__ import main

sys.exit(main())
