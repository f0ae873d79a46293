"""Files of leads, attempts and deals: read, checked and written row by row, the same however often they come."""
