"""The HTTP border of control: the page, the API, the live stream."""
