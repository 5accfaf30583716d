"""The changed plugins' pages, really built and photographed."""
