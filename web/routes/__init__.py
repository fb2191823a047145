"""Pages and interfaces, one module per visitor: programs, citizens, officials."""

from web.routes import about, api, bot, desk, feeds, host, office, public, receipts, staff, supervise

ROUTES = (
    api.routes,
    public.routes,
    receipts.routes,
    bot.routes,
    about.routes,
    feeds.routes,
    staff.routes,
    office.routes,
    desk.routes,
    host.routes,
    supervise.routes,
)
"""Every route table of the application; a new module is added here."""
