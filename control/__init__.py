"""Control of one site: the journal, the alarms, the HTTP border and what follows the journal."""
