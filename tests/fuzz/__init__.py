"""Broken and hostile diagrams, tables, forms and scripts: none executes, reads, connects, hangs or breaks us."""
