"""The front door, and the only room that knows everyone: settings, application, pages, command line."""
