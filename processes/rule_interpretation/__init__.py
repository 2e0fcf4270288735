"""Interpretation of the regulation itself (Art. 26): a question about an article, answered by the committee office."""
