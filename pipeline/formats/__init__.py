"""Files as they come and go: what a scan is and whether it is whole (`probe`), its pages as pixels (`rasterise`), and
searchable PDF/A (`searchable`). The home of pikepdf, pdf2image and Pillow; what the pixels mean is not known here."""
