"""Who sends parcels over the simulated lanes: their papers, and how they hand them to the site, as enterprises do."""
