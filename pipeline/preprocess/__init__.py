"""From the pixels of a scan to upright page images: measure, decide and apply (`upright`), and clean for reading."""
