"""From the inbox to a committed batch: `settle` (has a file held still?), `watch` (what lies in the inbox), `intake`
(keep the original, commit the batch, only then clear the inbox)."""
