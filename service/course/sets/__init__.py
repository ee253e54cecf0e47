"""The problem sets of a course: versions, policies, feedback, previews."""
