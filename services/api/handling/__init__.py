"""What happens around every operation: who asks, how often, once only, in which thread; faults."""
