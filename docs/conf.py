"""The site: Markdown pages of this folder, and a reference made from the package's docstrings. `make docs` builds it."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "docs" / "_extensions")]

project = "neuralrates"
copyright = "the contributors of neuralrates"
version = release = re.findall(
    r'__version__ = "(.*)"', (ROOT / "src/neuralrates/__init__.py").read_text()
)[0]

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "checkout",
    "docstrings",
    "mathml",
]
exclude_patterns = ["_extensions", "templates", "render.py"]
html_theme = "furo"
html_title = "neuralrates"
html_static_path, html_css_files = ["_static"], ["doors.css"]
html_show_sourcelink = html_copy_source = False
html_theme_options = {"navigation_with_keys": True}
pygments_style, pygments_dark_style = "friendly", "github-dark"

myst_enable_extensions = ["colon_fence", "dollarmath", "attrs_block"]
myst_heading_anchors = 3

default_role = "code"  # docstrings write code in single backticks
add_module_names = False
maximum_signature_line_length = 72
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_class_signature = "mixed"
napoleon_google_docstring, napoleon_numpy_docstring = True, False
napoleon_custom_sections = [("Source", "notes_style"), ("Measure", "notes_style")]
napoleon_use_rtype = False
napoleon_use_admonition_for_examples = False
