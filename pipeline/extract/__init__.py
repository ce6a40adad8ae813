"""From read pages to records: which pages make one document (`separate`), and what it says of itself (`fields`).

Pure functions over text, words and boxes: no database, no OCR calls.
"""
