"""The ground under the rooms: database, people, clock, audit, refusals. It knows nothing of interviews."""
