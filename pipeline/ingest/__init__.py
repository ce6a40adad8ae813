"""From the inbox to a committed batch: `watch` (what lies in the inbox), `settle` (has a file held still?), `profiles`
(which files belong together), `gather` (are they all there?), `intake` (keep the originals, commit the batch, and only then
clear the inbox)."""
