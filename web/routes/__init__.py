"""Pages and interfaces, one module per visitor: programs, citizens, officials."""

from web.routes import api, public, staff

ROUTES = (api.routes, public.routes, staff.routes)
"""Every route table of the application; a new module is added here."""
