"""What every HTTP border of ours does alike: what may come in, how errors leave, how a port is bound and served."""
