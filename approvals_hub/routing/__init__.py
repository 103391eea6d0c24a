"""Routing: who is told of a question, in which order, by what and when. Pure: nothing here reads or writes."""
