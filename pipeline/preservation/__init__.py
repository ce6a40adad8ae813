"""Keep what is there: fixity, backup, restore, repair, export, and links between versions of scans."""
