"""`python -m pipeline.cli`: the same as `abhilekh`."""

from pipeline.cli import main

main()
