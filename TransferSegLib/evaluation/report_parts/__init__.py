"""Parts of a job's report, a file each: its figures by name, and the HTML that shows them."""
