"""What people are told, and how it leaves the hub: rows written with the change, sent by workers afterwards."""
