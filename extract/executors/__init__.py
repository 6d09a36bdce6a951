"""What Spark's executors do: Arrow batches in, Arrow batches out, and nothing else touched.

A task that is run again, after an executor was lost, returns the same rows. So
nothing is lost and nothing is there twice: what is counted is a row, too.
"""
