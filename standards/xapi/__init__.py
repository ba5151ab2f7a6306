"""The Experience API: xAPI 1.0.x (its first name was Tin Can) and 2.0 (IEEE 9274.1.1).

`accepts`, `parse`, `navigate`, `launch`, `accept` and `record` satisfy `standards.registry.Standard` for Tin Can
packages; `record_statement` rolls up what their content reports, `rebuilt` does so anew once a statement is voided.
What a statement may be: statements.py and its neighbours.
"""

from .navigation import accept, launch, navigate, record
from .package import accepts, parse
from .results import begin_with, rebuilt, record_statement

__all__ = ["accept", "accepts", "begin_with", "launch", "navigate", "parse", "rebuilt", "record", "record_statement"]
