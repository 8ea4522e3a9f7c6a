"""One workload played on two deployments, or on one and compared with a trace."""
