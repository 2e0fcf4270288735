"""The regulation as people look at it: every article with what carries it."""
