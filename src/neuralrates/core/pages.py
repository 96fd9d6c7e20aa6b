"""Pages of HTML that need nothing else: templates, and one style for all of them, light and dark."""

import jinja2


def page_environment(package: str) -> jinja2.Environment:
    """Templates of a package, with the style that pages share as `page.css`.

    Args:
        package: in whose folder `templates` they are

    Returns:
        An environment that escapes what it is given, and stops at a name that it is not given.

    Example:
        >>> from neuralrates.core.pages import page_environment
        >>> page = page_environment("neuralrates.desk.report").from_string('{% include "page.css" %}{{ name }}')
        >>> style, _, name = page.render(name="<Smith>").rpartition("}")
        >>> name.strip(), "prefers-color-scheme: dark" in style
        ('&lt;Smith&gt;', True)
    """
    own = jinja2.PackageLoader(package, "templates")
    shared = jinja2.PackageLoader("neuralrates.core", "page_style")
    return jinja2.Environment(
        loader=jinja2.ChoiceLoader([own, shared]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
