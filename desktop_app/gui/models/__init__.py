"""Lists that load page by page, so that ten thousand rows open as fast as ten."""
