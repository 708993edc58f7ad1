"""`runfold bench`: separate processes over real JetStream with file storage."""
