"""The pages: the approver's app, and later the portal. Static files without a build; all data comes from the API."""
