"""GOV.UK form controls for Panel: the same markup and style sheet as the plain pages."""

from portal.components.select import Select

__all__ = ["Select"]
