"""What an AU did that cmi5 does not allow."""


class Cmi5Violation(Exception):
    """A request refused; `requirement` is the number of the rule in the specification's list of requirements.

    `status` is the HTTP status: 403, since what is right by xAPI is not allowed here; what xAPI itself refuses is 400.
    """

    def __init__(self, requirement: str, message: str, statement_id: str = "", status: int = 403) -> None:
        super().__init__(f"{message} (cmi5 {requirement})")
        self.requirement = requirement
        self.message = message
        self.statement_id = statement_id
        self.status = status
