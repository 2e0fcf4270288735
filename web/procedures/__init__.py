"""The procedures in force: their diagrams, decision tables, forms and steps, for whoever looks after them."""
