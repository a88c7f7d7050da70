"""The Chromium that tests and pictures are made with."""

import shutil

# The one without a window is the same browser, and opens a page in a third of the time. None of them: Playwright's own.
_PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PROGRAM = next(filter(None, map(shutil.which, _PROGRAMS)), None)
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--process-per-site",  # whoever comes back to a site from an empty page finds its process there
]
