"""Pages of lists that grow while somebody looks at them."""

from typing import Any

from django.core.paginator import Page, Paginator


class Pages(Paginator):
    """A page is as full as what there is when it is read: Django cuts it to what was counted a query before, so that a
    row which came in between would push another off the page."""

    def page(self, number: Any) -> Page:
        """Raises InvalidPage."""
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        return Page(self.object_list[start : start + self.per_page], number, self)
