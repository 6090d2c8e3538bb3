"""Commands about answers: past ones brought in, and the counts of all of them."""
