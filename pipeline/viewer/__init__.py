"""Looking at what is filed: open pages, their pictures, files with their two sides. Pages are in `web.viewer`."""
