"""From a scanned file to upright page images: `rasterise`, then measure (`imaging`), decide and apply (`tidy`)."""
