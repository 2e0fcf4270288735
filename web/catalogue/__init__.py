"""The catalogue on pages: versions, their differences, rows and what they mean, files in and out (Art. 10)."""
