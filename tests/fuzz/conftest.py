"""The school and its browsers, for uploads over HTTP."""

from tests.web.conftest import quick_hashes, school, template

__all__ = ["quick_hashes", "school", "template"]
