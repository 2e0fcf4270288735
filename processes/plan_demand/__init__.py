"""The demand for a plan (Art. 11(1)): what should be disclosed and was not proposed."""
