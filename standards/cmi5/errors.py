"""What an AU did that cmi5 does not allow."""


class Cmi5Violation(Exception):
    """A request refused; `requirement` is the number of the rule in the specification's list of requirements.

    `status` is the HTTP status: 400 for a statement or document that is wrong in itself, 403 for one that the session
    does not allow now.
    """

    def __init__(self, requirement: str, message: str, statement_id: str = "", status: int = 400) -> None:
        super().__init__(f"{message} (cmi5 {requirement})")
        self.requirement = requirement
        self.message = message
        self.statement_id = statement_id
        self.status = status
