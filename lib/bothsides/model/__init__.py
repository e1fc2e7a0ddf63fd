"""Plan, Run and their parts for each subject: data only."""
