"""From an upright page image to words with boxes and confidences (`read`), and their layout object (`layout`)."""
