"""Keeping what is there: manifests, PDFs on the shelf, verify, backup, restore, and rows built again from the store."""
