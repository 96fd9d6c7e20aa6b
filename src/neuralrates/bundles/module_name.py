"""Names of modules, as a manifest may have them."""

from typing import Annotated

from pydantic import Field

ModuleName = Annotated[str, Field(max_length=200, pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")]
