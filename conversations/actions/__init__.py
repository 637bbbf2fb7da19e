"""What people do: one verb, one transaction, then the announcement. Never talks to a provider."""
