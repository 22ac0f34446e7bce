"""Models at work: features out of the warehouse, trainings and scores back into it (the models are in `scoring`)."""
