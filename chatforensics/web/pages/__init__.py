"""The pages, one file for each subject: what a request may ask for, and the answer."""
