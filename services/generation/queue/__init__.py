"""The queue of requests, as every worker on any machine sees it: taken, paced, saved."""
