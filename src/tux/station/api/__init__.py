"""The pages' content as JSON, for programs: one table makes the routes and their documentation."""
